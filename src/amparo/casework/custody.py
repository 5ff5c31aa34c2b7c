"""Custody logs as people see them: pages of a chain, chains of all Cases, and a check against the other chain."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amparo.casework.installation import Installation
from amparo.catalogue.jobs import Cancelled
from amparo.catalogue.models import Case
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import Anchor, CustodyEntry, verify
from amparo.evidence.custody.tail import entries_before, last_seal, newest_entries
from amparo.evidence.errors import AmparoError, BadInput, VerificationFailed

LONG = 50_000  # entries; about five seconds


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a chain came to. ``problem`` and ``hint`` are empty where it is intact.

    ``head``: the sealed entry it was held against, ``N:HASH``, as the installation's chain notes it for a Case.
    """

    at: datetime.datetime
    entries: int
    head: str
    key: str
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problem


@dataclasses.dataclass(frozen=True, slots=True)
class Chain:
    """A chain in the auditor's list. ``case`` None: the installation's. ``entries`` are sealed; ``row`` orders."""

    case: uuid.UUID | None
    row: int
    entries: int
    head: str


def log_page(installation: Installation, case: Case, before: int | None, most: int) -> tuple[CustodyEntry, ...]:
    """Entries of a Case with numbers below ``before``, newest first, after sealing what waits."""
    installation.sealer.seal(case)
    return entries_before(installation.sealer.path(case), before, most)


def chains(installation: Installation, before: int | None, most: int) -> Sequence[Chain]:
    """Chains of Cases with rows below ``before``, newest first."""
    found = Case.objects.order_by("-pk") if before is None else Case.objects.filter(pk__lt=before).order_by("-pk")
    return [_chain(installation, key, row) for row, key in found.values_list("pk", "uuid")[:most]]


def installation_chain(installation: Installation) -> Chain:
    """The chain that notes the heads of all others."""
    return _chain(installation, None, 0)


def is_long(installation: Installation, case: uuid.UUID | None) -> bool:
    """Whether checking a chain takes so long that a Job does it: with the installation's, more than 50,000 entries."""
    return _sealed(installation, case) > LONG


def check_chain(
    installation: Installation, case: uuid.UUID | None, show: Callable[[int, int], None] | None = None
) -> Checked:
    """Verify a Case's chain against the head that the installation's chain notes for it, and that chain, too.

    ``case`` None: the installation's chain alone. ``show`` is told how many entries are checked, and of how many.
    Raises BadInput if there is no such Case, and what ``show`` raises.
    """
    home, key = installation.settings.home, installation.sealer.fingerprint
    row = None if case is None else find_chain(case)
    now = datetime.datetime.now(datetime.UTC)
    head, before = "", 0

    def told(done: int) -> None:
        if show is not None:
            show(before + done, total)

    try:
        installation.sealer.seal(row)
        total = _sealed(installation, case)
        whole = verify(chain_path(home, None), key=key, show=told)
        if row is not None:
            before = whole.entries
            anchor = _noted(installation, row.uuid)
            head = str(anchor)
            whole = verify(chain_path(home, row.uuid), head=anchor, key=key, show=told)
    except Cancelled:
        raise
    except AmparoError as error:
        return Checked(now, 0, head, key, error.message, error.hint)
    return Checked(now, whole.entries, head or str(whole.head or ""), key, notes=whole.notes)


def find_chain(case: uuid.UUID) -> Case:
    """The Case of a chain. Raises BadInput."""
    row = Case.objects.filter(uuid=case).first()
    if row is None:
        raise BadInput("There is no such custody log.", "Load the list again.")
    return row


def stored(checked: Checked) -> dict[str, Any]:
    """As JSON keeps it: in a session, and as the result of a Job."""
    return dataclasses.asdict(checked) | {"at": checked.at.isoformat()}


def restored(row: Mapping[str, Any]) -> Checked:
    """Back from :func:`stored`."""
    return Checked(**{**row, "at": datetime.datetime.fromisoformat(row["at"]), "notes": tuple(row["notes"])})


def _sealed(installation: Installation, case: uuid.UUID | None) -> int:
    own = _chain(installation, None, 0).entries
    return own if case is None else own + _chain(installation, case, 0).entries


def _noted(installation: Installation, case: uuid.UUID) -> Anchor:
    """The newest head of a Case in the installation's chain. Raises VerificationFailed if it notes none."""
    for entry in newest_entries(chain_path(installation.settings.home, None)):
        if entry.action == "head.sealed" and entry.facts.get("case") == str(case):
            return Anchor.parse(f"{entry.facts.get('n')}:{entry.facts.get('head')}")
    raise VerificationFailed(
        "The installation's custody log notes no entry of this log.", "Compare both with a backup before you go on."
    )


def _chain(installation: Installation, case: uuid.UUID | None, row: int) -> Chain:
    try:
        seal = last_seal(chain_path(installation.settings.home, case))
    except AmparoError:  # a list goes on past one broken log; its check says what is wrong
        seal = None
    return Chain(case, row, 0 if seal is None else seal.n, "" if seal is None else seal.head)
