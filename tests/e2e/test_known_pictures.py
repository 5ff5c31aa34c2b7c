"""Known pictures through the command line: from a Bank to a Decision, as a person sees it."""

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path

import jsonschema
import pytest
from casework.pictures import copies, pdq_of, picture
from e2e.bad_input import refused
from e2e.bank_lists import HEADER
from e2e.homes import Home

from amparo.casework import schemas

pytestmark = [pytest.mark.database_slow, pytest.mark.timeout(300)]
STATED = ("--owner", "Amparo tests", "--terms", "none", "--date", "2026-01-31")
NAME = "Ana's bank"


def valid(home: Home, name: str, *words: object) -> list[dict[str, object]]:
    """The rows of a command, each as its schema says."""
    rows = home.rows(*words)
    validator = jsonschema.Draft202012Validator(json.loads(schemas.read(name)))
    for row in rows:
        validator.validate(row)
    return rows


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def looks(home: Home, folder: Path, *seeds: int) -> None:
    path = folder / "looks.txt"
    path.write_text("".join(f"{pdq_of(picture(seed))}\n" for seed in seeds))
    plain = ("--format", "plain", "--algorithm", "pdq")
    assert home.run("bank", "import", path, "--name", NAME, *plain, *STATED).returncode == 0


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copies(tmp_path / "tree", 1, 6)
    picture(2).save(tmp_path / "tree" / "other.png")
    return tmp_path / "tree"


def test_matches_are_shown_with_their_doubts(home: Home, tree: Path, tmp_path: Path) -> None:
    odd = tree / "a\x1b[2J\u202eb.png"
    (tree / "other.png").rename(odd)
    (tmp_path / "k.csv").write_text(f"{HEADER}{sha256(odd)},test,Amparo tests,none,2026-01-31\n")
    assert home.run("bank", "import", tmp_path / "k.csv", "--name", "Files").returncode == 0
    looks(home, tmp_path, 1)
    home.case("R-1")
    assert home.run("matches", "--case", "R-1").stdout == "No matches here. That says nothing about the content.\n"
    assert home.run("scan", tree, "--case", "R-1").returncode == 0
    assert len(valid(home, "case_match", "matches", "--case", "R-1", "--all")) == 7
    assert len(home.rows("matches", "--case", "R-1", "--bank", NAME)) == 6
    assert len(home.rows("matches", "--case", "R-1", "--limit", "3")) == 3
    assert home.rows("matches", "--case", "R-1", "--limit", "0") == []
    refused(home.run("matches", "--case", "R-1", "--limit", "-1"), 2, "--limit")
    refused(home.run("matches", "--case", "R-1", "--bank", "Other"), 2, "Other")
    refused(home.run("matches", "--case", "R-9"), 2, "R-9")
    shown = home.run("matches", "--case", "R-1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown.stdout), "names do not act on the terminal"
    assert shown.stdout.count("It would be false if:") == 7
    assert "a\\x1b[2J" in shown.stdout
    assert shown.stdout.startswith("The same file: ")
    assert NAME in shown.stdout
    home.verify()


def test_the_commands_a_flood_asks_for_can_be_run(home: Home, tree: Path, tmp_path: Path) -> None:
    limited = Home(home.path, {**home.env, "AMPARO_FLOOD_LIMIT": "3"})
    looks(limited, tmp_path, 1)
    limited.case("R-1")
    done = limited.run("scan", tree, "--case", "R-1", "--json")
    assert (done.returncode, json.loads(done.stdout)["matches"]) == (0, 0)
    lines = done.stderr.splitlines()
    assert lines[0].startswith("amparo: entry 1 of bank ")
    assert "6 pictures" in lines[0]
    told = [shlex.split(line) for line in lines if line.startswith("  amparo bank ")]
    assert [words[2] for words in told] == ["release", "deny"]
    assert limited.rows("matches", "--case", "R-1") == []
    for (_, *words), expected in zip(told, (["match.near"] * 6, []), strict=True):
        assert limited.run(*words).returncode == 0
        again = limited.run("rematch")
        assert (again.returncode, again.stderr) == (0, "")
        assert [row["kind"] for row in limited.rows("matches", "--case", "R-1")] == expected
    limited.case("R-2")
    assert limited.run("scan", tree, "--case", "R-2").stderr == ""
    limited.verify()


@pytest.mark.parametrize("form", ["--json", ""])
def test_a_rematch_warns_too(form: str, home: Home, tree: Path, tmp_path: Path) -> None:
    limited = Home(home.path, {**home.env, "AMPARO_FLOOD_LIMIT": "3"})
    limited.case("R-1")
    assert limited.run("scan", tree, "--case", "R-1").returncode == 0
    looks(limited, tmp_path, 1)
    done = limited.run(*("rematch", "--case", "R-1", form)[: 4 if form else 3])
    assert done.returncode == 0
    assert "was set aside" in done.stderr
    if form:
        assert json.loads(done.stdout)["set_aside"] == [{"bank": NAME, "entry": 1, "contents": 6}]


def test_a_group_is_judged_once(home: Home, tree: Path) -> None:
    home.case("R-1")
    assert home.run("scan", tree, "--case", "R-1").returncode == 0
    assert home.run("groups", "--case", "R-1", "--list").stdout == "No two pictures of this case are near.\n"
    (group,) = valid(home, "group", "groups", "--case", "R-1")
    assert (group["pictures"], group["path"]) == (6, "copy1-0.jpg")
    assert valid(home, "group", "groups", "--case", "R-1", "--list") == [group]
    one = sha256(tree / "copy1-3.jpg")
    label = ("--case", "R-1", "--label", "material-comparison")
    (made,) = valid(home, "decision", "decide", one, *label, "--note", "a note")
    assert (made["sha256"], made["spread_from"], made["note"]) == (one, None, "a note")
    assert {grade["scheme"] for grade in made["grades"]} >= {"interpol-baseline"}  # type: ignore[attr-defined]
    assert len(valid(home, "decision", "decide", one, *label, "--group")) == 6
    assert len(valid(home, "decision", "decisions", "--case", "R-1")) == 6
    assert len(valid(home, "decision", "decisions", "--case", "R-1", "--all")) == 7
    done = home.run("decide", sha256(tree / "other.png"), *label)
    assert (done.returncode, "Recorded for 1 content." in done.stdout) == (0, True)
    for words, said in (
        (("decide", one, "--case", "R-1", "--label", "nonsense"), "nonsense"),
        (("decide", one, *label, "--label", "severity-grave"), "exclude"),
        (("decide", "0" * 64, *label), "no content"),
        (("decide", "x", *label), "SHA-256"),
        (("decide", one, *label, "--note", "x" * 501), "Note"),
        (("decide", one, "--case", "R-9", "--label", "age-undetermined"), "R-9"),
    ):
        refused(home.run(*words), 2, said)
    assert len(home.rows("decisions", "--case", "R-1", "--all")) == 8
    home.verify()


def test_schemes_are_listed(home: Home, tmp_path: Path) -> None:
    rows = valid(home, "scheme", "schemes")
    assert all(row["in_force"] in (True, False) for row in rows)
    assert home.run("schemes").returncode == 0
    broken = Home(home.path, {**home.env, "AMPARO_SCHEMES": str(tmp_path / "none.toml")})
    refused(broken.run("schemes"), 2, "cannot be read")


def test_known_good_is_left_out_and_said(home: Home, tree: Path, tmp_path: Path) -> None:
    digest = sha256(tree / "other.png")
    (tmp_path / "good.txt").write_text(digest + "\n")
    good = ("--format", "plain", "--algorithm", "sha256", "--kind", "known-good", *STATED)
    assert home.run("bank", "import", tmp_path / "good.txt", "--name", "NSRL", *good).returncode == 0
    home.case("R-1")
    assert home.run("scan", tree, "--case", "R-1").returncode == 0
    done = home.run("items", "--case", "R-1", "--json")
    assert done.stderr == "amparo: 1 items of known-good content are left out; with them: --known-good\n"
    paths = [json.loads(line)["path"] for line in done.stdout.splitlines()]
    assert "other.png" not in paths
    assert len(paths) == 7
    done = home.run("items", "--case", "R-1", "--known-good", "--json")
    assert (done.stderr, len(done.stdout.splitlines())) == ("", 8)
    assert home.rows("matches", "--case", "R-1") == [], "no lead"
    assert [row["kind"] for row in home.rows("matches", "--case", "R-1", "--all")] == ["match.known_good"]


def test_hashing_makes_no_home(home: Home, tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(home.path)
    (tmp_path / "text.txt").write_text("text")
    picture(1).save(tmp_path / "one.png")
    one, text = valid(home, "hash", "hash", tmp_path / "one.png", tmp_path / "text.txt")
    assert (one["pdq"], text["pdq"]) == (pdq_of(picture(1)), None)
    assert home.run("hash", tmp_path / "one.png").returncode == 0
    refused(home.run("hash", tmp_path / "none.png"), 2, "none.png")
    slow = Home(home.path, {**home.env, "AMPARO_LIMIT_SECONDS": "0.000001"})
    from PIL import Image

    Image.new("RGB", (14_000, 14_000)).save(tmp_path / "large.png")
    refused(slow.run("hash", tmp_path / "large.png"), 2, "large.png", "limit-time")
    assert not home.path.exists()
