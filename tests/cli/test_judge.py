"""What the command line says of a judgement that counts for neither of two people."""

import json
from pathlib import Path

import pytest
from casework.installations import case, make

from amparo.catalogue.models import Case, Content
from amparo.cli import judge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("two", [True, False])
@pytest.mark.parametrize("as_json", [True, False])
def test_where_two_people_have_to_agree_decide_says_that_it_counts_for_neither(
    two: bool, as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = make(tmp_path / "home")
    matter = case(installation)
    Case.objects.update(two_people=two)
    Content.objects.create(case=matter, sha256=bytes(32), sha1=bytes(20), md5=bytes(16), size=1)
    monkeypatch.setattr(judge, "start", lambda: installation)
    judge.decide("0" * 64, "R-1", ["material-not-pertinent"], "", False, as_json)
    told = capsys.readouterr()
    assert ("counts for neither" in told.err) is two
    if as_json:
        assert json.loads(told.out)["current"] is not two
    else:
        assert "Recorded for 1 content." in told.out
