"""The preview of an Item's bytes: read again from its Source and decoded in a worker that may die of them."""

import base64
import dataclasses
import datetime
import os
import threading
import time

from django.utils.translation import gettext, gettext_noop

from amparo.casework.cases import authorities
from amparo.casework.installation import Installation
from amparo.casework.limits import worker_limits
from amparo.catalogue.models import Content, Item
from amparo.evidence.errors import AmparoError, BadInput
from amparo.evidence.item import Entry, Locator
from amparo.evidence.outcome import Ok
from amparo.media.decoding import FORMATS
from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.limits import MIB, Limits
from amparo.pipeline.stage import Factory, Plan, Visit
from amparo.pipeline.task import KnownContent, Task, Visited
from amparo.sources.containers import Limits as ContainerLimits
from amparo.sources.opener import installed, open_source
from amparo.ui import reasons

SECONDS = 15.0  # one picture may take, and a quarter of a second more for each megabyte of its file
MEMORY = 2048 * MIB  # address space of the worker
_START = 20.0  # seconds that starting the worker may take
_AT_ONCE = threading.BoundedSemaphore(2)  # workers: what many people ask for at once must not fill the memory
_TURN = 20.0  # seconds to wait for one's turn
_WORDS = {
    "vanished": (
        gettext_noop("The file is no longer where it was when it was scanned."),
        gettext_noop("Connect the source again at the same place, and try again."),
    ),
    "changed": (
        gettext_noop("The file is not the one that was scanned: its bytes have changed."),
        gettext_noop("Work from a write-protected copy of the source. Scan it again to see what it holds now."),
    ),
    "damaged": (
        gettext_noop("The file is damaged, and no picture can be made of it."),
        gettext_noop("Grade it from what is written here, or look for another copy."),
    ),
    "not-a-picture": (
        gettext_noop("This file is not a picture that can be shown here."),
        gettext_noop("Pictures are shown: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC and AVIF."),
    ),
    "limit-time": (
        gettext_noop("Making the preview took too long and was stopped."),
        gettext_noop("Grade it from what is written here, or look at it with another tool made for untrusted files."),
    ),
}


def preview(installation: Installation, item: Item, sharp: bool) -> bytes:
    """PNG of an Item's picture (:mod:`amparo.media.preview`). Takes up to half a minute; nothing touches the disk.

    Raises BadInput in words for a person where there is nothing to show, NotAuthorised where no Authority of the Case
    covers opening its Source now.
    """
    content = item.content
    if content is None or content.media_type not in FORMATS:
        raise _not_shown("not-a-picture")
    settings = installation.settings
    reader = _reader(installation, item)
    plan = Plan.of(Factory("amparo.media.preview:Preview", {"pixels": settings.limit_pixels, "sharp": sharp}))
    if not _AT_ONCE.acquire(timeout=_TURN):
        raise BadInput(
            gettext("Other pictures are being prepared at this moment."), gettext("Try again in a few seconds.")
        )
    try:
        visited = _visit(plan, reader, _limits(worker_limits(settings)), _task(item, content))
    finally:
        _AT_ONCE.release()
    outcome = visited.outcomes[0][1] if visited is not None and visited.outcomes else None
    if not isinstance(outcome, Ok):
        raise _not_shown("limit-time" if outcome is None else outcome.reason)
    return base64.b64decode(str(outcome.findings[0].facts["png"]))


def _reader(installation: Installation, item: Item) -> Factory:
    """How the worker reads this Source, under an Authority that holds now."""
    source, settings = item.source, installation.settings
    now = datetime.datetime.now(datetime.UTC)
    if not os.path.exists(bytes(source.root)):
        raise BadInput(
            gettext("The source is not connected: nothing lies where it was scanned."),
            gettext("Connect it again at the same place, and try again."),
        )
    opened, _ = open_source(bytes(source.root), authorities(item.case), now, installed(settings.plugins))
    if opened.opener != source.opener:
        raise _not_shown("changed")
    limits = ContainerLimits(depth=settings.limit_depth)
    own_home = os.path.realpath(os.fsencode(settings.home))
    arguments = {**opened.reader.arguments, "limits": limits, "own_home": own_home}
    return dataclasses.replace(opened.reader, arguments=arguments)


def _limits(of_scans: Limits) -> Limits:
    memory = min(of_scans.memory or MEMORY, MEMORY)
    return Limits(seconds=min(of_scans.seconds, SECONDS), bytes_per_second=4.0 * MIB, memory=memory)


def _task(item: Item, content: Content) -> Task:
    known = KnownContent(
        bytes(content.sha256), bytes(content.sha1), bytes(content.md5), content.size, content.media_type
    )
    locator = Locator.decode(bytes(item.locator))
    return Task(item.pk, Visit.SECOND, locator, Entry.FILE, item.size, (0,), content=known)


def _visit(plan: Plan, reader: Factory, limits: Limits, task: Task) -> Visited | None:
    """One visit in a worker of its own, which is killed whatever happens. None: it did not come back in time."""
    engine = PoolEngine(plan, reader, limits, 1)
    end = time.monotonic() + _START + limits.time_for(task)
    try:
        engine.submit([task])
        while time.monotonic() < end:
            for batch in engine.wait(1.0):
                return batch[0]
    finally:
        engine.close()
    return None


def _not_shown(reason: str) -> AmparoError:
    if reason in _WORDS:
        what, advice = _WORDS[reason]
        return BadInput(gettext(what), gettext(advice))
    words = reasons.explain(reason)
    return BadInput(words.what, words.advice)
