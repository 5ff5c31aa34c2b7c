"""The index of words: what a plain look through all names finds, in both databases; resumable; forgotten is gone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from catalogue.sources import new_case, new_source, plan, scan
from django.db import connection, transaction
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.catalogue import search, search_backlog
from amparo.catalogue.models import Case, Content, Finding, Item, Note, SearchBacklog, SearchText, Source, Stage
from amparo.catalogue.search_words import asked, hold, words_of
from amparo.evidence.item import Locator, Step
from amparo.media.exif import EXIF

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

SCRIPTS = [
    "a1",
    "B",
    "ÄÖ",
    "ß",
    "é",
    "e\u0301",
    "ﬁ",
    "صور",
    "١٢",
    "海辺",
    "ｶﾞ",
    "हिन्दी",
    "🏖",
    "\u200d",
    " ",
    "_",
    "-",
    "/",
    "'",
]
PIECES = st.one_of(st.sampled_from([*map(str.encode, SCRIPTS), b"\xff\xfe", b"\\", b'"', b"*"]), st.binary(max_size=6))
NAMES = st.lists(PIECES, min_size=1, max_size=6).map(b"".join)


def named(source: Source, names: Sequence[bytes], content: Content | None = None) -> list[int]:
    """Items of these names, indexed as the writer does it."""
    first = Item.objects.filter(source=source).count()
    items = [
        Item(
            case_id=source.case_id, source=source, parent_id=Item.objects.get(source=source, parent=None).pk,
            tail=b"%d" % (first + at), locator=Locator((Step("folder", name),)).encode(), entry="file",
            origin="allocated", lane=0, moments="[]", content=content,
        )
        for at, name in enumerate(names)
    ]  # fmt: skip
    with transaction.atomic():
        for item in items:
            item.save()
        search.add_new(source.case_id, [(item.pk, name) for item, name in zip(items, names, strict=True)])
    return [item.pk for item in items]


def found(case: Case, text: str, after: int = 0, most: int = 1_000) -> list[int]:
    return search.find(case.pk, asked(text), after, most)


def content(case: Case) -> Content:
    return Content.objects.create(case=case, sha256=b"s" * 32, sha1=b"", md5=b"", size=1, media_type="image/jpeg")


def camera(subject: Content, model: str) -> Finding:
    stage, _ = Stage.objects.get_or_create(analyser="test", version="1", config_digest="0" * 64)
    facts = {"model": model, "taken": "2024:01:01"}
    return Finding.objects.create(case=subject.case, content=subject, stage=stage, kind=EXIF, facts=facts)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "tree").mkdir()
    return new_source(tmp_path / "tree")


@given(names=st.lists(NAMES, min_size=1, max_size=8), picks=st.lists(st.tuples(st.integers(0, 99), st.integers(1, 9))))
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_databases_find_what_a_look_through_all_names_finds(
    source: Source, names: list[bytes], picks: list[tuple[int, int]]
) -> None:
    Item.objects.filter(source=source).exclude(parent=None).delete()
    keys = named(source, names)
    words = {key: words_of([name.decode("utf-8", "replace")]) for key, name in zip(keys, names, strict=True)}
    every = sorted({word for held in words.values() for word in held})
    asks = [(*every[at % len(every) :][:1], *every[length:][:1]) for at, length in picks] if every else []
    asks += [(word[:cut],) for word in every for cut in (1, len(word))]
    for sought in asks:
        expected = [key for key in keys if hold(words[key], sought)]
        assert search.find(source.case_id, sought, 0, 1_000) == expected, sought


def test_a_search_stays_in_its_case_and_goes_on_after_a_key(source: Source, tmp_path: Path) -> None:
    other = new_source(tmp_path / "tree")
    mine, theirs = named(source, [b"IMG_%d.jpg" % number for number in range(5)]), named(other, [b"IMG_1.jpg"])
    assert found(source.case, "img") == mine
    assert found(other.case, "img") == theirs
    assert found(source.case, "img", mine[1], 2) == mine[2:4]
    assert found(source.case, "img 3") == [mine[3]]
    assert found(source.case, "") == found(source.case, "- _") == []
    assert found(source.case, "' OR 1=1 --\"*") == []


def test_a_scan_indexes_what_it_stores(tmp_path: Path) -> None:
    (tmp_path / "tree" / "Straße").mkdir(parents=True)
    (tmp_path / "tree" / "Straße" / "IMG_1234.txt").write_bytes(b"x")
    (tmp_path / "tree" / "caf\u00e9").write_bytes(b"y")
    source = new_source(tmp_path / "tree", new_case())
    scan(source, plan())
    assert len(found(source.case, "strasse 1234")) == 1
    assert len(found(source.case, "STRASSE")) == 2
    assert len(found(source.case, "CAFE\u0301")) == 1
    assert SearchText.objects.count() == Item.objects.exclude(parent=None).count()
    before = list(SearchText.objects.order_by("pk").values_list("pk", "words"))
    scan(source, plan(2))
    assert list(SearchText.objects.order_by("pk").values_list("pk", "words")) == before


def test_findings_and_notes_give_words_and_take_them_away(source: Source) -> None:
    shot = content(source.case)
    one, two, three = named(source, [b"a.jpg", b"b.jpg", b"c.jpg"], shot)
    said = camera(shot, "Model Z")
    search.renew_contents([shot.pk])
    assert found(source.case, "model z") == found(source.case, "z model") == [one, two, three]
    assert found(source.case, "b model") == [two]  # words of different texts of one Item
    assert found(source.case, "2024") == []  # only what TEXTS names
    Finding.objects.filter(pk=said.pk).update(current=False)
    search.renew_contents([shot.pk])
    assert found(source.case, "model") == []
    Note.objects.create(case=source.case, item_id=three, text="Ask the Lab", author="os:x", made="2026-01-01T00:00:00Z")
    search.renew([three])
    assert found(source.case, "lab") == [three]
    assert found(source.case, "jpg") == [one, two, three]


def test_bytes_at_very_many_places_are_left_to_the_backlog(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = content(source.case)
    keys = named(source, [b"%d.jpg" % number for number in range(7)], shot)
    camera(shot, "Model Z")
    monkeypatch.setattr(search, "PLACES", 3)
    monkeypatch.setattr(search_backlog, "STEP", 2)
    search.renew_contents([shot.pk])
    assert found(source.case, "model") == []
    assert search_backlog.waiting() == 0  # that is of earlier versions
    steps = 0
    while search_backlog.step():
        steps += 1
    assert (steps, found(source.case, "model")) == (4, keys)


class Killed(BaseException):
    pass


def test_the_backlog_of_an_earlier_version_survives_being_killed(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = named(source, [b"IMG_%d.jpg" % number for number in range(9)])
    SearchText.objects.all().delete()
    SearchBacklog.objects.create(until=keys[-1])
    monkeypatch.setattr(search_backlog, "STEP", 4)
    assert search_backlog.step()
    left, seen = search_backlog.waiting(), found(source.case, "img")
    assert keys[: len(seen)] == seen != keys
    write = search.insert_many

    def dying(*words: object) -> None:
        write(*words)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(search, "insert_many", dying)
    with pytest.raises(Killed):
        search_backlog.step()
    assert (search_backlog.waiting(), found(source.case, "img")) == (left, seen)
    monkeypatch.undo()
    while search_backlog.step():
        pass
    assert found(source.case, "img") == keys
    assert search_backlog.waiting() == 0


class Clock:
    """A clock that goes on by what writing the words of an Item costs, in seconds; and what each part wrote."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cost: Callable[[int], float]) -> None:
        self.now, self.parts, self._cost = 0.0, list[list[int]](), cost
        self._renew = search.renew
        monkeypatch.setattr(search_backlog, "monotonic", lambda: self.now)
        monkeypatch.setattr(search, "renew", self.renew)

    def renew(self, keys: Sequence[int]) -> None:
        self._renew(keys)
        self.parts.append(list(keys))
        self.now += sum(map(self._cost, keys))

    def steps(self) -> list[tuple[float, int]]:
        """Seconds and Items of each step until nothing waits."""
        made = []
        while True:
            before, self.parts = self.now, []
            if not search_backlog.step():
                return made
            made.append((self.now - before, sum(map(len, self.parts))))


@pytest.mark.parametrize("cost", [0.0, 0.00005, 0.0005, 0.002, 0.009])
def test_a_step_is_as_large_as_its_time_allows(source: Source, cost: float, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = named(source, [b"IMG_%d.jpg" % number for number in range(620)])
    SearchText.objects.all().delete()
    SearchBacklog.objects.create(after=keys[0] - 1, until=keys[-1])
    steps = Clock(monkeypatch, lambda _: cost).steps()
    assert all(seconds <= 0.15 for seconds, _ in steps), steps
    assert sum(items for _, items in steps) == len(keys)
    assert all(items >= min(0.09 / cost, 500) for _, items in steps[:-1] if cost), "no smaller than it has to be"
    assert found(source.case, "img") == keys


def test_items_of_many_words_that_come_late_end_a_step(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = named(source, [b"IMG_%d.jpg" % number for number in range(620)])
    SearchText.objects.all().delete()
    SearchBacklog.objects.create(after=keys[0] - 1, until=keys[-1])
    steps = Clock(monkeypatch, lambda key: 0.00001 if key < keys[200] else 0.001).steps()
    assert all(seconds <= 0.2 for seconds, _ in steps), steps
    assert found(source.case, "img") == keys


def test_one_item_that_takes_longer_than_a_step_is_written_all_the_same(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = named(source, [b"IMG_%d.jpg" % number for number in range(30)])
    SearchText.objects.all().delete()
    SearchBacklog.objects.create(after=keys[0] - 1, until=keys[-1])
    steps = Clock(monkeypatch, lambda _: 10.0).steps()
    assert [items for _, items in steps if items] == [10, 10, 10]
    assert found(source.case, "img") == keys


def test_what_was_forgotten_is_found_no_more_and_leaves_no_bytes(source: Source) -> None:
    gone, kept = named(source, [b"qqvanishing.jpg", b"staying.jpg"])
    search.forget([gone])
    assert found(source.case, "jpg") == [kept]
    assert found(source.case, "qqvanishing") == []
    while search.clean():
        pass
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT block FROM catalogue_search_data")
            blocks = b"".join(bytes(block) for (block,) in cursor.fetchall())
            assert b"qqvanishing" not in blocks
            assert b"staying" in blocks
            cursor.execute("INSERT INTO catalogue_search (catalogue_search) VALUES ('integrity-check')")


def test_an_item_takes_its_words_along(source: Source) -> None:
    (key,) = named(source, [b"alone.jpg"])
    Item.objects.filter(pk=key).delete()
    assert found(source.case, "alone") == []


def test_a_search_goes_by_the_index_alone(source: Source) -> None:
    named(source, [b"IMG_%d.jpg" % number for number in range(50)])
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {search._FTS}", ['"1.img"*', 0, 10])
            plan = [row[3] for row in cursor.fetchall()]
            assert len(plan) == 1
            assert "VIRTUAL TABLE INDEX" in plan[0]
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_indexscan = off")  # of the primary key, which a table this small prefers
            cursor.execute(f"EXPLAIN {search._GIN}", ["'1.img':*", 0, 10])
            assert "Bitmap Index Scan on catalogue_search" in str(cursor.fetchall())
