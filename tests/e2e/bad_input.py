"""What the tests of bad input share: how a refusal looks, and what a scan left."""

from pathlib import Path

from e2e.homes import Home, Rows, Run


def refused(done: Run, code: int, *words: str) -> None:
    """Ended with this exit code, and one clear line and one hint on stderr; the line holds these words."""
    assert done.returncode == code, (done.returncode, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("amparo: "), done.stderr
    assert lines[1].startswith("  "), done.stderr
    assert len(lines[1].strip()) > 10, done.stderr
    assert not [word for word in words if word not in lines[0]], done.stderr
    for noise in ("Traceback", "An error of ours"):
        assert noise not in done.stderr


def scan(home: Home, root: Path, code: int = 0) -> dict[str, dict[str, object]]:
    """Scan into a new case BAD, ending with ``code`` and nothing on stderr; the Items by path."""
    home.case("BAD")
    done = home.run("scan", root, "--case", "BAD")
    assert (done.returncode, done.stderr) == (code, ""), (done.returncode, done.stderr)
    home.verify()
    return items(home)


def items(home: Home, reference: str = "BAD") -> dict[str, dict[str, object]]:
    """The Items of a case by path."""
    rows = home.rows("items", "--case", reference)
    assert len({row["path"] for row in rows}) == len(rows)
    return {row["path"]: row for row in rows}


def findings(home: Home, kind: str) -> Rows:
    """The facts of this kind of finding."""
    return [row["facts"] for row in home.rows("findings", "--case", "BAD", "--kind", kind)]


def nothing_recorded(home: Home, reference: str = "BAD") -> None:
    """The case is there and holds no source."""
    row = home.rows("case", "show", reference)[0]
    assert (row["sources"], row["items"]) == (0, 0)
