"""Whether the picture of an Item may leave in an export, for the page of the Item."""

from django import template

from amparo.casework.imagery import Release, release_of
from amparo.catalogue.models import Content

register = template.Library()


@register.simple_tag
def release_state(content: Content) -> Release | None:
    """The newest release; three queries at most."""
    return release_of(content)
