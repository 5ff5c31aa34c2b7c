"""The plan: ours in order, others only when named, and nothing of theirs in the place of ours."""

from pathlib import Path

import pytest
from casework.installations import bank, distribution, make

from amparo.casework.banks.store import compared, open_banks
from amparo.casework.installation import Installation
from amparo.casework.plan import LOOKING, MATCHING, ORDER, our_plan, scan_plan
from amparo.pipeline.stage import Plan

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = """[amparo.analysers]
digests = other_plan:Sound
sound = other_plan:Sound
broken = other_missing:Gone
raising = other_plan:Raising
"""
SOUND = """
from engines.fake_analysers import Slow
class Sound(Slow):
    name = "sound"
class Raising(Slow):
    def __init__(self, **config):
        raise RuntimeError("not today")
"""


def planned(installation: Installation) -> Plan:
    settings = installation.settings
    return scan_plan(settings, compared(settings, open_banks(settings)))


def test_built_in_order_and_bank_in_the_identity(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    before = planned(installation)
    assert tuple(stage.analyser for stage in before.stages) == ORDER
    assert planned(installation) == before
    bank(installation, tmp_path, "0" * 64)
    after = planned(installation)
    changed = [old.analyser for old, new in zip(before.stages, after.stages, strict=True) if old != new]
    assert tuple(changed) == MATCHING


def test_ours_in_a_given_order_and_as_in_a_scan(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    settings = installation.settings
    banks = compared(settings, open_banks(settings))
    for names in (MATCHING, LOOKING):
        plan = our_plan(settings, banks, names)
        assert tuple(stage.analyser for stage in plan.stages) == names
        assert set(plan.stages) <= set(scan_plan(settings, banks).stages), "what it does counts as done"


def test_the_radius_is_part_of_the_identity(tmp_path: Path) -> None:
    plans = [planned(make(tmp_path / "home", match_radius=radius)) for radius in (31, 8)]
    changed = [old.analyser for old, new in zip(plans[0].stages, plans[1].stages, strict=True) if old != new]
    assert changed == ["near_match"]


def test_others_only_when_named_never_in_place_of_ours_and_never_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    distribution(tmp_path, POINTS, {"other_plan": SOUND})
    monkeypatch.syspath_prepend(str(tmp_path))
    for plugins in ((), ("digests",)):
        plan = planned(make(tmp_path / "home", plugins=plugins))
        assert tuple(stage.analyser for stage in plan.stages) == ORDER
        assert all(factory.target.startswith("amparo.") for factory in plan.factories)
    plan = planned(make(tmp_path / "home", plugins=("sound", "broken", "raising")))
    assert tuple(stage.analyser for stage in plan.stages) == (*ORDER, "sound")
    for name in ("broken", "raising"):
        assert f"{name} cannot load" in caplog.text
