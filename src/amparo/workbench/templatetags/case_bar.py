"""What the bar above every page of a Case shows."""

import dataclasses
import datetime
import uuid

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from amparo.accounts.permissions import Permission
from amparo.casework.overview import Standing, standing
from amparo.workbench.access import Access
from amparo.workbench.cases import words
from amparo.workbench.cases.checks import checked

register = template.Library()
_TABS = (  # the material, the matter, what leaves, how it is kept
    ("case", Permission.CASE_READ, gettext_noop("Overview")),
    ("triage", Permission.ITEM_READ, gettext_noop("Triage")),
    ("items", Permission.ITEM_READ, gettext_noop("Items")),
    ("timeline", Permission.ITEM_READ, gettext_noop("Timeline")),
    ("persons", Permission.PERSON_READ, gettext_noop("Persons")),
    ("exhibits", Permission.EXHIBIT_READ, gettext_noop("Exhibits")),
    ("tasks", Permission.CASE_READ, gettext_noop("Tasks")),
    ("notes", Permission.NOTE_WRITE, gettext_noop("Notes")),
    ("exports", Permission.EXPORT_MAKE, gettext_noop("Exports")),
    ("disclosed", Permission.DISCLOSED_READ, gettext_noop("Disclosed")),
    ("vault", Permission.VAULT_USE, gettext_noop("Vault")),
    ("jobs", Permission.SCAN_START, gettext_noop("Jobs")),
    ("log", Permission.CUSTODY_READ, gettext_noop("Log")),
    ("retention", Permission.RETENTION_SET, gettext_noop("Retention")),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Tab:
    """``current``: ``page`` on the page itself, ``true`` on one below it, else empty."""

    label: str
    url: str
    current: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """``checked``: when this session last verified the custody log, and ``intact``: with what result."""

    standing: Standing
    tabs: tuple[Tab, ...]
    checked: datetime.datetime | None
    intact: bool


@register.filter
def capped(count: int) -> str:
    """A number that was counted no further than 10,001."""
    return words.capped(count)


@register.simple_tag(takes_context=True)
def bar_of_case(context: template.Context) -> Bar:
    """For a page that has an Access to a Case."""
    request, access = context["request"], context["access"]
    found = checked(request.session, access.case.uuid)
    return Bar(
        standing=standing(access.case.authorities.all(), timezone.now()),
        tabs=_tabs(request, access, access.case.uuid),
        checked=None if found is None else found.at,
        intact=found is not None and found.intact,
    )


def _tabs(request: HttpRequest, access: Access, case: uuid.UUID) -> tuple[Tab, ...]:
    found = []
    for name, needs, label in _TABS:
        if access.may(needs) and not (
            name == "disclosed" and access.may(Permission.EXPORT_MAKE)
        ):  # linked from Exports
            try:
                found.append(Tab(gettext(label), reverse(name, kwargs={"case": case})))
            except NoReverseMatch:  # a page that this installation does not have
                continue
    here = max((tab.url for tab in found if request.path.startswith(tab.url)), key=len, default="")
    state = "page" if here == request.path else "true"
    return tuple(dataclasses.replace(tab, current=state if tab.url == here else "") for tab in found)
