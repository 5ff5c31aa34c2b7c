"""Looking: written down and sealed first, once, for a minute, for one person; and only small and grey."""

import datetime
import hashlib
import io
import json
import math
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from casework.installations import actions, case, make
from casework.seen import item, scanned
from django.utils import timezone
from PIL import Image
from workbench.staff import person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import previewing, reveal
from amparo.casework.installation import Installation
from amparo.casework.pauses import begin_pause, end_pause
from amparo.catalogue.models import Case, Content, Item, OutboxEvent, Reveal
from amparo.catalogue.outbox import Sealer, chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, case(installation), tmp_path / "tree")


@pytest.fixture
def user(db: None) -> User:
    return person(Role.EXAMINER)


@pytest.fixture
def look(installation: Installation, user: User) -> Callable[..., Reveal]:
    def made(row: Item, sharp: bool = False) -> Reveal:
        reason = "detail" if sharp else "grade"
        return reveal.reveal(installation.acting(user.actor), user, row.case, row, reason, sharp)

    return made


def entries(installation: Installation, row: Case) -> list[dict[str, Any]]:
    lines = chain_path(installation.settings.home, row.uuid).read_text().splitlines()
    return [entry for entry in map(json.loads, lines) if entry.get("action") == "content.revealed"]


@pytest.mark.parametrize(("sharp", "side"), [(False, 240), (True, 480)])
def test_a_picture_is_shown_small_and_grey_once(
    installation: Installation, matter: Case, user: User, look: Any, sharp: bool, side: int
) -> None:
    row = item(matter, "camera2.jpg")
    made = look(row, sharp)
    png = reveal.picture(installation, user, row, made.pk)
    assert png is not None
    image = Image.open(io.BytesIO(png))
    assert (image.mode, max(image.size) <= side, image.info) == ("L", True, {})
    assert image.height > image.width  # its EXIF says that it lies on its side
    assert reveal.picture(installation, user, row, made.pk) is None
    entry = entries(installation, matter)[0]
    assert row.content is not None
    sha256 = bytes(row.content.sha256).hex()
    assert entry["facts"] == {"reveal": made.pk, "item": row.pk, "sha256": sha256, "sharp": int(sharp)}
    assert entry["actor"] == user.actor
    assert "reason" in entry["commitments"]
    verify(chain_path(installation.settings.home, matter.uuid))


def test_a_picture_in_an_archive_is_shown_and_no_file_is_left(
    installation: Installation, matter: Case, user: User, look: Any, tmp_path: Path
) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts)
    row = item(matter, "more.zip!/inner.png")
    made = look(row)
    reveal.prepare(installation, made)
    assert reveal.picture(installation, user, row, made.pk)
    assert sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts) == before
    assert not [path for path in (tmp_path / "home").rglob("*") if path.suffix in (".png", ".webp", ".jpg")]


def test_it_is_sealed_before_anything_is_read(
    installation: Installation, matter: Case, user: User, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = item(matter, "camera2.jpg")
    sealed = []

    def watched(made: Installation, *_: object) -> bytes:
        sealed.append(len(entries(made, matter)) == Reveal.objects.count() and not OutboxEvent.objects.exists())
        return b"png"

    monkeypatch.setattr(reveal, "preview", watched)
    made = look(row)
    reveal.prepare(installation, made)
    assert reveal.picture(installation, user, row, made.pk) == b"png"
    reveal.picture(installation, user, row, look(row).pk)
    assert sealed == [True, True]


def test_a_server_that_dies_before_sealing_shows_nothing_unsealed(
    installation: Installation, matter: Case, user: User, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row and its event are committed together; a later request seals before it sends a byte, or sends none."""
    row = item(matter, "camera2.jpg")

    def dies(self: Sealer, which: Case | None = None) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Sealer, "seal", dies)
        with pytest.raises(OSError, match="gone"):
            look(row)
        made = Reveal.objects.get()
        with pytest.raises(OSError, match="gone"):
            reveal.picture(installation, user, row, made.pk)
    assert "content.revealed" not in actions(installation, matter)
    assert reveal.picture(installation, user, row, made.pk)
    assert len(entries(installation, matter)) == 1


def test_two_requests_at_once_get_one_picture(
    installation: Installation, matter: Case, user: User, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = item(matter, "camera2.jpg")
    made = look(row)
    other: list[bytes | None] = []

    def second(self: Sealer, which: Case | None = None) -> None:
        monkeypatch.setattr(Sealer, "seal", lambda *_: None)
        other.append(reveal.picture(installation, user, row, made.pk))  # between the look-up and the mark

    monkeypatch.setattr(Sealer, "seal", second)
    first = reveal.picture(installation, user, row, made.pk)
    assert [first is None, other[0] is None].count(True) == 1


def test_nobody_else_nothing_else_and_not_later(
    installation: Installation, matter: Case, user: User, look: Any
) -> None:
    row, other = item(matter, "camera2.jpg"), item(matter, "camera3.jpg")
    made = look(row)
    assert reveal.picture(installation, person(Role.EXAMINER), row, made.pk) is None
    assert reveal.picture(installation, user, other, made.pk) is None
    assert reveal.picture(installation, user, row, made.pk + 1) is None
    Reveal.objects.update(at=timezone.now() - datetime.timedelta(seconds=61))
    assert reveal.picture(installation, user, row, made.pk) is None


@pytest.mark.parametrize(("reason", "sharp"), [("", False), ("person", False), ("grade", True), ("x" * 300, True)])
def test_a_look_needs_a_reason_of_its_own_list(
    installation: Installation, matter: Case, user: User, reason: str, sharp: bool
) -> None:
    with pytest.raises(BadInput, match="why you need"):
        reveal.reveal(installation, user, matter, item(matter, "camera2.jpg"), reason, sharp)
    assert not Reveal.objects.exists()


def test_an_item_of_another_case_is_refused(installation: Installation, matter: Case, user: User) -> None:
    with pytest.raises(ValueError, match="another Case"):
        reveal.reveal(installation, user, case(installation, "R-2"), item(matter, "camera2.jpg"), "grade", False)


def failing(installation: Installation, row: Item, look: Any) -> str:
    made = look(row)
    with pytest.raises(AmparoError) as refused:
        reveal.prepare(installation, made)
    assert refused.value.hint
    made.refresh_from_db()
    assert made.seconds == 0  # over: nothing can be fetched for it
    assert len(entries(installation, row.case)) == Reveal.objects.count()  # and it stays written down
    return refused.value.message


def test_what_cannot_be_shown_is_said_and_stays_written_down(
    installation: Installation, matter: Case, look: Any, tmp_path: Path
) -> None:
    assert "not a picture" in failing(installation, item(matter, "text.txt"), look)
    assert "damaged" in failing(installation, item(matter, "damaged.png"), look)
    camera = tmp_path / "tree" / "camera2.jpg"
    same = camera.read_bytes()
    camera.write_bytes(same[:-1] + b"x")
    assert "bytes have changed" in failing(installation, item(matter, "camera2.jpg"), look)
    camera.unlink()
    assert "no longer where" in failing(installation, item(matter, "camera2.jpg"), look)
    (tmp_path / "tree").rename(tmp_path / "away")
    assert "not connected" in failing(installation, item(matter, "camera3.jpg"), look)


def test_an_authority_that_ended_opens_nothing(installation: Installation, matter: Case, look: Any) -> None:
    row = item(matter, "camera2.jpg")
    now = timezone.now()
    matter.authorities.update(valid_from=now - datetime.timedelta(days=2), until=now - datetime.timedelta(days=1))
    with pytest.raises(NotAuthorised):
        reveal.prepare(installation, look(row))


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG of very many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    line = bytes(width * 3 + 1)
    data = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class TestBombs:
    """They end in words, the worker with them, and the next picture is shown."""

    @pytest.fixture
    def bomb(self, matter: Case, tmp_path: Path) -> Item:
        """In the place of another picture, as if it had been scanned there."""
        data = png_bomb(12_000, 8_000)
        (tmp_path / "tree" / "camera3.jpg").write_bytes(data)
        row = item(matter, "camera3.jpg")
        known = {"sha256": hashlib.sha256(data).digest(), "media_type": "image/png", "size": len(data)}
        Content.objects.filter(pk=row.content_id).update(**known)
        Item.objects.filter(pk=row.pk).update(size=len(data))
        return item(matter, "camera3.jpg")

    def test_of_pixels(self, installation: Installation, bomb: Item, look: Any) -> None:
        small = installation.settings.model_copy(update={"limit_pixels": 1_000_000})
        less = Installation(small, installation.sealer)
        assert "more pixels" in failing(less, bomb, look)

    def test_of_memory(
        self, installation: Installation, bomb: Item, look: Any, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(previewing, "MEMORY", 384 * 1024 * 1024)
            assert "memory" in failing(installation, bomb, look)
        row = item(bomb.case, "camera2.jpg")
        assert reveal.picture(installation, user, row, look(row).pk)

    def test_of_time(self, installation: Installation, bomb: Item, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(previewing, "SECONDS", 0.01)
        assert "too long" in failing(installation, bomb, look)

    def test_many_at_once_wait_for_their_turn(
        self, installation: Installation, bomb: Item, look: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(previewing, "_AT_ONCE", threading.BoundedSemaphore(1))
        monkeypatch.setattr(previewing, "_TURN", 0.01)
        with previewing._AT_ONCE:
            assert "being prepared" in failing(installation, bomb, look)


def test_seconds_are_clamped_and_the_longest_counts(matter: Case, user: User, look: Any) -> None:
    row = item(matter, "camera2.jpg")
    made = look(row)
    Reveal.objects.update(at=timezone.now() - datetime.timedelta(hours=2))

    def told(seconds: float) -> float | None:
        assert reveal.looked(user, row, made.pk, seconds)
        return Reveal.objects.get().seconds

    assert [told(each) for each in (-5, 3.5, 2, 1e9)] == [0, 3.5, 3.5, 600]
    assert not reveal.looked(user, row, made.pk, math.nan)
    assert not reveal.looked(person(Role.EXAMINER), row, made.pk, 5)
    assert not reveal.looked(user, item(matter, "camera3.jpg"), made.pk, 5)


def test_nobody_looks_longer_than_time_has_passed(matter: Case, user: User, look: Any) -> None:
    row = item(matter, "camera2.jpg")
    assert reveal.looked(user, row, look(row).pk, 300)
    assert (Reveal.objects.get().seconds or 0) < 60


def test_exposure_counts_a_persons_day(matter: Case, user: User) -> None:
    content = Content.objects.earliest("pk")
    row = content.items.earliest("pk")
    today = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    rows = [(0, "picture", 60), (86_399, "picture", None), (5, "text", 7.5), (-1, "picture", 99), (86_400, "text", 99)]
    for after, kind, seconds in rows:
        at = today + datetime.timedelta(seconds=after)
        for owner in (user, person(Role.EXAMINER)):
            Reveal.objects.create(
                case=matter, user=owner, item=row, content=content, kind=kind, sharp=False, reason="grade", at=at,
                seconds=seconds,
            )  # fmt: skip
    assert reveal.exposure(user, today.date()) == {"picture": (2, 60.0), "text": (1, 7.5)}
    assert reveal.exposure(user, datetime.date(2026, 4, 1)) == {}


def test_who_has_had_enough_sees_nothing_until_tomorrow(
    installation: Installation, matter: Case, user: User, look: Any
) -> None:
    row = item(matter, "camera2.jpg")
    begin_pause(installation, user, "not-today")
    with pytest.raises(BadInput, match="no more pictures today"):
        look(row)
    user.pauses.update(begun=timezone.now() - datetime.timedelta(days=1))
    look(row)
    begin_pause(installation, user, "pause")
    with pytest.raises(BadInput, match="taking a pause"):
        look(row)
    end_pause(installation, user)
    look(row)
