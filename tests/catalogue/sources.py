"""A Case with a Source over a real folder, its Ledger, and what COUNT queries say of it."""

import collections
import datetime
import os
import uuid
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from amparo.catalogue import lease
from amparo.catalogue.ledger import CatalogueLedger
from amparo.catalogue.models import Authority, Case, Content, Finding, Item, Source, State
from amparo.catalogue.outbox import Recorder
from amparo.catalogue.roots import create_source
from amparo.pipeline.engines.inline import InlineEngine
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan
from amparo.sources.folder import root_child

BASE = tuple(Factory(f"amparo.sources.analysers:{name}") for name in ("Walk", "DigestsOf", "MediaType", "Unpack"))
WALKING = Plan.of(BASE[0])


def plan(tag: int = 1, seconds: float = 0.0) -> Plan:
    poison = Factory("engines.fake_analysers:Poison", {"tag": tag})
    return Plan.of(*BASE, poison, Factory("engines.fake_analysers:Slow", {"seconds": seconds}))


def new_case() -> Case:
    now = datetime.datetime.now(datetime.UTC)
    case = Case.objects.create(reference=str(uuid.uuid4()), created=now)
    Authority.objects.create(case=case, text="test", valid_from=now)
    return case


def new_source(root: Path, case: Case | None = None) -> Source:
    case = case or new_case()
    authority = case.authorities.get().uuid
    raw = os.fsencode(root)
    return create_source(case, authority, "folder", raw, root_child(raw), Recorder("os:test", case, authority))


def ledger(source: Source, held: Plan) -> CatalogueLedger:
    source.refresh_from_db()
    return CatalogueLedger(source, held, lease.take(source), Recorder("os:test", source.case))


def scan(source: Source, held: Plan) -> int:
    """Everything due, in this process; returns how many subjects were visited."""
    made = ledger(source, held)
    engine = InlineEngine(held, Factory("amparo.sources.reader:SourceReader", {"root": bytes(source.root)}))
    try:
        run(made, engine)
    finally:
        engine.close()
    return made.visited


def counted(case: Case) -> dict[str, dict[str, int]]:
    """The counters of a Case, as COUNT and SUM queries have them."""
    found: dict[str, dict[str, int]] = collections.defaultdict(dict)
    items, contents = Item.objects.filter(case=case), Content.objects.filter(case=case)
    found["entry"] = _groups(items, "entry")
    found["type"] = _groups(items.exclude(media_type=""), "media_type")
    for name, rows in (("item", items), ("content", contents)):
        found[name] = {State(key).name.lower(): number for key, number in _groups(rows, "state").items()}
        for state, reason in rows.exclude(reason="").values_list("state", "reason"):
            key = f"{State(state).name.lower()}:{reason}"
            found["short"][key] = found["short"].get(key, 0) + 1
    found["item"]["with_content"] = items.exclude(content=None).count()
    found["finding"] = _groups(Finding.objects.filter(case=case, current=True), "kind")
    found["bytes"] = {"listed": _sum(items), "distinct": _sum(contents)}
    without_zeros = {name: {key: number for key, number in keys.items() if number} for name, keys in found.items()}
    return {name: keys for name, keys in without_zeros.items() if keys}


def _groups(rows: Any, column: str) -> dict[Any, int]:
    return dict(rows.order_by().values_list(column).annotate(number=Count("pk")))


def _sum(rows: Any) -> int:
    return rows.aggregate(total=Sum("size"))["total"] or 0
