"""Translations: ``extract`` texts into the .po files, ``compile`` them, or ``check`` that nothing is missing or stale.

python scripts/messages.py extract|compile|check
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from amparo.casework.safeguarding import checklist
from amparo.evidence.labels import FACETS

sys.path.insert(0, str(Path(__file__).resolve().parent))
import error_texts  # a script beside this one; the path may lack it where a test loads this by its file

SOURCES = Path(__file__).resolve().parent.parent / "src" / "amparo"
APP = SOURCES / "ui"  # the words of all packages are in one catalogue
_FIELD = re.compile(r"%\(\w+\)s|%%")


def texts() -> Catalog:
    """Everything the sources ask to be translated."""
    catalog = Catalog(project="Amparo", charset="utf-8")
    for path in sorted((*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html"))):
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            # Template tags become calls; what is left of the page is noise whose indentation Python would refuse.
            source = "\n".join(line.strip() for line in templatize(source, str(path)).splitlines())
        keywords = {**DEFAULT_KEYWORDS, "gettext_noop": None, "gettext_lazy": None, "ngettext_lazy": (1, 2)}
        for _, message, _, _ in extract("python", io.BytesIO(source.encode()), keywords=keywords):
            catalog.add(message, locations=[(path.relative_to(SOURCES).as_posix(), 0)])
    for facet in FACETS.values():  # sentences of the vocabulary, which knows no translation itself
        for message in (facet.description, *facet.values.values()):
            catalog.add(message, locations=[("evidence/labels.py", 0)])
    for point in checklist().points:
        for message in (point.title, point.question, point.why):
            catalog.add(message, locations=[("casework/checklists/safeguarding.json", 0)])
    for place, message in error_texts.found(SOURCES):
        catalog.add(message, locations=[(place, 0)])
    return catalog


def po_files() -> list[Path]:
    """One per language."""
    return sorted(APP.glob("locale/*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    """The catalogue of a language, named by its folder."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.parent.parent.name, charset="utf-8")


def compiled(catalog: Catalog) -> bytes:
    """The .mo file; fuzzy entries are left out."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def problems(path: Path) -> Iterator[str]:
    """What is wrong with a language, one line each."""
    catalog = read(path)
    wanted = {message.id for message in texts() if message.id}
    entries = {message.id: message for message in catalog if message.id}
    yield from (f"put together, so that no translation is found: {place}" for place in error_texts.unreadable(SOURCES))
    yield from (f"not in the .po file: {text!r}" for text in wanted - entries.keys())
    yield from (f"no longer used: {text!r}" for text in entries.keys() - wanted)
    for text, message in entries.items():
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.fuzzy or not all(forms):
            yield f"not translated: {text!r}"
            continue
        originals = text if isinstance(text, tuple | list) else (text,)
        fields = [sorted(_FIELD.findall(form)) for form in originals]
        if any(sorted(_FIELD.findall(form or "")) not in fields for form in forms):
            yield f"fields differ: {text!r}"
    mo = path.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalog):
        yield "the .mo file is not what the .po file compiles to: run scripts/messages.py compile"


def main(arguments: list[str]) -> int:
    """Exit status: 0, 1 if ``check`` found something, 2 on a wrong call."""
    if arguments not in (["extract"], ["compile"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not settings.configured:
        settings.configure()
    found = 0
    for path in po_files():
        if arguments == ["check"]:
            for problem in problems(path):
                print(f"{path.relative_to(APP)}: {problem}")
                found = 1
            continue
        catalog = read(path)
        if arguments == ["extract"]:
            catalog.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            with path.open("wb") as stream:
                write_po(stream, catalog, width=100, sort_output=True, include_lineno=False)
        else:
            path.with_suffix(".mo").write_bytes(compiled(catalog))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
