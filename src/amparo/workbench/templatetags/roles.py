"""Roles in words."""

from django import template
from django.utils.functional import Promise

from amparo.accounts.permissions import ROLE_NAMES, Role

register = template.Library()


@register.filter
def role_name(value: str) -> "str | Promise":
    """What a role is called; a role that no longer exists keeps its own word."""
    return ROLE_NAMES[Role(value)] if value in {role.value for role in Role} else value
