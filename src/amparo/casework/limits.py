"""What a worker may take, as the settings say."""

from amparo.config import Settings
from amparo.pipeline.limits import MIB, Limits


def worker_limits(settings: Settings, mapped: int = 0) -> Limits:
    """``mapped``: bytes of Bank files, which workers map and share; they come on top of the memory limit."""
    memory = settings.limit_memory_mib * MIB
    return Limits(seconds=settings.limit_seconds, memory=memory and memory + mapped)
