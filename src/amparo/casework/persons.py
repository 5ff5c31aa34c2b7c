"""The people a Case is about: pseudonyms, and statements about them, each a fact or an assessment."""

import datetime
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext, gettext_noop

from amparo.casework.installation import Installation
from amparo.casework.lines import one_line, several_lines
from amparo.catalogue.models import Basis, Case, Item, Person, Statement
from amparo.evidence.errors import BadInput

VICTIM = "victim"
ROLES: Mapping[str, str] = {
    VICTIM: gettext_noop("Victim"),
    "suspect": gettext_noop("Suspect"),
    "witness": gettext_noop("Witness"),
    "contact": gettext_noop("Contact"),
    "reporter": gettext_noop("Reporter"),
    "other": gettext_noop("Other"),
}  # in the order in which they are listed
LONGEST = 2_000  # characters of a statement
_PSEUDONYM = 100
_ORIGIN = 300
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def persons_page(case: Case, after: tuple[int, int], most: int) -> Sequence[tuple[Person, tuple[str, ...]]]:
    """The next persons with their roles, after (group, key): group 0 are victims, group 1 all others.

    As many queries, however many there are.
    """
    group, key = after
    victims = _standing(VICTIM)
    found: list[Person] = []
    if group == 0:
        found = list(case.persons.filter(victims, pk__gt=key).order_by("pk")[:most])
        key = 0
    if len(found) < most:
        found += case.persons.filter(~victims, pk__gt=key).order_by("pk")[: most - len(found)]
    roles = roles_of(found)
    return [(row, roles[row.pk]) for row in found]


def roles_of(persons: Sequence[Person]) -> dict[int, tuple[str, ...]]:
    """Roles that stand, by key of the person, in the order of ROLES. One query."""
    stated = Statement.objects.filter(person__in=persons, withdrawn=None).exclude(role="")
    held: dict[int, set[str]] = {row.pk: set() for row in persons}
    for key, role in stated.values_list("person_id", "role").distinct():
        held[key].add(role)
    return {key: tuple(role for role in ROLES if role in roles) for key, roles in held.items()}


def statements_of(person: Person) -> Sequence[Statement]:
    """Everything said about a person, oldest first, also what was withdrawn: at most 1,000."""
    return list(person.statements.select_related("item").order_by("pk")[:1_000])


def suggestion(case: Case) -> str:
    """The next pseudonym that nobody here has: Person A, Person B, ... Person AA."""
    number = case.persons.count()
    taken = set(case.persons.filter(pseudonym__startswith="Person ").values_list("pseudonym", flat=True))
    while (name := f"Person {_letters(number)}") in taken:
        number += 1
    return name


def add_person(
    installation: Installation, case: Case, pseudonym: str, role: str, basis: str, origin: str, text: str = ""
) -> Person:
    """A person of a Case, with the statement that gives the role. Raises BadInput."""
    example = gettext("For example: %(name)s.") % {"name": suggestion(case)}
    pseudonym = one_line(pseudonym, gettext("Pseudonym"), _PSEUDONYM, hint=example)
    if not role:
        raise BadInput("Choose a role.", "Who has none of these is “other”.")
    recorder = installation.recorder(case)
    try:
        with transaction.atomic():
            person = Person.objects.create(
                case=case, pseudonym=pseudonym, made=datetime.datetime.now(datetime.UTC), made_by=recorder.operator
            )
            recorder.record("person.added", {"subject": person.pk}, {"pseudonym": pseudonym})
            _state(installation, person, role, text, basis, origin, None)
    except IntegrityError as error:
        raise BadInput(
            "This case has a person called “%(name)s” already.",
            "Choose another, for example %(free)s.",
            {"name": pseudonym, "free": suggestion(case)},
        ) from error
    installation.sealer.seal(case)
    return person


def state(
    installation: Installation,
    person: Person,
    role: str,
    text: str,
    basis: str,
    origin: str,
    item: Item | None = None,
) -> Statement:
    """Say something about a person: a role, words, or both. Raises BadInput."""
    with transaction.atomic():
        made = _state(installation, person, role, text, basis, origin, item)
    installation.sealer.seal(person.case)
    return made


def withdraw(installation: Installation, statement: Statement) -> None:
    """Take a statement back; it stays readable as withdrawn. Raises BadInput."""
    case = statement.person.case
    recorder = installation.recorder(case)
    with transaction.atomic():
        now = datetime.datetime.now(datetime.UTC)
        mine = Statement.objects.filter(pk=statement.pk, withdrawn=None)
        if not mine.update(withdrawn=now, withdrawn_by=recorder.operator):
            raise BadInput("This statement was withdrawn already.", "Load the page again.")
        recorder.record("statement.withdrawn", {"subject": statement.person_id, "statement": statement.pk})
    installation.sealer.seal(case)


def opened(installation: Installation, person: Person) -> None:
    """Record that somebody opens the page of a person who is, or was said to be, a victim; before it is shown."""
    if not person.statements.filter(role=VICTIM).exists():
        return
    with transaction.atomic():
        installation.recorder(person.case).record("person.seen", {"subject": person.pk})
    installation.sealer.seal(person.case)


def find_item(case: Case, number: str) -> Item | None:
    """The Item of a Case with this number; None where nothing was given. Raises BadInput."""
    number = number.strip()
    if not number:
        return None
    known = number.isascii() and number.isdigit() and len(number) <= 18
    item = Item.objects.filter(case=case, pk=int(number)).first() if known else None
    if item is None:
        raise BadInput("This case has no item with that number.", "The number stands at the top of an item's page.")
    return item


def _state(
    installation: Installation, person: Person, role: str, text: str, basis: str, origin: str, item: Item | None
) -> Statement:
    text = several_lines(text, gettext("What is said"), LONGEST, least=0)
    if role and role not in ROLES:
        raise BadInput("There is no such role.", "Choose one of the list.")
    if not role and not text:
        raise BadInput("Say something: a role, words, or both.", "Both fields are empty.")
    if basis not in Basis.values:
        raise BadInput("Say whether this is a fact or an assessment.", "A fact is on record somewhere; name where.")
    example = gettext("For example: interview of 4 May, page 2.")
    origin = one_line(origin, gettext("Where it comes from"), _ORIGIN, hint=example)
    if item is not None and item.case_id != person.case_id:
        raise BadInput("This item is not in this case.", "Give the number of an item of this case.")
    recorder = installation.recorder(person.case)
    made = Statement.objects.create(
        person=person, role=role, text=text, basis=basis, origin=origin, item=item,
        made=datetime.datetime.now(datetime.UTC), author=recorder.operator,
    )  # fmt: skip
    facts: dict[str, str | int | None] = {
        "subject": person.pk, "statement": made.pk, "basis": basis, "item": None if item is None else item.pk,
    }  # fmt: skip
    recorder.record("statement.made", facts, {"role": role, "text": text, "origin": origin})
    return made


def _standing(role: str) -> "Exists":
    said: QuerySet[Statement] = Statement.objects.filter(person=OuterRef("pk"), withdrawn=None, role=role)
    return Exists(said)


def _letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = _LETTERS[rest] + text
    return text
