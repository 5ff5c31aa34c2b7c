"""Which exchanges there are, and one made from settings."""

import datetime
import ipaddress
import urllib.parse
from collections.abc import Callable, Mapping

from amparo.evidence.errors import BadInput, MissingComponent
from amparo.exchange.known import KnownEntry, shown
from amparo.media.exchanges.port import Exchange

# Required settings, and optional ones.
SETTINGS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ncmec": (("terms",), ("environment", "url")),
    "stopncii": (("terms",), ("url",)),
    "file": (("path", "owner", "terms"), ("signal_type",)),
}


def make_exchange(kind: str, settings: Mapping[str, str], secret: Callable[[], str]) -> Exchange:
    """The exchange of ``kind``, one of SETTINGS. Connects to nothing, and does not ask for the secret yet.

    ``terms`` go into every entry. ``environment`` is a name of threatexchange's NCMECEnvironment, such as
    ``LawEnforcement``; ``url`` stands in its place, or in that of StopNCII's address, for a test. ``owner`` of a file
    goes into its entries; ``signal_type`` is for lines that name none. ``secret`` is asked at each fetch: for ncmec
    ``user:password``, for stopncii ``function key,subscription key``.

    Raises BadInput for a kind or setting that is unknown, missing or wrong, and MissingComponent.
    """
    if kind not in SETTINGS:
        raise BadInput(f"There is no exchange {shown(kind)}.", f"The kinds are: {', '.join(SETTINGS)}.")
    required, optional = SETTINGS[kind]
    hint = f"The settings of {kind} are: {', '.join(required)}; if wanted: {', '.join(optional)}."
    for name in settings:
        if name not in required + optional:
            raise BadInput(f"The exchange {kind} has no setting {shown(name)}.", hint)
    for name in required:
        if not settings.get(name):
            raise BadInput(f"The exchange {kind} needs the setting {name!r}.", hint)
    owner, terms = settings.get("owner", kind), settings["terms"]
    KnownEntry("k", {}, (), owner, terms, datetime.date.min, "The settings of the exchange", withdrawn=True)
    try:
        from amparo.media.exchanges import local_file, ncmec, stopncii, threatexchange_clients
    except ImportError as error:
        if (error.name or "").startswith("amparo"):
            raise
        raise MissingComponent(
            f"Hash exchanges need a package that is not installed ({error.name}).", "pip install 'amparo[exchanges]'"
        ) from error
    if kind == "file":
        return local_file.FileExchange(settings["path"], owner, terms, settings.get("signal_type"))
    if kind == "stopncii":
        return stopncii.StopNciiExchange(_address(settings.get("url", threatexchange_clients.STOPNCII)), terms, secret)
    return ncmec.NcmecExchange(_ncmec(settings, threatexchange_clients.ENVIRONMENTS), terms, secret)


def _ncmec(settings: Mapping[str, str], environments: Mapping[str, str]) -> str:
    if ("environment" in settings) == ("url" in settings):
        raise BadInput("The exchange ncmec needs either 'environment' or 'url'.", "Choose one of them.")
    if "url" in settings:
        return _address(settings["url"])
    name = settings["environment"]
    if name not in environments:
        raise BadInput(f"NCMEC has no environment {shown(name)}.", f"They are: {', '.join(environments)}.")
    return environments[name]


def _address(url: str) -> str:
    """The address without a slash at its end; raises BadInput unless it is https, or http to this machine itself."""
    wrong = BadInput(
        f"{shown(url.rpartition('@')[2])} is not the address of an exchange.",
        "It begins with https:// and has no name, password, ? or #; http:// is for 127.0.0.1 and [::1] only.",
    )
    try:
        parts = urllib.parse.urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if not url.isascii() or not url.isprintable() or " " in url or set(url) & set("@?#\\"):
        raise wrong
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not _is_loopback(host)):
        raise wrong
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
