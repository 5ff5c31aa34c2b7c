"""Doctor: says what is wrong, and no plug-in can stop it."""

from pathlib import Path

import pytest
from casework.installations import case, distribution, make
from django.utils import timezone

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.doctor import checks
from amparo.catalogue.models import CustodianKey, VaultKey, VaultObject, VaultShare
from amparo.catalogue.outbox import Recorder, chain_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
POINTS = """[amparo.analysers]
broken = other_missing:Gone
crashing = other_crashing:Gone
old = other_doctor:Old
unnamed = other_doctor:Old
"""


def states(installation: object) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in checks(installation):  # type: ignore[arg-type]
        found.setdefault(str(row["check"]), []).append((str(row["state"]), str(row["detail"])))
    return found


def test_a_sound_installation(tmp_path: Path) -> None:
    installation = make(tmp_path)
    case(installation)
    found = states(installation)
    assert "bad" not in {state for rows in found.values() for state, _ in rows}
    assert len(found["custody"]) == 2
    assert {state for state, _ in found["plug-in"]} == {"good"}


def test_plug_ins_are_shown_and_never_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = "class Old:\n    API = 0\n"
    distribution(tmp_path, POINTS, {"other_doctor": sound, "other_crashing": "raise RuntimeError('at import')\n"})
    monkeypatch.syspath_prepend(str(tmp_path))
    installation = make(tmp_path / "home", plugins=("broken", "crashing", "old", "gone"))
    case(installation)
    told = {detail: state for state, detail in states(installation)["plug-in"]}
    for words, state in (
        ("broken cannot load: ModuleNotFoundError", "bad"),
        ("crashing cannot load: RuntimeError: at import", "bad"),
        ("old declares API 0, not 1", "bad"),
        ("gone is named in `plugins` but not installed", "bad"),
        ("unnamed from other_doctor:Old is installed but not named", "note"),
    ):
        assert [told[detail] for detail in told if words in detail] == [state], words


def test_what_is_wrong_is_bad(tmp_path: Path) -> None:
    installation = make(tmp_path)
    made = case(installation)
    Recorder("os:test", made).record("test.waits", {})
    (tmp_path / "secrets").chmod(0o755)
    chain = chain_path(tmp_path, made.uuid)
    chain.write_bytes(chain.read_bytes().replace(b"os:test", b"os:tost", 1))
    found = states(installation)
    assert found["secrets"][0][0] == "bad"
    assert found["outbox"][0] == ("note", "1 custody events wait to be sealed")
    assert [state for state, detail in found["custody"] if detail.startswith("R-1")] == ["bad"]


def test_what_nobody_can_open_is_told(tmp_path: Path) -> None:
    installation = make(tmp_path)
    matter = case(installation)
    person = User.objects.create(username="keeper")
    RoleGrant.objects.create(user=person, role=Role.CUSTODIAN, given_by="tests")
    held = CustodianKey.objects.create(user=person, public=b"p", sealed=b"s", made=timezone.now())
    key = VaultKey.objects.create(case=matter, public=b"p", made=timezone.now())
    VaultShare.objects.create(key=key, custodian=held, sealed=b"s", made=timezone.now())
    assert "vault" not in states(installation), "nothing is sealed"
    for name in ("a", "b"):
        VaultObject.objects.create(
            case=matter,
            kind="content",
            name=name,
            sha256=b"",
            size=0,
            wrapped=b"",
            made=timezone.now(),
            made_by="tests",
        )
    ((state, told),) = states(installation)["vault"]
    assert (state, "one custodian" in told) == ("note", True)
    CustodianKey.objects.update(ended=timezone.now())
    ((state, told),) = states(installation)["vault"]
    assert (state, matter.reference in told, "no custodian" in told) == ("bad", True, True)
