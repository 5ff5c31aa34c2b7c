"""Writes the golden VICS files: digests of neutral words and of counters, nothing else. Run it from here."""

import base64
import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent
MODEL_20 = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml"


def digest(name: str, word: str) -> str:
    return hashlib.new(name, word.encode(), usedforsecurity=False).hexdigest()


def media_13() -> dict[str, object]:
    apple, pear = (
        {
            "odata.id": f'Media("{digest("md5", word)}")',
            "MediaFiles@odata.navigationLinkUrl": f"/Media({digest('md5', word)})/MediaFiles",
            "MediaFiles": [{"MD5": digest("md5", word), "FileName": f"{word}.jpg", "FilePath": f"fruit\\{word}.jpg"}],
            "MediaID": number,
            "MD5": digest("md5", word),
            "SHA1": digest("sha1", word),
            "Category": category,
            "MediaSize": "488",
            "VictimIdentified": "False",
            "IsDistributed": "true",
            "AlternativeHashes": [
                {"HashName": "PhotoDNA", "HashValue": base64.b64encode(bytes(range(144))).decode()},
                {"HashName": "Orchard-7", "HashValue": "anything"},
            ],
        }
        for number, (word, category) in enumerate([("apple", 0), ("pear", None)])
    )
    context = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
    return {"odata.metadata": context, "value": [apple, pear], "odata.count": "2"}


def media_20() -> dict[str, object]:
    plum = {
        "MediaID": 501,
        "Category": 2,
        "MD5": digest("md5", "plum").upper(),
        "SHA1": digest("sha1", "plum").upper(),
        "PhotoDNA": base64.b64encode(bytes(144)).decode(),
        "MediaSize": 2835,
        "DateUpdated": "2023-06-07T02:31:49.8300Z",
        "VictimIdentified": True,
        "OffenderIdentified": "1",
        "IsDistributed": False,
        "SelfGenerated": "true",
        "IsPrecategorized": "true",
        "Series": 'Orchard ] } " ñ 果',
        "Exifs": [{"MD5": digest("md5", "plum"), "PropertyName": "Make", "PropertyValue": "Camera {1}"}],
    }
    fig = {"MediaID": 502, "Category": "1", "MD5": "", "SHA1": digest("sha1", "fig"), "MediaSize": 1}
    return {"@odata.context": f"{MODEL_20}/US/$metadata#Media", "value": [plum, fig]}


def cases_20() -> dict[str, object]:
    def case(number: int, *words: str) -> dict[str, object]:
        media = [{"MediaID": n, "Category": n, "MD5": digest("md5", word)} for n, word in enumerate(words)]
        return {"CaseID": f"case-{number}", "DateUpdated": "2024-02-29", "Media": media, "TotalMediaFiles": len(words)}

    cases = [case(1), case(2, "oak", "elm"), {"CaseID": "case-3", "Media": None}, case(4, "ash")]
    return {"@odata.context": f"{MODEL_20}/UK/$metadata#Cases", "value": cases, "@odata.count": 4}


def main() -> None:
    (HERE / "media-1.3.json").write_text(json.dumps(media_13(), indent=2) + "\n")
    (HERE / "media-2.0-us.json").write_text(json.dumps(media_20(), ensure_ascii=False, indent="\t") + "\n")
    (HERE / "cases-2.0-uk.json").write_text(json.dumps(cases_20(), separators=(",", ":")))
    (HERE / "media-2.0-us-utf16.json").write_bytes(json.dumps(media_20(), ensure_ascii=False).encode("utf-16"))
    whole = (HERE / "media-2.0-us.json").read_bytes()
    (HERE / "truncated-in-record-2.json").write_bytes(whole[: whole.rindex(b"MediaSize")])


if __name__ == "__main__":
    main()
