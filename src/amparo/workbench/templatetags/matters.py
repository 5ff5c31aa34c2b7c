"""Words and lookups of tasks, exhibits and checklists for templates."""

from collections.abc import Sequence

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext

from amparo.accounts.permissions import Permission
from amparo.casework.exhibits import Doubt, exhibits_of
from amparo.casework.safeguarding import Answer
from amparo.catalogue.models import Exhibit, Task
from amparo.workbench.access import Access
from amparo.workbench.matters import words

register = template.Library()


@register.filter
def task_text(task: Task) -> str:
    """What has to be done; the points of a checklist are translated."""
    return gettext(task.text) if task.point else task.text


@register.filter
def own_words(text: str) -> str:
    """A text of the checklist, translated."""
    return gettext(text)


@register.filter
def answer_word(answer: str) -> "str | Promise":
    """What somebody answered."""
    return words.ANSWERS[Answer(answer)]


@register.filter
def outcome_word(outcome: str) -> "str | Promise":
    """What became of a plan."""
    return words.OUTCOMES[outcome]


@register.filter
def doubt_words(doubt: Doubt) -> "str | Promise":
    """What does not fit in a chain of hands."""
    return words.DOUBTS[doubt]


@register.simple_tag(takes_context=True)
def exhibits_of_source(context: template.Context, source: int) -> Sequence[Exhibit]:
    """What a Source was acquired from; nothing for whoever may not read exhibits. One query."""
    access: Access | None = context.get("access")
    if access is None or not access.may(Permission.EXHIBIT_READ):
        return ()
    return exhibits_of([source]).get(source, ())
