"""Hashing files a person names: the peer's PDQ, null for what has none, and a clear word about what was not reached."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pdqhash
import pytest
from casework.pictures import pdq_of, picture
from PIL import Image

from amparo import config
from amparo.casework import schemas
from amparo.casework.hashing import hash_rows
from amparo.evidence.errors import BadInput
from amparo.evidence.outcome import Failed
from amparo.pipeline.engines import pool
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import Visited


def rows(*paths: object, **settings: Any) -> list[dict[str, Any]]:
    given = {"home": "/nonexistent/home", "workers": 1, **settings}
    found = list(hash_rows(config.load(**given), [str(path) for path in paths]))
    validator = jsonschema.Draft202012Validator(json.loads(schemas.read("hash")))
    for row in found:
        validator.validate(row)
    return found


@pytest.mark.parametrize(("seed", "size"), [(1, (320, 240)), (2, (90, 200)), (3, (1200, 700))])
def test_pdq_is_the_peers(seed: int, size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    picture(seed, size).save(path)
    (row,) = rows(path)
    assert row["pdq"] == pdq_of(picture(seed, size))
    assert row["pdq_quality"] == pdqhash.compute(np.asarray(picture(seed, size)))[1]
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row["path"], row["size"]) == (str(path), path.stat().st_size)
    if max(size) <= 512:
        assert row["pdq_512"] == row["pdq"], "the reference squashes larger ones only"


def test_what_is_no_picture_has_no_pdq(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("text")
    (tmp_path / "empty").touch()
    picture(1).save(tmp_path / "cut.png")
    whole = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:60])
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    found = rows(*sorted(tmp_path.iterdir()))
    assert len(found) == 4
    assert {(row["pdq"], row["pdq_quality"], row["pdq_512"]) for row in found} == {(None, None, None)}
    assert found[1]["sha256"] == hashlib.sha256(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00").hexdigest()


def test_many_files_are_looked_at_by_one_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = 0
    start = pool._Worker.__init__

    def counted(self: Any, *given: Any, **named: Any) -> None:
        nonlocal started
        started += 1
        start(self, *given, **named)

    monkeypatch.setattr(pool._Worker, "__init__", counted)
    paths: list[Path] = []
    for seed in range(3):
        paths.append(tmp_path / f"{seed}.png")
        picture(seed).save(paths[-1])
    assert [row["pdq"] for row in rows(*paths, paths[0])] == [pdq_of(picture(seed)) for seed in (0, 1, 2, 0)]
    assert started == 1


def test_links_and_names_that_are_not_utf8(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "one.png")
    (tmp_path / "link").symlink_to("one.png")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/na\xffme")
    os.link(tmp_path / "one.png", odd)
    one, link, other = rows(tmp_path / "one.png", tmp_path / "link", odd)
    assert one["pdq"] == link["pdq"] == other["pdq"]
    assert (link["path"], "path_b64" in link, "path_b64" in other) == (str(tmp_path / "link"), False, True)


@pytest.mark.parametrize("name", ["none", ".", "pipe", "one.png/x"])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    picture(1).save(tmp_path / "one.png")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput) as refused:
        rows(tmp_path / name)
    assert refused.value.hint


def test_what_is_before_a_bad_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("text")
    found = hash_rows(config.load(home=tmp_path / "home", workers=1), [str(tmp_path / "text.txt"), "/nowhere"])
    assert next(found)["size"] == 4
    with pytest.raises(BadInput, match="nowhere"):
        next(found)
    assert not (tmp_path / "home").exists()


def test_more_pixels_than_the_limit_are_not_decoded(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "one.png")
    (row,) = rows(tmp_path / "one.png", limit_pixels=100)
    assert row["pdq"] is None


@pytest.mark.parametrize("reason", ["limit-time", "limit-memory", "crash"])
def test_a_worker_that_reaches_a_limit_is_told_of(reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash that was not made must not look like a file that has none."""
    picture(1).save(tmp_path / "one.png")
    wait = pool.PoolEngine.wait

    def failing(self: Any, seconds: float) -> list[list[Visited]]:
        return [[_failed(each, reason) for each in batch] for batch in wait(self, seconds)]

    monkeypatch.setattr(pool.PoolEngine, "wait", failing)
    with pytest.raises(BadInput, match=reason) as refused:
        rows(tmp_path / "one.png")
    assert "one.png" in refused.value.message
    assert refused.value.hint


def _failed(each: Visited, reason: str) -> Visited:
    if each.task.visit is not Visit.SECOND:
        return each
    return Visited(each.task, tuple((index, Failed(reason)) for index in each.task.due))


@pytest.mark.parametrize("limit", [{"limit_seconds": 0.000001}, {"limit_memory_mib": 700}])
def test_a_picture_that_takes_too_much(limit: dict[str, float], tmp_path: Path) -> None:
    Image.new("RGB", (14_000, 14_000)).save(tmp_path / "one.png")
    with pytest.raises(BadInput, match="limit-"):
        rows(tmp_path / "one.png", **limit)
