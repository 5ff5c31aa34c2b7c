"""Tables for people: whole words, what matters first, and everything where it was asked for."""

import json
import sys

import pytest

from amparo.cli.output import TABLE_ROWS, rows

DIGEST = "0123456789abcdef" * 4
ROW = {
    "path": "Pictures/a name of many words/" + "long" * 10 + ".jpg",
    "media_type": "image/jpeg",
    "size": 1_234_567,
    "reason": None,
    "sha256": DIGEST,
    "made": "2026-11-23T16:27:08.221673Z",
}
COLUMNS = ("path", "media_type", "size", "reason", "sha256", "made")


def printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    whole: bool = False,
    number: int = 1,
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    assert rows([ROW] * number, False, COLUMNS, "nothing", whole) == number
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= width for line in lines)
    return lines


def test_a_wide_terminal_shows_all_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    head, line = printed(capsys, monkeypatch, 200)
    assert head.split() == ["path", "media", "type", "size", "sha256", "made"]  # nobody states a reason
    assert line.split("  ")[-1] == "2026-11-23 16:27 UTC"
    assert f"{DIGEST[:16]}…" in line
    assert "1,234,567" in line


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100])
def test_a_narrow_terminal_cuts_no_word_and_names_what_it_leaves_out(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, monkeypatch, width)
    text = " ".join(" ".join(lines).split())
    shown = {"image/jpeg": "media type", "1,234,567": "size", DIGEST[:16]: "sha256", "2026-11-23": "made"}
    left_out = text.partition("Not shown here: ")[2]
    assert all((value in text) != (name in left_out) for value, name in shown.items())
    assert "path" not in left_out
    assert "reason" not in text
    assert ("--json" in text) == bool(left_out)


def test_what_was_asked_for_as_a_whole_is_neither_shortened_nor_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, monkeypatch, 80, whole=True)
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "path",
        "media",
        "size",
        "sha256",
        "made",
    ]
    assert any(line.endswith(DIGEST) for line in map(str.rstrip, lines))
    assert printed(capsys, monkeypatch, 80, whole=True, number=2) == [*lines, "", *lines]
    assert len(printed(capsys, monkeypatch, 300, whole=True)) == 2  # where it fits it is a table


def test_the_first_rows_of_a_long_list(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert rows(({"path": str(each)} for each in range(10**6)), False, ("path",), "") == TABLE_ROWS + 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines[-2:]] == [str(TABLE_ROWS - 1), "The first 200. For all of them: --json"]


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows([], False, COLUMNS, "Nothing here.") == 0
    assert capsys.readouterr().out == "Nothing here.\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_json_on_a_terminal_does_not_act_on_it_and_is_the_same_json(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"path": "a\x07\x1b[2J\x7f\x9b31m\u202eb\u2066\u2028c é 例 \U0001f600"}
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert rows([row], True, COLUMNS, "") == 1
    (line, rest) = capsys.readouterr().out.split("\n")
    assert (json.loads(line), rest) == (row, "")
    assert ("\x9b" in line) is not terminal
    assert terminal == all(each.isprintable() for each in line)
    assert "é 例 \U0001f600" in line
