"""The part of the top bar that says how long one has looked today, and offers a pause."""

from django import template

from amparo.accounts.models import User
from amparo.casework.exposure import SUGGESTED, Today, today

register = template.Library()


@register.simple_tag
def exposure_today(user: User) -> Today:
    """Two queries; asked for only where somebody may look at material at all."""
    return today(user)


@register.simple_tag
def exposure_limit() -> int:
    """Minutes after which a pause is offered."""
    return SUGGESTED
