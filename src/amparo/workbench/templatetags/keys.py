"""The keys of the person who looks at a page, for templates."""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html

from amparo.accounts.models import User
from amparo.workbench.triage import keymap as map_of_keys

register = template.Library()


@register.simple_tag
def keymap(user: User) -> Mapping[str, str]:
    """By action. One query."""
    return map_of_keys.keymap(user)


@register.simple_tag
def cap(key: str, hidden: bool = True) -> str:
    """The key as it stands on a keyboard, nothing where it is off. ``hidden``: not read to those who listen."""
    if not key:
        return ""
    shape = '<kbd aria-hidden="true">{}</kbd>' if hidden else "<kbd>{}</kbd>"
    return format_html(shape, key.upper())
