"""CASE/UCO: the community's validator accepts what is written, and everything stated is there."""

import io
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.exchange.case_uco import Acquired, File, Investigation, Statement, write

SOURCE = Acquired(uuid.UUID(int=1), "/evidence/usb1", "2026-11-23T10:00:00+00:00", "2026-11-23T10:05:00+00:00")
CASE = Investigation(uuid.UUID(int=9), "2026-114", {uuid.UUID(int=8): "Order 12/2026"}, "0.1.0", [SOURCE])
FOLDER = File(uuid.UUID(int=2), SOURCE.id, "Pictures", is_directory=True)
PICTURE = File(
    uuid.UUID(int=3), SOURCE.id, "Pictures/a b.jpg", size=1234, media_type="image/jpeg", parent=FOLDER.id,
    digests={"sha256": "ab" * 32, "sha1": "cd" * 20, "md5": "ef" * 16},
    times={"modified": "2026-01-01T00:00:00+00:00", "created": "2026-01-01T00:00:00+00:00"},
    statements=[Statement("match.near", {"distance": 6, "bank": "x"}, "near_match", "1")],
)  # fmt: skip


def graph(investigation: Investigation, *files: File) -> list[dict[str, Any]]:
    stream = io.StringIO()
    assert write(stream, investigation, files) == len(files)
    read: list[dict[str, Any]] = json.loads(stream.getvalue())["@graph"]
    return read


@pytest.mark.timeout(300)
def test_the_validator_of_the_community_accepts_it(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonld"
    with path.open("w", encoding="utf-8") as stream:
        unfinished = Acquired(uuid.UUID(int=5), "more", "2026-11-23T10:00:00+00:00", None)
        write(
            stream,
            Investigation(CASE.id, CASE.name, CASE.authorities, "0.1.0", [SOURCE, unfinished]),
            [FOLDER, PICTURE],
        )
    command = [str(Path(sys.executable).with_name("case_validate")), "--built-version", "case-1.4.0", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Conforms: True" in done.stdout
    text = path.read_text().replace("uco-observable:fileName", "uco-observable:fileNam")
    path.write_text(text.replace('"2026-11-23T10:00:00+00:00"', '"yesterday"'))
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode != 0, "the validator would find a fault"


def test_everything_stated_is_there_under_ids_that_stay() -> None:
    found = {each["@id"]: each for each in graph(CASE, FOLDER, PICTURE)}
    facet, content = found[f"kb:file-{PICTURE.id}"]["uco-core:hasFacet"]
    assert facet["uco-observable:filePath"] == "Pictures/a b.jpg"
    assert facet["uco-observable:fileName"] == "a b.jpg"
    hashes = {
        each["uco-types:hashMethod"]: each["uco-types:hashValue"]["@value"] for each in content["uco-observable:hash"]
    }
    assert hashes == {"SHA256": "ab" * 32, "SHA1": "cd" * 20, "MD5": "ef" * 16}
    place = found[f"kb:place-{PICTURE.id}"]
    assert place["uco-core:target"] == {"@id": f"kb:file-{FOLDER.id}"}
    assert found[f"kb:place-{FOLDER.id}"]["uco-core:target"] == {"@id": f"kb:source-{SOURCE.id}"}
    (said,) = (each for each in found.values() if each["@type"] == "uco-core:Annotation")
    assert json.loads(said["uco-core:statement"]) == {
        "analyser": "near_match", "facts": {"bank": "x", "distance": 6}, "version": "1",
    }  # fmt: skip
    assert graph(CASE, FOLDER, PICTURE) == list(found.values())


@settings(max_examples=examples(50))
@given(path=st.text(), facts=st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text())))
def test_any_name_and_any_facts_survive(path: str, facts: dict[str, Any]) -> None:
    file = File(uuid.UUID(int=3), SOURCE.id, path, statements=[Statement("a.b", facts, "x", "1")])
    objects = graph(CASE, file)
    (made,) = (each for each in objects if each["@type"] == "uco-observable:File")
    assert made["uco-core:hasFacet"][0]["uco-observable:filePath"] == path
    assert json.loads(objects[-1]["uco-core:statement"])["facts"] == facts
    assert len({each["@id"] for each in objects}) == len(objects)


def test_memory_does_not_grow_with_the_case() -> None:
    class Counted(io.StringIO):
        longest = 0

        def write(self, text: str) -> int:
            self.longest = max(self.longest, len(text))
            return len(text)

    stream = Counted()
    number = write(stream, CASE, (File(uuid.uuid4(), SOURCE.id, f"{each}.jpg") for each in range(5_000)))
    assert number == 5_000
    assert stream.longest < 2_000
