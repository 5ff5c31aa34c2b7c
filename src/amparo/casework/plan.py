"""The plan of a scan: built-in Analysers in their order, then the plug-ins that the settings name."""

import importlib.metadata
from pathlib import Path
from typing import Any

from amparo.catalogue.banks import write_index
from amparo.config import Settings
from amparo.pipeline.limits import MIB, Limits
from amparo.pipeline.stage import Factory, Plan

GROUP = "amparo.analysers"
ORDER = ("walk", "digests", "media_type", "unpack", "bank_match", "picture")


def scan_plan(settings: Settings) -> Plan:
    """Every Analyser of this installation with its configuration of now; writes the Bank file workers read."""
    config = _config(settings)
    points = {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
    plugins = [name for name in settings.plugins if name in points and name not in ORDER]
    return Plan.of(*(Factory(points[name].value, config.get(name, {})) for name in (*ORDER, *plugins)))


def scan_limits(settings: Settings) -> Limits:
    """What a worker may take."""
    return Limits(seconds=settings.limit_seconds, memory=settings.limit_memory_mib * MIB)


def _config(settings: Settings) -> dict[str, dict[str, Any]]:
    index = write_index(Path(settings.home) / "banks")
    return {
        "bank_match": {"path": str(index.path), "digest": index.digest},
        "picture": {"pixels": settings.limit_pixels},
    }
