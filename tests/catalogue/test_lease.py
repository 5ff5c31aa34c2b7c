"""One driver per Source: a dead owner is replaced at once, a living one refused, a replaced one writes no more."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from catalogue.sources import new_source

from amparo.catalogue import lease
from amparo.catalogue.models import Source
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PRINT = "from amparo.catalogue.lease import this_process; print(this_process(), flush=True); input()"
OTHER_MACHINE = "00000000-0000-0000-0000-000000000000-1:1:1"


def held(source: Source, owner: str, seconds: float = 60) -> Source:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    Source.objects.filter(pk=source.pk).update(owner=owner, owner_until=until)
    source.refresh_from_db()
    return source


def process() -> tuple[subprocess.Popen[str], str]:
    script = f"import django; django.setup(); {PRINT}"
    started = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    return started, started.stdout.readline().strip()


def test_a_living_owner_is_refused_and_a_dead_one_replaced(tmp_path: Path) -> None:
    source = new_source(tmp_path)
    other, owner = process()
    try:
        assert owner != lease.this_process()
        with pytest.raises(BadInput, match="scanning this source now"):
            lease.take(held(source, owner, seconds=-1))
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet buried
        assert lease.take(held(source, owner)) == lease.this_process()
    finally:
        other.kill()
        other.communicate()
    assert lease.take(held(source, owner)) == lease.this_process()


def test_a_pid_used_again_is_not_the_owner(tmp_path: Path) -> None:
    boot, pid, started = lease.this_process().split(":")
    assert lease.take(held(new_source(tmp_path), f"{boot}:{pid}:{int(started) - 1}")) == lease.this_process()


def test_another_machine_is_believed_for_its_term(tmp_path: Path) -> None:
    source = new_source(tmp_path)
    with pytest.raises(BadInput):
        lease.take(held(source, OTHER_MACHINE, seconds=5))
    assert lease.take(held(source, OTHER_MACHINE, seconds=-1)) == lease.this_process()


def test_two_takers_of_a_free_source(tmp_path: Path) -> None:
    source = new_source(tmp_path)
    stale = Source.objects.get(pk=source.pk)
    held(source, OTHER_MACHINE)
    with pytest.raises(BadInput, match="just begun"):
        lease.take(stale)


def test_whoever_lost_the_lease_writes_no_more(tmp_path: Path) -> None:
    source = new_source(tmp_path)
    me = lease.take(source)
    lease.renew(source.pk, me)
    held(source, OTHER_MACHINE)
    with pytest.raises(lease.LeaseLost):
        lease.renew(source.pk, me)
    lease.give_up(source.pk, me)
    source.refresh_from_db()
    assert source.owner == OTHER_MACHINE
    lease.give_up(source.pk, OTHER_MACHINE)
    source.refresh_from_db()
    assert (source.owner, source.owner_until) == ("", None)


def test_renewing_prolongs(tmp_path: Path) -> None:
    source = held(new_source(tmp_path), lease.this_process(), seconds=1)
    before = source.owner_until
    lease.renew(source.pk, lease.this_process())
    source.refresh_from_db()
    assert before is not None
    assert source.owner_until is not None
    assert source.owner_until > before
