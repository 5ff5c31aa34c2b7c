"""What the other side is given: everything there is and what was made of it, what speaks against it, how to repeat it.

Material that matched nothing is in it like the rest. No pictures, no quoted words. The plan is B8 of the field study:
equality of arms needs the unused material, the doubts of the program and the disagreements of people.
"""

from pathlib import Path

from amparo.casework.export.disclosure import basis, lists, schedule
from amparo.casework.export.disclosure.index import File, write_index
from amparo.casework.export.form import Context, Form


def _write(context: Context, folder: Path) -> None:
    below = folder / "disclosure"
    below.mkdir()
    items, pages = schedule.write(context, below)
    files = (
        File("schedule.csv", "schedule", items),
        File("schedule/0001.html", "schedule-pages", pages),
        File("unconfirmed.csv", "unconfirmed", lists.unconfirmed(context, below)),
        File("disagreements.csv", "disagreements", lists.disagreements(context, below)),
        File("shortfalls.csv", "shortfalls", lists.shortfalls(context, below)),
        File("versions.json", "versions", None),
        File("custody.jsonl", "custody", basis.custody(context, below)),
        File("verify.txt", "verify", None),
        File("repeat.txt", "repeat", None),
        *(File(f"documents/{name}", "document", None) for name in basis.documents(below)),
    )
    basis.versions(context, below)
    basis.verify(context, below)
    basis.repeat(context, below)
    write_index(context, below, files)


FORM = Form(
    "disclosure",
    (
        "pictures and videos",
        "texts of documents",
        "names of people",
        "decisions that wait for a second person",
        "words that people wrote, such as notes",
    ),
    _write,
)
