"""CASE/UCO 1.4 in JSON-LD: a Case's Sources, files and Findings for other tools (caseontology.org,
unifiedcyberontology.org).

Written as a stream, one object a line, in memory that does not grow with the Case. Identifiers are computed from those
of Sources and Items, so a second export names everything alike. Each Finding is an annotation of what it is about, with
its kind as a tag and its facts as JSON: a lead of a tool, which an investigative action and the tool's version stand
for. Nothing here holds imagery.
"""

import dataclasses
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

_CONTEXT = {
    "kb": "urn:amparo:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_TIMES = {"modified": "modifiedTime", "accessed": "accessedTime", "created": "observableCreatedTime"}
_METHODS = {"sha256": "SHA256", "sha1": "SHA1", "md5": "MD5"}
_Object = dict[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """A Finding: ``kind`` dotted, ``facts`` flat; ``analyser`` and ``version`` say what made it."""

    kind: str
    facts: Mapping[str, object]
    analyser: str
    version: str


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """An Item. ``path`` is text for people. ``digests``: hex by sha256, sha1, md5. ``times``: ISO 8601 with a zone, by
    modified, accessed, created; leave out what has no zone, because UCO cannot say so.
    """

    id: uuid.UUID
    source: uuid.UUID
    path: str
    is_directory: bool = False
    size: int | None = None
    media_type: str = ""
    digests: Mapping[str, str] = dataclasses.field(default_factory=dict)
    times: Mapping[str, str] = dataclasses.field(default_factory=dict)
    parent: uuid.UUID | None = None
    statements: Sequence[Statement] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Acquired:
    """A Source: where it lies, and when the work on it began and ended (ISO 8601 with a zone)."""

    id: uuid.UUID
    name: str
    began: str
    ended: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Investigation:
    """A Case. ``authorities``: id and text of each legal basis. ``tool``: version of Amparo."""

    id: uuid.UUID
    name: str
    authorities: Mapping[uuid.UUID, str]
    tool: str
    sources: Sequence[Acquired]


def write(stream: IO[str], investigation: Investigation, files: Iterable[File]) -> int:
    """Write the graph; returns the number of files."""
    number = 0
    stream.write(f'{{"@context":{_json(_CONTEXT)},\n"@graph":[\n')
    before = ""
    for each in _frame(investigation):
        stream.write(before + _json(each))
        before = ",\n"
    for file in files:
        number += 1
        for each in _file(file):
            stream.write(before + _json(each))
    stream.write("\n]}\n")
    return number


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _frame(case: Investigation) -> Iterator[_Object]:
    tool = _id("tool", case.id)
    yield {"@id": tool, "@type": "uco-tool:Tool", "uco-core:name": "Amparo", "uco-tool:version": case.tool}
    for key, text in case.authorities.items():
        yield {"@id": _id("authority", key), "@type": "case-investigation:Authorization", "uco-core:description": text}
    objects = []
    for source in case.sources:
        observable, record = _id("source", source.id), _id("record", source.id)
        objects += [{"@id": observable}, {"@id": record}]
        yield {"@id": observable, "@type": "uco-observable:ObservableObject", "uco-core:name": source.name}
        yield {
            "@id": record,
            "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": source.name,
            "uco-core:object": [{"@id": observable}],
        }
        action: _Object = {
            "@id": _id("action", source.id),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "Scan",
            "uco-action:startTime": _time(source.began),
            "uco-action:instrument": {"@id": tool},
            "uco-action:object": [{"@id": observable}],
            "uco-action:result": [{"@id": record}],
        }
        if source.ended is not None:
            action["uco-action:endTime"] = _time(source.ended)
        yield action
    made: _Object = {
        "@id": _id("investigation", case.id),
        "@type": "case-investigation:Investigation",
        "uco-core:name": case.name,
    }
    if objects:
        made["uco-core:object"] = objects
    if case.authorities:
        made["case-investigation:relevantAuthorization"] = [{"@id": _id("authority", key)} for key in case.authorities]
    yield made


def _file(file: File) -> Iterator[_Object]:
    own = _id("file", file.id)
    facet: _Object = {
        "@id": _id("file-facet", file.id),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": file.path.rpartition("/")[2],
        "uco-observable:filePath": file.path,
        "uco-observable:isDirectory": file.is_directory,
    }
    if file.size is not None:
        facet["uco-observable:sizeInBytes"] = file.size
    for name, when in file.times.items():
        facet[f"uco-observable:{_TIMES[name]}"] = _time(when)
    facets = [facet]
    if file.digests:
        facets.append(_content(file))
    yield {"@id": own, "@type": "uco-observable:File", "uco-core:hasFacet": facets}
    above = _id("source", file.source) if file.parent is None else _id("file", file.parent)
    yield {
        "@id": _id("place", file.id),
        "@type": "uco-observable:ObservableRelationship",
        "uco-core:source": {"@id": own},
        "uco-core:target": {"@id": above},
        "uco-core:kindOfRelationship": "Contained_Within",
        "uco-core:isDirectional": True,
    }
    for number, said in enumerate(file.statements):
        facts = {"facts": dict(said.facts), "analyser": said.analyser, "version": said.version}
        yield {
            "@id": _id("finding", uuid.uuid5(file.id, f"{number}:{said.kind}")),
            "@type": "uco-core:Annotation",
            "uco-core:tag": [said.kind],
            "uco-core:statement": json.dumps(facts, ensure_ascii=False, sort_keys=True),
            "uco-core:object": [{"@id": own}],
        }


def _content(file: File) -> _Object:
    facet: _Object = {
        "@id": _id("content-facet", file.id),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": [
            {
                "@id": _id(f"{name}-hash", file.id),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": _METHODS[name],
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": digest},
            }
            for name, digest in sorted(file.digests.items())
        ],
    }
    if file.media_type:
        facet["uco-observable:mimeType"] = file.media_type
    if file.size is not None:
        facet["uco-observable:sizeInBytes"] = file.size
    return facet


def _id(what: str, key: uuid.UUID) -> str:
    return f"kb:{what}-{key}"


def _time(text: str) -> _Object:
    return {"@type": "xsd:dateTime", "@value": text}
