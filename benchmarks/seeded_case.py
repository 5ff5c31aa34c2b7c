"""A Case of so many Items, written straight into the tables: what the pages of the workbench are measured on.

A hundred Items to a folder; four of five Items have bytes of their own; seven of ten are pictures. One Content in a
hundred is near to an entry of a Bank, one in a thousand lies in one; one of three pictures has near duplicates, led by
another; one of ten Contents is judged. JPEG files state a time of ten years and one of 300 cameras, one in fifty of
them a camera of its own. Made from the number of each row, so every run has the same.
"""

import datetime
import hashlib
import json
import os
from typing import Any

from django.db import transaction

from amparo.accounts.models import User
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.decisions import derived, versions
from amparo.casework.installation import Installation
from amparo.catalogue import counters, models, search_backlog
from amparo.catalogue.marks import Marks
from amparo.catalogue.models import Content, Decision, Finding, Item, SearchBacklog, Source
from amparo.catalogue.models.items import Category, Review
from amparo.catalogue.sql import insert_many
from amparo.catalogue.writer import ITEM_COLUMNS
from amparo.evidence.item import Entry, Locator, Step
from amparo.evidence.labels import Labels
from amparo.media.exif import EXIF
from amparo.media.schemes.shipped import schemes

_BATCH = 20_000
_FOLDER = 100  # Items
_TYPES = ("image/jpeg",) * 6 + ("image/png", "video/mp4", "text/plain", "application/pdf")
_CONTENT = (
    ("id", "bigint"), ("case_id", "bigint"), ("sha256", "bytea"), ("sha1", "bytea"), ("md5", "bytea"),
    ("size", "bigint"), ("media_type", "text"), ("state", "smallint"), ("reason", "text"), ("rank", "smallint"),
    ("review", "smallint"), ("category", "smallint"), ("leader_id", "bigint"),
)  # fmt: skip
_ITEM = (("id", "bigint"), *ITEM_COLUMNS, ("content_id", "bigint"))
_FINDING = (
    ("case_id", "bigint"), ("content_id", "bigint"), ("stage_id", "bigint"), ("kind", "text"), ("facts", "jsonb"),
    ("current", "boolean"), ("given", "boolean"),
)  # fmt: skip
_LABELS = ["material-not-pertinent"]
_TIME = 1_700_000_000 * 10**9


def seed(installation: Installation, reference: str, number: int) -> models.Case:
    """Make it. Takes about 15 seconds per 100,000 Items on SQLite."""
    case = seed_rows(installation, reference, number)
    while search_backlog.step():
        pass
    return case


def seed_rows(installation: Installation, reference: str, number: int) -> models.Case:
    """The same as a version without a search index left it: all Items wait in the backlog, as after its migration."""
    case = create_case(installation, reference, NewAuthority("Benchmark"))
    stage, _ = models.Stage.objects.get_or_create(analyser="seeded", version="1", config_digest="0" * 64)
    source = Source.objects.create(
        case=case, authority=case.authorities.get(), opener="folder", root=b"/evidence", created=case.created,
        finished=case.created,
    )  # fmt: skip
    first_item = (Item.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    first_content = (Content.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    root = _item(first_item, case, source, None, b".", b".", None, "")
    insert_many(Item._meta.db_table, _ITEM, [root])
    counts = counters.Counts()
    items, contents, findings, stated = [], [], [], Marks(case.pk)
    key, content, folder, where = first_item, first_content, first_item, b""
    for row in range(number):
        key += 1
        if row % _FOLDER == 0:
            where = b"DCIM/%05d" % (row // _FOLDER)
            folder = key
            items.append(_item(key, case, source, first_item, where, where, None, "inode/directory"))
            counts.item(Entry.DIRECTORY, "inode/directory", models.State.OK, "", None)
            key += 1
        own = row % 5 != 4
        media_type = _TYPES[row % len(_TYPES)]
        if own:
            content = first_content + row
            contents.append(_content(content, case, row, media_type, first_content))
            counts.content(models.State.OK, 1, "")
            for kind, facts in _said(row, media_type):
                findings.append((case.pk, content, stage.pk, kind, facts, True, False))
                counts.finding(kind, 1)
                if kind == EXIF:
                    stated.exif(content, json.loads(facts))
        name = b"IMG_%08d.jpg" % row
        items.append(_item(key, case, source, folder, name, where + b"/" + name, content, media_type))
        stated.item(key, [("modified", _modified(key), "utc")])
        counts.item(Entry.FILE, media_type, models.State.OK, "", 9_000)
        if len(items) >= _BATCH:
            _store(source, items, contents, findings, stated)
            items, contents, findings, stated = [], [], [], Marks(case.pk)
    _store(source, items, contents, findings, stated)
    counters.add(source.pk, counts)
    SearchBacklog.objects.create(after=first_item - 1, until=key)
    return case


def _store(source: Source, items: list[Any], contents: list[Any], findings: list[Any], stated: Marks) -> None:
    with transaction.atomic():
        insert_many(Content._meta.db_table, _CONTENT, contents)
        insert_many(Item._meta.db_table, _ITEM, items)
        insert_many(Finding._meta.db_table, _FINDING, findings)
        stated.save(source.pk)


def _modified(key: int) -> int:
    """Nanoseconds since 1970: one Item each 100 seconds."""
    return _TIME + key * 10**11


def _item(
    key: int, case: models.Case, source: Source, parent: int | None, tail: bytes, path: bytes, content: int | None,
    media_type: str,
) -> tuple[object, ...]:  # fmt: skip
    moments = f'[["modified",{_modified(key)},"utc",1,null]]'
    entry = "file" if content else "directory"
    locator = Locator((Step("folder", path),)).encode()
    return (
        key, case.pk, source.pk, parent, tail, locator, entry, "allocated", 0, 9_000, None, moments, media_type, 1, "",
        100, content,
    )  # fmt: skip


def _content(key: int, case: models.Case, row: int, media_type: str, first: int) -> tuple[object, ...]:
    digest = hashlib.sha256(b"%d:%d" % (case.pk, row)).digest()
    rank = (
        10 if row % 1_000 == 0 else 20 if row % 100 == 0 else 80 if media_type.startswith(("image", "video")) else 100
    )
    judged = row % 10 == 3
    review, category = (Review.DONE, Category.NOT_RELEVANT) if judged else (Review.OPEN, Category.OPEN)
    leader = first + row - 2 if row % 15 == 2 and media_type == "image/jpeg" else None
    return (
        key, case.pk, digest, digest[:20], digest[:16], 9_000, media_type, 1, "", rank, review, category, leader,
    )  # fmt: skip


def _said(row: int, media_type: str) -> list[tuple[str, str]]:
    said = []
    if media_type.startswith("image/"):
        said.append(("picture.properties", '{"format":"jpeg","width":1024,"height":768,"mode":"RGB","frames":1}'))
    if media_type == "image/jpeg":
        camera = f"S{row}" if row % 50 == 1 else f"C{row % 300}"
        taken = _TIME - row * 7_919 % (10 * 365 * 86_400) * 10**9
        facts = '{"make":"Maker","model":"Model %d","serial":"%s","taken_ns":%d,"taken_basis":"local-unknown"}'
        said.append((EXIF, facts % (row % 30, camera, taken)))
    if row % 100 == 0:
        facts = '{"bank":"00000000-0000-4000-8000-000000000000","bank_name":"Seeded","bank_version":1,"entry":%d,'
        if row % 1_000 == 0:
            said.append(("match.bank", (facts + '"algorithm":"sha256","labels":"test","owner":"us"}') % row))
        else:
            near = '"algorithm":"pdq","distance":6,"radius":31,"entries":1,"variant":"pdq","transform":"none",'
            near += '"part":["0.0","0.0","100.0","100.0"],"quality":100,"labels":"test","owner":"us"}'
            said.append(("match.near", (facts + near) % row))
    return said


def judge(installation: Installation, case: models.Case) -> None:
    """The Decision behind each Content that :func:`seed` says is judged, in neutral labels, with its grades."""
    now = datetime.datetime.now(datetime.UTC)
    grades = derived(Labels.parse(_LABELS), schemes(now.date(), versions(installation)), now.date())
    judged = Content.objects.filter(case=case, review=Review.DONE, decisions=None).values_list("pk", flat=True)
    operator = installation.settings.operator
    with transaction.atomic():
        Decision.objects.bulk_create(
            (
                Decision(case=case, content_id=key, labels=_LABELS, grades=grades, operator=operator, made=now)
                for key in judged
            ),
            batch_size=_BATCH,
        )


def lead(installation: Installation, case: models.Case) -> User:
    """Somebody who leads the Case, with a second factor."""
    from allauth.mfa.models import Authenticator

    from amparo.accounts.models import RoleGrant
    from amparo.accounts.permissions import Role
    from amparo.casework.members import add_member

    user = User.objects.create(username=f"seeded-{os.urandom(4).hex()}")
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="benchmark")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    add_member(installation, case, user, Role.INVESTIGATOR, owner=True)
    return user
