"""How an advertisement wants to be answered: mail, web, messenger, telephone; and what that says.

Free-mail providers are those of ``data/free_mail.txt``. Telephone numbers are only looked for here, not checked.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_MAIL = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_DOMAIN = re.compile(r"(?<![@\w.-])(?:https?://)?((?:[\w-]{1,63}\.){1,4}[a-z]{2,18})(?=[/\s,.;:!?)\]»”]|$)", re.I)
_PHONE = re.compile(r"(?<![\w.])\+?[\d০-৯][\dXx০-৯ ()./-]{6,18}[\dXx০-৯](?!\w)")  # noqa: RUF001 (Bengali digits)
_PLATFORMS = frozenset(
    {"t.me", "wa.me", "bit.ly", "forms.gle", "tinyurl.com", "facebook.com", "instagram.com", "linktr.ee"}
)
_PUBLIC_SECOND = frozenset({"co", "com", "org", "gov", "gob", "net", "ac", "edu", "gouv"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to answer: ``kind`` is mail, free_mail, domain, platform or phone; places in characters."""

    kind: str
    value: str
    start: int
    end: int


@cache
def free_mail() -> frozenset[str]:
    """Domains of mail that anybody may open."""
    text = (files("amparo.joboffers") / "data" / "free_mail.txt").read_text()
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def registered(domain: str) -> str:
    """The part of a domain that somebody registered: ``jobs.firm.co.uk`` is ``firm.co.uk``."""
    labels = domain.casefold().strip(".").split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _PUBLIC_SECOND and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def contacts(text: str) -> list[Contact]:
    """Every contact in the text, in order of its place."""
    found = []
    if "@" in text:
        for match in _MAIL.finditer(text):
            kind = "free_mail" if registered(match[1]) in free_mail() else "mail"
            found.append(Contact(kind, match[0].rstrip("."), match.start(), match.end()))
    if "." in text:
        for match in _DOMAIN.finditer(text):
            host = match[1].casefold()
            last = host.rsplit(".", 1)[-1]
            if not match[0].startswith("http") and (len(last) < 2 or last not in _endings() or host[0].isdigit()):
                continue
            kind = "platform" if registered(host) in _PLATFORMS else "domain"
            found.append(Contact(kind, host, match.start(1), match.end(1)))
    for match in _PHONE.finditer(text):
        digits = sum(character.isdigit() or character in "Xx" for character in match[0])
        if digits >= 8 and not re.fullmatch(r"\d{4}\s*-\s*\d{4}", match[0]):
            found.append(Contact("phone", match[0].strip(), match.start(), match.end()))
    return sorted(found, key=lambda contact: contact.start)


@cache
def _endings() -> frozenset[str]:
    """Last labels under which a bare name (``firm.es``) is taken for a web address."""
    return frozenset((files("amparo.joboffers") / "data" / "domain_endings.txt").read_text().split())


def looks_alike(one: str, other: str) -> bool:
    """Whether two different registered domains could be taken for one another: at most two letters differ, or one name
    is the other with words hung on (``firm-careers.example`` beside ``firm.example``)."""
    a, b = registered(one).split(".")[0], registered(other).split(".")[0]
    if registered(one) == registered(other):
        return False
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) >= 4 and (long.startswith((short + "-", short)) or long.endswith("-" + short)):
        return True
    return len(short) >= 6 and _distance(a, b) <= 2


def _distance(a: str, b: str) -> int:
    """Levenshtein's distance: len(a) x len(b) steps; names have at most 63 letters."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]
