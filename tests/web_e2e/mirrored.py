"""Settings of the workbench with one language, written right to left: Arabic letters in place of every translated text.

``AMPARO_MIRROR`` is the folder that :func:`write` has filled. Nothing here reaches an installation.
"""

import importlib.util
import os
import re
from pathlib import Path

from amparo.web.settings import *  # noqa: F403

LANGUAGE_CODE = "ar"
LANGUAGES = [("ar", "العربية")]
LOCALE_PATHS = [os.environ.get("AMPARO_MIRROR", "")]
_MESSAGES = Path(__file__).parents[2] / "scripts" / "messages.py"
_KEPT = re.compile(r"(%\(\w+\)s|%%|<[^>]+>|&#?\w+;|\{\w*\})")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابجدهوزحطيكلمنسعفصقرشتثخذض")


def mirrored(text: str) -> str:
    """The same text in Arabic letters, as long as it was; fields and markup stay."""
    parts = _KEPT.split(text)
    return "".join(part if at % 2 else part.lower().translate(_LETTERS) for at, part in enumerate(parts))


def write(folder: Path) -> None:
    """Translate every text of Amparo so, as a catalogue in ``folder``."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    spec = importlib.util.spec_from_file_location("amparo_messages_script", _MESSAGES)
    assert spec is not None and spec.loader is not None
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    catalog = Catalog(locale="ar", charset="utf-8")
    for message in messages.texts():
        if isinstance(message.id, tuple):
            catalog.add(message.id, tuple(mirrored(message.id[1]) for _ in range(catalog.num_plurals)))
        elif message.id:
            catalog.add(message.id, mirrored(message.id))
    target = folder / "ar" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as stream:
        write_mo(stream, catalog)
