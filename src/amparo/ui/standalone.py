"""A page in one file: one style element that its Content-Security-Policy names by digest, and nothing else that loads
or runs. Templates get ``style``, ``style_digest``, ``language`` and ``direction``.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from importlib import resources

from django.template.loader import render_to_string
from django.utils import translation

_STYLES = ("tokens.css", "base.css", "report.css")


def standalone(template: str, context: Mapping[str, object], language: str) -> str:
    """The page in ``language``, or in English where that is not translated."""
    style = _style()
    with translation.override(_supported(language)):
        frame = {
            "style": style,
            "style_digest": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
            "language": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return render_to_string(template, {**context, **frame})


def _supported(language: str) -> str:
    try:
        return translation.get_supported_language_variant(language or "en")
    except LookupError:
        return "en"


@functools.cache
def _style() -> str:
    """The style sheets as one, without comments."""
    folder = resources.files("amparo.ui") / "static" / "ui"
    whole = "".join((folder / name).read_text(encoding="utf-8") for name in _STYLES)
    return "\n" + re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", whole, flags=re.DOTALL)).strip() + "\n"
