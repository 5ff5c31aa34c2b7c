"""Matches in plain language: what was compared, what it means, and what would have to be true for it to be false."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

TITLES = {
    "match.bank": gettext_noop("The same file"),
    "match.near": gettext_noop("An altered copy, by its looks"),
    "match.near_flat": gettext_noop("Near, but too flat to tell"),
    "match.near_quarantined": gettext_noop("Near to an entry that is near to far too much"),
    "match.near_negated": gettext_noop("Near, and as near to something known to be harmless"),
    "match.negative": gettext_noop("Known to be harmless"),
    "match.known_good": gettext_noop("Known software or media"),
}
_TRANSFORMS = {
    "none": gettext_noop("as it is"),
    "rotated-90": gettext_noop("turned a quarter to the left"),
    "rotated-180": gettext_noop("turned upside down"),
    "rotated-270": gettext_noop("turned a quarter to the right"),
    "flipped": gettext_noop("flipped top to bottom"),
    "mirrored": gettext_noop("mirrored left to right"),
    "transposed": gettext_noop("mirrored along its diagonal"),
    "inverted": gettext_noop("as a negative"),
    "transversed": gettext_noop("mirrored along its other diagonal"),
}
_WHOLE = ["0.0", "0.0", "100.0", "100.0"]


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """``title`` in a few words; ``compared``: what with what; ``false_if``: each would make the match false.

    ``weak``: by a digest that other files can be made to have; such a match orders work and does nothing else.
    """

    title: str
    compared: str
    false_if: tuple[str, ...]
    weak: bool


def explain(kind: str, facts: Mapping[str, Any]) -> Explanation:
    """Words for a Finding of kind ``match.*``, in the active language."""
    near = kind.startswith("match.near")
    compared = (
        _near(facts)
        if near
        else gettext("The %(algorithm)s digests are equal.")
        % {
            "algorithm": {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}.get(
                facts["algorithm"], facts["algorithm"]
            )
        }
    )
    return Explanation(
        gettext(TITLES[kind]), compared, tuple(_doubts(kind, facts)), facts["algorithm"] in ("md5", "sha1")
    )


def _near(facts: Mapping[str, Any]) -> str:
    way = _TRANSFORMS[facts["transform"]]
    parts = [
        gettext("%(same)s of 256 features of the picture, %(way)s, equal those of the entry; %(least)s are asked for.")
        % {
            "same": 256 - facts["distance"],
            "least": 256 - facts["radius"],
            "way": gettext(way),
        }
    ]
    if list(facts["part"]) != _WHOLE:
        top, left, bottom, right = facts["part"]
        parts.append(
            gettext("Only a part was compared: height %(top)s to %(bottom)s %%, width %(left)s to %(right)s %%.")
            % {"top": top, "bottom": bottom, "left": left, "right": right}
        )
    if facts["variant"] == "pdq_512":
        parts.append(gettext("It was squashed to 512 by 512 pixels first, as some tools do."))
    parts.append(
        gettext("Detail in what was compared (PDQ quality): %(quality)s of 100.") % {"quality": facts["quality"]}
    )
    if facts["entries"] > 1:
        more = facts["entries"] - 1
        text = ngettext(
            "%(more)s more entry of this Bank is near.", "%(more)s more entries of this Bank are near.", more
        )
        parts.append(text % {"more": more})
    return " ".join(parts)


def _doubts(kind: str, facts: Mapping[str, Any]) -> list[str]:
    doubts = []
    if kind.startswith("match.near"):
        doubts.append(
            gettext("Different pictures share one layout of light and dark: plain backgrounds, text, one series.")
        )
        if facts["distance"] > 20:
            doubts.append(gettext("The distance is near the limit, where different pictures of one series also lie."))
        if list(facts["part"]) != _WHOLE:
            doubts.append(gettext("Only a part was compared; the rest of the picture may be something else."))
    elif facts["algorithm"] == "sha256":
        doubts.append(gettext("Two different files with one SHA-256 exist; none are known."))
    else:
        doubts.append(
            gettext("Somebody made another file with this digest, as MD5 and SHA-1 allow. Confirm by content.")
        )
    if kind == "match.near_flat":
        doubts.append(
            gettext("The picture has little detail; such pictures are near to each other whatever they show.")
        )
    if kind == "match.near_quarantined":
        doubts.append(
            gettext("The entry is near to so many pictures that it says little; a person is to release or deny it.")
        )
    if kind == "match.near_negated":
        doubts.append(gettext("A Bank of harmless pictures knows one that is at least as near."))
    if not facts.get("confirmed"):
        doubts.append(
            gettext("The entry itself is wrong: %(owner)s stated it on %(date)s, and nobody here has checked it.")
            % {"owner": facts["owner"], "date": facts.get("dated", "-")}
        )
    else:
        doubts.append(gettext("The entry itself is wrong, although people here checked it."))
    return doubts
