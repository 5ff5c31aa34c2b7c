"""Schemes: grades are derived surely or asked for, published files stay as they are, and bad files are refused."""

import dataclasses
import datetime
import importlib.resources
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.pages import ROOT, blocks
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.evidence.labels import FACETS, Labels
from amparo.media.schemes.rule_file import MAX_BYTES, MAX_LINE, load_scheme, parse_scheme
from amparo.media.schemes.scheme import Ask, Grade, Scheme, derive, every_answer
from amparo.media.schemes.shipped import by_digest, every_version, schemes, together

DAY = datetime.date(2026, 12, 1)
SHIPPED = pytest.mark.parametrize("scheme", every_version(), ids=lambda each: f"{each.name}-{each.version}")
FILES = importlib.resources.files("amparo.media.schemes") / "rules"
GOLDEN = ROOT / "tests" / "golden" / "schemes.json"
HEAD = """scheme = "test"
title = "Test"
country = "international"
version = "1"
valid_from = 2026-01-01
source = "Written for this test"
reviewed_by_lawyer = false
"""
TITLES = '[titles]\nyes = "Yes"\nno = "No"\n'
RULES = """[[rule]]
grade = "yes"
when = { age = ["under-13"], child = ["real"] }
[[rule]]
grade = "no"
"""


def scheme_of(rules: str = RULES, titles: str = TITLES, head: str = HEAD) -> Scheme:
    return parse_scheme((head + titles + rules).encode())


def version(number: str, first: str, until: str = "") -> Scheme:
    head = HEAD.replace('version = "1"', f'version = "{number}"').replace("2026-01-01", first)
    return scheme_of(head=head + (f"valid_until = {until}\n" if until else ""))


def named(name: str) -> Scheme:
    (found,) = (each for each in schemes(DAY) if each.name == name)
    return found


def every_labels(scheme: Scheme) -> Iterator[dict[str, str]]:
    """The whole space of what a scheme looks at: each facet not asked, left open or answered."""
    for values in itertools.product(*((None, *FACETS[facet].values) for facet in scheme.facets())):
        answers = {facet: value for facet, value in zip(scheme.facets(), values, strict=True) if value}
        try:
            yield dict(Labels.of(answers).answers)
        except BadInput:
            continue


@SHIPPED
def test_over_all_labels_a_further_answer_never_changes_a_grade(scheme: Scheme) -> None:
    day = scheme.valid_from
    results = {labels: derive(labels, scheme, day) for labels in map(Labels.of, every_labels(scheme))}
    compared = 0
    for labels, result in results.items():
        if isinstance(result, Ask) and result.reason == "facets":
            continue
        for facet in scheme.facets():
            for value in FACETS[facet].definite if facet not in labels.definite() else ():
                try:
                    further = results[Labels.of({**dict(labels.answers), facet: value})]
                except BadInput:
                    continue
                compared += 1
                assert type(further) is type(result)
                assert further.rule == result.rule
                assert further.reason == result.reason if isinstance(result, Ask) else further.grade == result.grade
    assert compared > 10


@SHIPPED
def test_over_all_labels_answering_what_is_asked_settles_it(scheme: Scheme) -> None:
    asked = 0
    for answers in every_labels(scheme):
        labels = Labels.of(answers)
        result = derive(labels, scheme, scheme.valid_from)
        if not (isinstance(result, Ask) and result.reason == "facets"):
            continue
        asked += 1
        assert result.facets
        assert not set(result.facets) & set(labels.definite())
        for further in every_answer(result.facets, labels.definite()):
            settled = derive(Labels.of(further), scheme, scheme.valid_from)
            assert isinstance(settled, Grade) or settled.reason != "facets", (answers, further)
    assert asked


@SHIPPED
def test_the_facts_of_a_grade_give_it_again(scheme: Scheme) -> None:
    for answers in every_labels(scheme):
        result = derive(Labels.of(answers), scheme, scheme.valid_from)
        if isinstance(result, Grade):
            assert set(result.facts) <= set(Labels.of(answers).tokens())
            assert derive(Labels.parse(result.facts), scheme, scheme.valid_from) == result


@SHIPPED
def test_every_grade_is_reached(scheme: Scheme) -> None:
    results = [derive(Labels.of(answers), scheme, scheme.valid_from) for answers in every_answer(scheme.facets())]
    assert {each.grade for each in results if isinstance(each, Grade)} == scheme.titles.keys()
    assert {each.rule for each in results if each.rule} == set(range(1, len(scheme.rules) + 1))


@settings(max_examples=examples(50))
@given(st.sampled_from(every_version()), st.dictionaries(st.sampled_from(list(FACETS)), st.integers(0, 9)))
def test_other_facets_do_not_matter(scheme: Scheme, picked: dict[str, int]) -> None:
    answers = {facet: list(FACETS[facet].values)[n % len(FACETS[facet].values)] for facet, n in picked.items()}
    try:
        labels = Labels.of(answers)
    except BadInput:
        return
    looked_at = Labels.of({facet: value for facet, value in answers.items() if facet in scheme.facets()})
    results = [derive(each, scheme, scheme.valid_from) for each in (labels, looked_at)]
    if isinstance(results[1], Grade):
        assert results[0] == results[1]
    assert type(results[0]) in (Grade, Ask)


@pytest.mark.parametrize(
    ("scheme", "tokens", "grade"),
    [
        ("interpol-baseline", "material-abuse-material child-real age-under-13 severity-gravest", "in-baseline"),
        ("interpol-baseline", "age-13-to-17", "not-in-baseline"),
        ("interpol-baseline", "child-not-real", "not-in-baseline"),
        ("interpol-baseline", "material-abuse-material child-real age-under-13 severity-grave", "rule"),
        ("interpol-baseline", "material-abuse-material child-real age-under-13", "severity"),
        ("vic-us", "material-not-pertinent", "0"),
        ("vic-us", "material-abuse-material child-real age-13-to-17", "1"),
        ("vic-us", "material-exploitative-not-abuse child-real", "2"),
        ("vic-us", "material-abuse-material child-not-real", "3"),
        ("vic-us", "material-comparison child-real", "4"),
        ("vic-us", "material-abuse-material child-real age-undetermined", "age"),
        ("vic-us", "material-exploitative-not-abuse child-none", "not-covered"),
        ("vic-uk", "material-abuse-material child-real age-13-to-17 severity-gravest medium-video", "A"),
        ("vic-uk", "material-abuse-material child-real age-under-13 severity-grave medium-image", "B"),
        ("vic-uk", "material-abuse-material child-real age-under-13 severity-lesser medium-image", "C"),
        ("vic-uk", "material-abuse-material child-not-real severity-gravest medium-image", "rule"),
        ("vic-uk", "material-abuse-material child-real age-under-13 severity-lesser", "medium"),
        ("au-interpol-scale", "material-abuse-material child-real age-under-13 severity-grave", "1"),
        ("au-interpol-scale", "material-abuse-material child-real age-13-to-17", "2"),
        ("au-interpol-scale", "material-comparison", "rule"),
        ("de-stgb", "material-abuse-material child-real age-under-13", "184b"),
        ("de-stgb", "material-abuse-material child-real age-13-to-17", "rule"),
    ],
)
def test_shipped_rules(scheme: str, tokens: str, grade: str) -> None:
    result = derive(Labels.parse(tokens.split()), named(scheme), DAY)
    if isinstance(result, Ask):
        assert (result.facets[0] if result.facets else result.reason) == grade
        assert bool(result.note) == (result.reason == "rule")
    else:
        assert result.grade == grade


def test_a_condition_outside_the_labels_is_shown_and_not_derived() -> None:
    labels = Labels.parse(("material-abuse-material", "child-real", "age-under-13", "severity-gravest"))
    result = derive(labels, named("interpol-baseline"), DAY)
    assert isinstance(result, Grade)
    assert result.needs == "verified by a second agency"


def test_a_later_rule_waits_for_the_earlier_ones() -> None:
    scheme = scheme_of()
    assert derive(Labels.parse(("age-under-13",)), scheme, DAY) == Ask("test", "1", scheme.digest, ("child",), "facets")
    result = derive(Labels.parse(("child-none",)), scheme, DAY)
    assert isinstance(result, Grade)
    assert (result.grade, result.rule, result.facts) == ("no", 2, ("child-none",))


def test_what_no_labels_can_say_is_not_asked_for() -> None:
    scheme = scheme_of('[[rule]]\ngrade = "yes"\nwhen = { severity = ["gravest"] }\n[[rule]]\ngrade = "no"\n')
    result = derive(Labels.parse(("material-comparison",)), scheme, DAY)
    assert isinstance(result, Grade)
    assert (result.grade, result.facts) == ("no", ("material-comparison",))


def test_published_files_are_never_edited() -> None:
    """A changed rule is a new file with its own version; its digest is added to tests/golden/schemes.json."""
    found = {f"rules/{each.name}-{each.version}.toml": each.digest for each in every_version()}
    assert found == json.loads(GOLDEN.read_text())
    assert {f"rules/{entry.name}" for entry in FILES.iterdir()} == found.keys()


def test_an_old_grade_is_derived_again_from_its_digest() -> None:
    versions = together([version("1", "2020-01-01"), version("2", "2026-01-01")])
    (old,) = schemes(datetime.date(2021, 1, 1), versions)
    grade = derive(Labels.parse(("child-none",)), old, datetime.date(2021, 1, 1))
    assert [each.version for each in schemes(DAY, versions)] == ["2"]
    assert derive(Labels.parse(("child-none",)), by_digest(grade.digest, versions), DAY) == grade
    with pytest.raises(BadInput, match="No rule file has the digest"):
        by_digest("0" * 64)


def test_a_version_holds_until_the_next_begins_or_its_own_end() -> None:
    versions = together([version("2", "2026-06-01", "2026-09-01"), version("1", "2026-01-01")])
    for day, expected in [("2025-12-31", []), ("2026-05-31", ["1"]), ("2026-06-01", ["2"]), ("2026-09-01", [])]:
        assert [each.version for each in schemes(datetime.date.fromisoformat(day), versions)] == expected
    with pytest.raises(BadInput, match="does not hold on 2026-09-01"):
        derive(Labels(), versions[1], datetime.date(2026, 9, 1))
    with pytest.raises(BadInput, match="does not hold on 2025-12-31"):
        derive(Labels(), versions[0], datetime.date(2025, 12, 31))


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (version("1", "2026-01-01", "2026-07-01"), version("2", "2026-06-01"), "hold on the same day"),
        (version("1", "2026-01-01"), version("2", "2026-01-01"), "hold on the same day"),
        (version("1", "2026-01-01"), version("1", "2026-06-01"), "two versions 1"),
    ],
)
def test_versions_that_overlap_are_refused(first: Scheme, second: Scheme, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        together([second, first])
    assert len(together([first, dataclasses.replace(second, name="other")])) == 2


def test_the_empty_profile_of_the_documentation_loads_once_its_texts_are_filled_in(tmp_path: Path) -> None:
    (template,) = blocks(ROOT / "docs" / "reference" / "labels-and-schemes.md", "toml")
    path = tmp_path / "profile.toml"
    path.write_text(template)
    with pytest.raises(BadInput, match="is not one line of text"):
        load_scheme(path)
    path.write_text(template.replace('""', '"Words of the operator"'))
    assert set(load_scheme(path).titles.values()) == {"Words of the operator"}


WHEN = '[[rule]]\ngrade = "yes"\nwhen = { %s }\n[[rule]]\ngrade = "no"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no scheme"),
        ("= 1", "not TOML"),
        ("a = " + "[" * 1_000, "not TOML"),
        ("#" * (MAX_LINE + 1), "line longer"),
        ("#\n" * (MAX_BYTES // 2 + 1), "larger than"),
        (HEAD + TITLES, "has no rule"),
        (HEAD + "colour = 1\n" + TITLES + RULES, "unknown key 'colour'"),
        (HEAD.replace("international", "es") + TITLES + RULES, "country is not"),
        (HEAD.replace('"test"', '"Test!"') + TITLES + RULES, "scheme is not"),
        (HEAD.replace("2026-01-01", '"2026-01-01"') + TITLES + RULES, "valid_from is not a date"),
        (HEAD.replace("2026-01-01", "2026-01-01T00:00:00") + TITLES + RULES, "valid_from is not a date"),
        (HEAD + "valid_until = 2026-01-01\n" + TITLES + RULES, "end before they begin"),
        (HEAD.replace("false", '"no"') + TITLES + RULES, "reviewed_by_lawyer is not true or false"),
        (HEAD.replace('"Test"', '"a\\nb"') + TITLES + RULES, "title is not one line"),
        (HEAD + TITLES.replace("yes", "perhaps") + RULES, "exactly the grades"),
        (HEAD + TITLES + WHEN % 'colour = ["red"]', "Rule 1: 'colour' is not a facet"),
        (HEAD + TITLES + WHEN % 'age = ["12"]', "Rule 1: '12' is not a value of age"),
        (HEAD + TITLES + WHEN % 'age = ["undetermined"]', "Rule 1: undetermined is no premise"),
        (HEAD + TITLES + WHEN % 'age = "under-13"', "Rule 1: a facet has no list"),
        (HEAD + TITLES + WHEN % "age = [13]", "Rule 1: a facet has no list"),
        (HEAD + TITLES + WHEN % "", "Rule 2 can never apply"),
        (HEAD + TITLES + RULES + '[[rule]]\ngrade = "yes"\n', "Rule 3 can never apply"),
        (HEAD + TITLES + WHEN % 'child = ["none"], age = ["under-13"]', "Rule 1 can never apply"),
        (HEAD + TITLES + RULES + "[[rule]]\n", "Rule 3 has not just one outcome"),
        (HEAD + TITLES + RULES + '[[rule]]\nask = "a"\ngrade = "no"\n', "Rule 3 has not just one outcome"),
        (HEAD + TITLES + RULES + '[[rule]]\nask = ""\n', "Rule 3: ask is not one line"),
        (HEAD + TITLES + RULES + "[[rule]]\ngrade = 1\n", "Rule 3: grade is not"),
        (HEAD + TITLES + RULES + '[[rule]]\nask = "a"\n' * 63, "not 1 to 64 rules"),
    ],
)
def test_bad_rule_files_are_refused_by_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        parse_scheme(text.encode())
    assert caught.value.hint


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            load_scheme(path)


@settings(max_examples=examples(50))
@given(st.data())
def test_damaged_rule_files_give_a_scheme_or_bad_input(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([entry.read_bytes() for entry in FILES.iterdir()]))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    damaged = (
        whole[:start] + data.draw(st.binary(max_size=12) | st.sampled_from([b'"', b"[[", b"}", b"\n"])) + whole[end:]
    )
    try:
        scheme = parse_scheme(damaged)
    except BadInput as error:
        assert error.message.isprintable()
        return
    assert isinstance(derive(Labels(), scheme, scheme.valid_from), Ask | Grade)
