"""Erasure of a Content or a whole Case: one person asks, another carries it out, a Job erases.

Nothing is erased while a legal hold stands: each transaction asks again. What stays is the custody log without the
words of its entries, the row of the Case without its reference, and the row of the Erasure.
"""

import datetime
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from amparo.accounts.models import User
from amparo.casework.decisions import find_content
from amparo.casework.installation import Installation
from amparo.casework.jobs import start_erasure
from amparo.casework.members import check_leads
from amparo.casework.memberships import leading
from amparo.casework.notices import tell
from amparo.casework.retention import reason_of
from amparo.casework.vault.objects import path_of
from amparo.catalogue import lease
from amparo.catalogue.erased_content import covered, erase_content, roots_of
from amparo.catalogue.erasure import Chunks, Counted, Show, erase_rows, lock_case, rows_of_case, settle
from amparo.catalogue.models import (
    Authority,
    Case,
    Content,
    Erasure,
    Job,
    JobState,
    LegalHold,
    Member,
    Source,
    VaultObject,
    VaultOpening,
)  # fmt: skip
from amparo.evidence.custody import ERASED, CustodyEntry
from amparo.evidence.custody.payload import payload_path, read_payload
from amparo.evidence.custody.tail import newest_entries
from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised

_ROUNDS = 5  # times that somebody may write into a Case while it is erased
_EVENTS = 5_000  # erasures of words for which the payload file is written anew once
_RECORDED = 200  # of them in one transaction
_KEPT = "custody."  # files of a Case's folder that begin so are its custody log


def ask(installation: Installation, member: Member | None, ground: str, sha256: str = "") -> Erasure:
    """Ask to erase a Content by its SHA-256, or without one the whole Case. Raises BadInput."""
    check_leads(member)
    case = _case(member)
    ground = reason_of(ground, gettext("Ground"))
    content = find_content(case, sha256.strip()) if sha256.strip() else None
    recorder = installation.recorder(case)
    others = _others(case, recorder.operator)
    if not others:
        raise BadInput(
            "Nobody else leads this case, so nobody could carry it out.",
            "Let another member lead it first: end the membership, then add the person again as one who leads, too.",
        )
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        lock_case(case.pk)
        waiting = Erasure.objects.filter(case=case, done=None, refused=None)
        if waiting.filter(Q(whole=True) | Q(content=content, content__isnull=False)).exists():
            raise BadInput("This was asked for already.", "It is in the list of this page.")
        row = Erasure.objects.create(
            case=case, whole=content is None, content=content, ground=ground, asked=now, asked_by=recorder.operator
        )
        recorder.record("erasure.asked", {"erasure": row.pk, "whole": int(row.whole)}, {"ground": ground})
        tell(others, "erasure.asked", {"whole": row.whole, "number": row.pk}, now, case)
    installation.sealer.seal(case)
    return row


def refuse(installation: Installation, member: Member | None, erasure: Erasure) -> None:
    """Say no, or take the own question back. Raises BadInput."""
    check_leads(member)
    recorder = installation.recorder(erasure.case)
    with transaction.atomic():
        lock_case(erasure.case_id)
        _check_open(erasure)
        erasure.refused, erasure.ended_by = datetime.datetime.now(datetime.UTC), recorder.operator
        erasure.save(update_fields=["refused", "ended_by"])
        recorder.record("erasure.refused", {"erasure": erasure.pk})
    installation.sealer.seal(erasure.case)


def carry_out(installation: Installation, member: Member | None, erasure: Erasure, typed: str) -> Job:
    """Begin an Erasure that somebody else asked for; ``typed`` repeats the reference of the Case. Raises BadInput."""
    check_leads(member)
    case = erasure.case
    recorder = installation.recorder(case)
    with transaction.atomic():
        lock_case(case.pk)
        _check_open(erasure)
        if erasure.asked_by == recorder.operator:
            raise BadInput("You asked for this yourself.", "Another person who leads this case has to carry it out.")
        if LegalHold.objects.filter(case=case, lifted=None).exists():
            raise BadInput("A legal hold stands.", "Nothing of this case is erased before it is lifted.")
        if typed.strip() != case.reference:
            raise BadInput("The reference does not match.", "Type the reference of this case as it stands above.")
        if Job.objects.filter(case=case, state__in=(JobState.QUEUED, JobState.RUNNING)).exists():
            raise BadInput("A job of this case is under way.", "Wait until it ends, or stop it, then come back.")
        if Erasure.objects.filter(case=case, begun__isnull=False, done=None).exists():
            raise BadInput("Another erasure of this case has not ended.", "Let that one go on first.")
        now = datetime.datetime.now(datetime.UTC)
        erasure.begun, erasure.ended_by = now, recorder.operator
        erasure.save(update_fields=["begun", "ended_by"])
        if erasure.whole:  # from here on nothing of its evidence is opened any more
            Authority.objects.filter(case=case).filter(Q(until=None) | Q(until__gt=now)).update(until=now)
        recorder.record("erasure.begun", {"erasure": erasure.pk, "whole": int(erasure.whole)})
    installation.sealer.seal(case)
    return start_erasure(installation, case, erasure.pk)


def go_on(installation: Installation, member: Member | None, erasure: Erasure) -> Job:
    """Start the Job of an Erasure again that was begun and has stopped. Raises BadInput."""
    check_leads(member)
    if erasure.begun is None or erasure.done is not None:
        raise BadInput("There is nothing to go on with.", "Load the page again.")
    return start_erasure(installation, erasure.case, erasure.pk)


def find_erasure(case: Case, number: int) -> Erasure | None:
    """An Erasure of this Case."""
    return Erasure.objects.filter(case=case, pk=number).select_related("case", "content").first()


def erase(installation: Installation, case: Case, number: int, show: Show) -> Mapping[str, int]:
    """What the Job does: erase what was asked for, or what is left of it. Returns what went, by table.

    Raises NotAuthorised where nobody began it or a legal hold stands, BadInput while a scan works in the Case.
    """
    erasure = Erasure.objects.get(pk=number, case=case)
    if erasure.begun is None or erasure.refused is not None:
        raise NotAuthorised("Nobody has decided to carry this erasure out.", "Two people who lead the case do so.")
    if erasure.done is None:
        with _sources(case) as me:
            chunks = Chunks(erasure, me, show)
            if erasure.whole:
                _case_away(installation, chunks, case)
            else:
                _content_away(installation, chunks, case)
        installation.sealer.seal(case)
    return dict(Erasure.objects.get(pk=number).counts)


def _case_away(installation: Installation, chunks: Chunks, case: Case) -> None:
    with chunks.one():
        Case.objects.filter(pk=case.pk).update(reference=f"erased-{case.uuid.hex[:8]}", two_people=False)
        Member.objects.filter(case=case).update(reason="")
    for _ in range(_ROUNDS):
        erase_rows(chunks, case)
        with chunks.one():  # a hold is asked for once more
            _clear(_folder(installation, case))
        _erase_words(installation, chunks, case, lambda _: True)
        settle()
        with chunks.one() as counted:
            if not any(rows.exists() for rows in rows_of_case(case, chunks.erasure)):
                counted.delete(Member, list(Member.objects.filter(case=case).values_list("pk", flat=True)))
                _finish(installation, counted, None)
                return
    raise AmparoError(
        "Others still write into this case, so that its erasure did not end.", "Stop them, then let it go on."
    )


def _content_away(installation: Installation, chunks: Chunks, case: Case) -> None:
    content = chunks.erasure.content
    if content is not None:
        found = covered(content)
        digests = list(_digests(found.contents))
        texts, items = {each.hex() for each in digests}, set(found.items)
        roots = {str(source.uuid) for source in roots_of(found.items)}

        def about(entry: CustodyEntry) -> bool:
            facts = entry.facts
            if entry.action == "note.written":
                return facts.get("item") in items
            if entry.action == "source.opened":
                return facts.get("source") in roots
            return facts.get("sha256") in texts

        _erase_words(installation, chunks, case, about)
        with chunks.one() as counted:
            shutil.rmtree(_folder(installation, case) / "exports", ignore_errors=True)
            _empty_vault(installation, counted, case, digests)
        erase_content(chunks, content)
    settle()
    with chunks.one() as counted:
        _finish(installation, counted, case)


def _finish(installation: Installation, counted: Counted, case: Case | None) -> None:
    """Done, and the two people are told: below the Case, where there still is one."""
    erasure = counted.erasure
    now = datetime.datetime.now(datetime.UTC)
    Erasure.objects.filter(pk=erasure.pk).update(done=now)
    facts: dict[str, str | int | None] = {"erasure": erasure.pk, "whole": int(erasure.whole)}
    installation.recorder(erasure.case).record("erasure.done", {**facts, **counted.counts})
    told: dict[str, str | int] = {"whole": erasure.whole, "number": erasure.pk, "case": str(erasure.case.uuid)[:8]}
    tell(
        {user.pk for user in map(User.of, (erasure.asked_by, erasure.ended_by)) if user},
        "erasure.done",
        told,
        now,
        case,
    )


def _erase_words(installation: Installation, chunks: Chunks, case: Case, about: Callable[[CustodyEntry], bool]) -> None:
    """Erase the payloads of these entries; what says that something was erased, and on what ground, stays."""
    installation.sealer.seal(case)
    path = installation.sealer.path(case)
    gone = set(_erased(payload_path(path)))
    due = [
        entry.id
        for entry in newest_entries(path)
        if entry.commitments
        and entry.id not in gone
        and entry.action != ERASED
        and not entry.action.startswith("erasure.")
        and about(entry)
    ]
    recorder = installation.recorder(case)
    for at in range(0, len(due), _EVENTS):
        made = []
        for start in range(at, min(at + _EVENTS, len(due)), _RECORDED):
            with chunks.one():
                made += recorder.record_erasures(
                    due[start : min(start + _RECORDED, at + _EVENTS)], chunks.erasure.ground
                )
        erased = installation.sealer.erase(case, made)
        with chunks.one() as counted:
            counted.add("payload", erased)


def _erased(path: Path) -> Iterator[uuid.UUID]:
    if path.exists():
        with path.open("rb") as file:
            yield from (read_payload(line).id for line in file if line.startswith(b'{"erased":'))


def _empty_vault(installation: Installation, counted: Counted, case: Case, digests: Sequence[bytes]) -> None:
    """Sealed copies of the Content, and packages, which may hold it."""
    rows = VaultObject.objects.filter(case=case, erased=None).filter(Q(kind="export") | Q(sha256__in=digests))
    for row in rows:
        path_of(installation, case, row.uuid).unlink(missing_ok=True)
        row.erased, row.name, row.sha256, row.wrapped = datetime.datetime.now(datetime.UTC), "", bytes(32), b""
        row.save(update_fields=["erased", "name", "sha256", "wrapped"])
        VaultOpening.objects.filter(object=row).update(lent=b"", reason="")
        counted.add("vaultobject", 1)


def _clear(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not path.name.startswith(_KEPT):
            path.unlink()


@contextmanager
def _sources(case: Case) -> Iterator[str]:
    """Hold all Sources of a Case, so that nobody scans meanwhile. Raises BadInput if somebody does."""
    me = lease.this_process()
    taken: list[Source] = []
    try:
        for source in case.sources.all():
            lease.take(source)
            taken.append(source)
        yield me
    finally:
        for source in taken:
            lease.give_up(source.pk, me)


def _digests(contents: Sequence[int]) -> Iterator[bytes]:
    for at in range(0, len(contents), 500):
        found = Content.objects.filter(pk__in=contents[at : at + 500])
        yield from (bytes(digest) for digest in found.values_list("sha256", flat=True))


def _others(case: Case, actor: str) -> list[int]:
    """Keys of those who lead the Case and could carry out what this person asks for."""
    return sorted({row.user_id for row in leading(case).select_related("user") if row.user.actor != actor})


def _check_open(erasure: Erasure) -> None:
    erasure.refresh_from_db()
    if not erasure.open:
        raise BadInput("This was decided already.", "Load the page again.")


def _folder(installation: Installation, case: Case) -> Path:
    return installation.sealer.path(case).parent


def _case(member: Member | None) -> Case:
    if member is None:
        raise TypeError("this is not below a case")
    return member.case
