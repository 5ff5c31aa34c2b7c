"""The graph of a Case for other programs: CASE/UCO as JSON-LD, every Item, Content and current Finding."""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from amparo import __version__
from amparo.casework.cases import authorities
from amparo.casework.export.form import Context, Form
from amparo.casework.export.times import stated_times
from amparo.catalogue.models import Case, Finding, Item
from amparo.catalogue.pages import pages
from amparo.evidence.item import Locator, item_id
from amparo.exchange import case_uco
from amparo.ui.paths import shown

_PAGE = 500


def _write(context: Context, folder: Path) -> None:
    case = context.case
    investigation = case_uco.Investigation(
        case.uuid,
        case.reference,
        {each.id: each.text for each in authorities(case)},
        __version__,
        [
            case_uco.Acquired(
                row.uuid,
                shown(bytes(row.root)),
                row.created.isoformat(),
                None if row.finished is None else row.finished.isoformat(),
            )
            for row in case.sources.order_by("pk")
        ],
    )
    with (folder / "case.jsonld").open("x", encoding="utf-8") as stream:
        case_uco.write(stream, investigation, _files(case))


def _files(case: Case) -> Iterator[case_uco.File]:
    items = Item.objects.filter(case=case).select_related("parent", "content", "source")
    for found in pages(items, _PAGE):
        said = _statements(found)
        for row in found:
            content = row.content
            yield case_uco.File(
                _key(row),
                row.source.uuid,
                shown(Locator.decode(bytes(row.locator)).path),
                is_directory=row.entry == "directory",
                size=row.size,
                media_type=row.media_type,
                digests={}
                if content is None
                else {name: bytes(getattr(content, name)).hex() for name in ("sha256", "sha1", "md5")},
                times=stated_times(row),
                parent=None if row.parent is None else _key(row.parent, row.source.uuid),
                statements=said.get(("item", row.pk), []) + said.get(("content", row.content_id or 0), []),
            )


def _key(row: Item, source: uuid.UUID | None = None) -> uuid.UUID:
    return item_id(source or row.source.uuid, bytes(row.locator))


def _statements(found: Sequence[Item]) -> dict[tuple[str, int], list[case_uco.Statement]]:
    said: dict[tuple[str, int], list[case_uco.Statement]] = {}
    current = Finding.objects.filter(current=True).select_related("stage").order_by("pk")
    contents = {row.content_id for row in found if row.content_id is not None}
    for subject, rows in (
        ("item", current.filter(item__in=[row.pk for row in found])),
        ("content", current.filter(content__in=contents)),
    ):
        for row in rows:
            key = row.item_id if subject == "item" else row.content_id
            statement = case_uco.Statement(row.kind, row.facts, row.stage.analyser, str(row.stage.version))
            said.setdefault((subject, key or 0), []).append(statement)
    return said


FORM = Form("case", ("pictures and videos", "names of people", "decisions", "times without a known zone"), _write)
