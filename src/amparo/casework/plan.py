"""The plan of a scan: built-in Analysers in their order, then the plug-ins that the settings name."""

import hashlib
import importlib.metadata
import logging
from collections.abc import Sequence
from typing import Any

from amparo.casework.banks import formats
from amparo.casework.banks.store import Compared
from amparo.config import Settings
from amparo.pipeline.stage import Factory, Plan
from amparo.sources import opener

log = logging.getLogger(__name__)

GROUP = "amparo.analysers"
GROUPS = (opener.GROUP, GROUP, formats.GROUP)
API = 1
ORDER = ("walk", "digests", "media_type", "unpack", "bank_match", "picture", "picture_hash", "near_match")
LOOKING = ("digests", "media_type", "bank_match", "picture_hash", "near_match")  # at one file, outside any Case
MATCHING = ("bank_match", "near_match")  # what a new Bank makes due


def our_plan(settings: Settings, banks: Compared, names: Sequence[str]) -> Plan:
    """Built-in Analysers by name, in this order, with their configuration of now."""
    return Plan.of(*_factories(settings, banks, names))


def scan_plan(settings: Settings, banks: Compared) -> Plan:
    """Every Analyser of this installation with its configuration of now."""
    points = list(importlib.metadata.entry_points(group=GROUP))
    named = _factories(settings, banks, ORDER)
    ours = set(ORDER)
    for point in points:
        if point.name in settings.plugins and point.name not in ours and _loads(point):
            named.append(Factory(point.value))
    installed = {point.name for group in GROUPS for point in importlib.metadata.entry_points(group=group)}
    for name in settings.plugins:
        if name not in installed:
            log.warning("Plug-in %s is named in the settings and not installed; see: amparo doctor", name)
    return Plan.of(*named)


def _loads(point: importlib.metadata.EntryPoint) -> bool:
    """Whether a plug-in can be used; if not, says so and leaves it out: never fatal, never silent."""
    try:
        api = point.load()().API
    except Exception as error:  # noqa: BLE001  # whatever a plug-in raises
        log.warning("Plug-in %s cannot load and is left out (%s); see: amparo doctor", point.name, type(error).__name__)
        return False
    if api != API:
        log.warning("Plug-in %s is made for API %s and is left out; see: amparo doctor", point.name, api)
    return bool(api == API)


def what_runs(plan: Plan) -> list[dict[str, str]]:
    """What a run consists of, for its custody entry: stages, and for each the package it came from.

    ``package`` is ``name version sha256`` of the distribution's own list of files (RECORD), empty where there is none.
    """
    points = {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
    return [
        {
            "analyser": stage.analyser,
            "version": stage.version,
            "config_digest": stage.config_digest,
            "package": _package(points[stage.analyser]) if stage.analyser in points else "",
        }
        for stage in plan.stages
    ]


def _package(point: importlib.metadata.EntryPoint) -> str:
    if point.dist is None:
        return ""
    record = point.dist.read_text("RECORD") or ""
    return f"{point.dist.name} {point.dist.version} {hashlib.sha256(record.encode()).hexdigest()}"


def _factories(settings: Settings, banks: Compared, names: Sequence[str]) -> list[Factory]:
    compared = {"path": str(banks.path), "digest": banks.digest}
    pixels = {"pixels": settings.limit_pixels}
    config: dict[str, dict[str, Any]] = {
        "bank_match": compared,
        "picture": pixels,
        "picture_hash": pixels,
        "near_match": {**compared, "radius": settings.match_radius},
    }
    points = importlib.metadata.entry_points(group=GROUP)
    ours = {point.name: point.value for point in points if point.value.startswith("amparo.")}
    return [Factory(ours[name], config.get(name, {})) for name in names]
