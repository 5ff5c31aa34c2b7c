"""What lies near an Item, for its page."""

from django import template

from amparo.casework.related import Related, related
from amparo.casework.spans import Span
from amparo.catalogue.models import Item
from amparo.catalogue.models.marks import Field
from amparo.workbench.timeline import words

register = template.Library()


@register.simple_tag
def related_of(item: Item) -> Related:
    """Of an Item with its Case; a bounded number of queries."""
    return related(item)


@register.filter
def counted(number: int) -> str:
    """A number that was counted to 10,001."""
    return words.capped(number)


@register.filter
def time_field(field: Field) -> str:
    """What a field of times is called."""
    return words.field(field)


@register.filter
def time_token(field: Field) -> str:
    """What stands for it in an address."""
    return words.token(field)


@register.filter
def span_text(span: Span) -> str:
    """A span as people read it."""
    return words.span(span)
