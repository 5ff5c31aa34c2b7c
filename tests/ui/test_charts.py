import re
import xml.etree.ElementTree as ElementTree

from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from amparo.ui import charts
from amparo.ui.report import States
from amparo.ui.report_figures import media_types_chart, states_chart

_HEAD = ("Kind", "Items")


def _widths(chart: charts.Chart, colours: str = "c[1-4]") -> list[float]:
    found = [
        rect for rect in ElementTree.fromstring(chart.svg).iter("rect") if re.fullmatch(colours, rect.attrib["class"])
    ]
    return [float(rect.attrib["width"]) for rect in found]


def test_bars_are_in_proportion_and_keep_small_values_visible() -> None:
    chart = charts.bars("Types", "Says so.", _HEAD, [charts.Part(str(n), n, str(n)) for n in (1000, 500, 1, 0)])
    assert _widths(chart) == [charts.WIDTH, charts.WIDTH / 2, 3, 0]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=4))
def test_stacked_fills_the_bar_and_shows_every_part(values: list[int]) -> None:
    parts = [charts.Part(f"p{n}", value, str(value), f"c{n + 1}") for n, value in enumerate(values)]
    widths = _widths(charts.stacked("Work", "Says so.", _HEAD, parts))
    there = sum(value > 0 for value in values)
    assert len(widths) == there
    if there:
        assert all(width >= 2.9 for width in widths)
        assert abs(sum(widths) + 2 * there - charts.WIDTH) < 1


def test_words_are_escaped_and_named() -> None:
    chart = charts.bars("A & <b>", 'Says "so".', _HEAD, [charts.Part("<script>" * 9, 3, "3")])
    svg = ElementTree.fromstring(chart.svg)
    labelled = svg.attrib["aria-labelledby"].split()
    assert [each.text for each in svg if each.attrib.get("id") in labelled] == ["A & <b>", 'Says "so".']
    assert "style=" not in chart.svg
    assert all(len(text.text or "") <= 34 for text in svg.iter("text"))


def test_an_empty_chart_is_well_formed() -> None:
    ElementTree.fromstring(charts.bars("T", "S", _HEAD, []).svg)
    ElementTree.fromstring(states_chart(States()).svg)


def test_media_types_beyond_the_first_are_one_bar() -> None:
    with translation.override("en"):
        chart = media_types_chart([(f"application/x-{n:02}", 100 - n) for n in range(20)], 15)
        assert len(chart.parts) == 16
        assert chart.parts[-1].label == "5 other types"
        assert sum(part.value for part in chart.parts) == sum(100 - n for n in range(20))


def test_media_types_are_shown_in_words_with_the_exact_name_beside() -> None:
    with translation.override("en"):
        chart = media_types_chart([("image/jpeg", 5), ("application/x-kind", 2)], 15)
    assert [(part.label, part.exact) for part in chart.parts] == [
        ("Picture (JPEG)", "image/jpeg"),
        ("application/x-kind", ""),
    ]
    assert "Picture (JPEG)" in chart.sentence
    assert "image/jpeg" not in chart.svg
    shown = render_to_string("ui/chart.html", {"chart": chart})
    assert ">image/jpeg</bdi>" in shown
    assert shown.count("application/x-kind</th>") == 1


def test_percentages_are_rounded_down_and_never_hide_what_is_there() -> None:
    with translation.override("en"):
        assert states_chart(States(ok=999, failed=1)).sentence.startswith("99% ")
        assert states_chart(States(ok=1, pending=999)).sentence.startswith("<1% ")
        assert states_chart(States(ok=3)).sentence.startswith("100% ")


def test_upright_bars_lead_where_their_rows_of_the_table_lead() -> None:
    parts = [
        charts.Part("2020", 5, "5", url="?span=2020"),
        charts.Part("2021", 0, "0", url="?span=2021"),
        charts.Part("2022", 1, "1"),
    ]
    chart = charts.columns("By year", "", ("Year", "Items"), parts)
    assert [part.label for part in chart.parts] == ["2020", "2022"], "what is zero is drawn as nothing and not listed"
    assert chart.svg.count("<a ") == 1
    assert 'href="?span=2020" tabindex="-1"' in chart.svg
    assert 'aria-hidden="true"' in chart.svg, "links inside a picture are for the mouse; the table has them for all"
    assert "style=" not in chart.svg
    heights = [float(each) for each in re.findall(r'class="c1"[^>]* height="([0-9.]+)"', chart.svg)]
    assert heights == [110, 22]


def test_upright_bars_without_links_have_a_text_for_screen_readers() -> None:
    chart = charts.columns(
        "Hours",
        "Most at noon.",
        ("Hour", "Items"),
        [charts.Part(f"{hour:02}:00", hour, str(hour)) for hour in range(24)],
    )
    assert 'role="img"' in chart.svg
    assert "<desc" in chart.svg
    assert chart.svg.count("<rect") == 23 + 1
    assert charts.columns("Empty", "", ("Hour", "Items"), []).parts == ()
