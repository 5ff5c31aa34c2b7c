"""The plan: ours in order, others only when named, and nothing of theirs in the place of ours."""

from pathlib import Path

import pytest
from casework.installations import bank, distribution, make

from amparo.casework.plan import ORDER, scan_limits, scan_plan
from amparo.pipeline.limits import MIB

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


def test_built_in_order_and_bank_in_the_identity(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    before = scan_plan(installation.settings)
    assert tuple(stage.analyser for stage in before.stages) == ORDER
    assert scan_plan(installation.settings) == before
    bank(installation, tmp_path, "0" * 64)
    after = scan_plan(installation.settings)
    changed = [old.analyser for old, new in zip(before.stages, after.stages, strict=True) if old != new]
    assert changed == ["bank_match"]


def test_others_only_when_named_never_in_place_of_ours_and_never_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    distribution(tmp_path, POINTS, {"other_plan": SOUND})
    monkeypatch.syspath_prepend(str(tmp_path))
    for plugins in ((), ("digests",)):
        plan = scan_plan(make(tmp_path / "home", plugins=plugins).settings)
        assert tuple(stage.analyser for stage in plan.stages) == ORDER
        assert all(factory.target.startswith("amparo.") for factory in plan.factories)
    plan = scan_plan(make(tmp_path / "home", plugins=("sound", "broken", "raising")).settings)
    assert tuple(stage.analyser for stage in plan.stages) == (*ORDER, "sound")
    for name in ("broken", "raising"):
        assert f"{name} cannot load" in caplog.text


def test_limits_come_from_the_settings(tmp_path: Path) -> None:
    limits = scan_limits(make(tmp_path, limit_seconds=5, limit_memory_mib=700).settings)
    assert (limits.seconds, limits.memory) == (5, 700 * MIB)
