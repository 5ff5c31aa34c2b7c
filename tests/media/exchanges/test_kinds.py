"""Which settings make an exchange."""

import subprocess
import sys
from collections.abc import Mapping

import pytest

from amparo.evidence.errors import BadInput
from amparo.media.exchanges.kinds import make_exchange


def no_secret() -> str:
    raise AssertionError("asked too early")


@pytest.mark.parametrize(
    ("kind", "settings", "host"),
    [
        ("ncmec", {"environment": "LawEnforcement"}, "lesp.ncmec.org"),
        ("ncmec", {"environment": "test_NGO"}, "hashsharing-test.ncmec.org"),
        ("ncmec", {"url": "https://exchange.example/a/"}, "exchange.example"),
        ("ncmec", {"url": "http://[::1]:8080/a"}, "::1"),
        ("stopncii", {}, "api.stopncii.org"),
        ("stopncii", {"url": "http://127.0.0.1:8080"}, "127.0.0.1"),
        ("file", {"path": "list.txt", "owner": "o"}, ""),
    ],
)
def test_an_exchange_says_where_it_connects_to(kind: str, settings: Mapping[str, str], host: str) -> None:
    exchange = make_exchange(kind, {"terms": "t", **settings}, no_secret)
    assert (exchange.name, exchange.host) == (kind, host)


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("elm", {}, "no exchange 'elm'"),
        ("ncmec", {"terms": "t"}, "either 'environment' or 'url'"),
        ("ncmec", {"terms": "t", "environment": "NGO", "url": "https://a.example"}, "either"),
        ("ncmec", {"terms": "t", "environment": "Elm"}, "no environment 'Elm'"),
        ("ncmec", {"terms": "t", "environment": "NGO", "password": "x"}, "no setting 'password'"),
        ("ncmec", {"environment": "NGO"}, "needs the setting 'terms'"),
        ("stopncii", {"terms": "\n"}, "terms is missing"),
        ("stopncii", {"terms": "t" * 501}, "terms is longer"),
        ("stopncii", {"terms": "t", "environment": "NGO"}, "no setting 'environment'"),
        ("file", {"terms": "t", "path": "a"}, "needs the setting 'owner'"),
    ],
)
def test_settings_that_are_wrong_are_refused(kind: str, settings: Mapping[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        make_exchange(kind, settings, no_secret)


@pytest.mark.parametrize(
    "url",
    [
        "", "exchange.example", "http://exchange.example", "http://localhost/", "http://127.0.0.1.example/", "ftp://127.0.0.1/",
        "https://", "https:///a", "https://a.example:x/", "https://a.example/?b", "https://a.example/#b", "https://[::1/",
        "https://orchard:pomegranate@a.example/", "https://a.example\\@b.example/", "https://a.example/ b",
        "https://ä.example/", "http://10.0.0.1/", "https://a.example/\n",
    ],
)  # fmt: skip
def test_an_address_that_is_no_good_is_refused(url: str) -> None:
    for kind in ("ncmec", "stopncii"):
        with pytest.raises(BadInput, match="is not the address") as caught:
            make_exchange(kind, {"terms": "t", "url": url}, no_secret)
        assert "pomegranate" not in str(caught.value)


def test_a_missing_package_is_named() -> None:
    code = """
import sys
sys.modules["threatexchange"] = None
from amparo.evidence.errors import MissingComponent
from amparo.media.exchanges.kinds import make_exchange
try:
    make_exchange("stopncii", {"terms": "t"}, str)
except MissingComponent as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "pip install 'amparo[exchanges]'\n"
