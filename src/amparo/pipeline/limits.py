"""Limits on one subject in a worker process."""

import dataclasses
import resource

from amparo.pipeline.task import Task

MIB = 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Time and memory one stage may take on one subject.

    ``seconds`` plus the size divided by ``bytes_per_second`` is the time; ``memory`` is the address space of a
    worker in bytes (RLIMIT_AS), 0 for no limit.
    """

    seconds: float = 60.0
    bytes_per_second: float = 4.0 * MIB
    memory: int = 3 * 1024 * MIB

    def time_for(self, task: Task) -> float:
        """Seconds one stage may take on this subject."""
        return self.seconds + (task.size or 0) / self.bytes_per_second

    def apply(self) -> None:
        """Put the limits that the kernel keeps on this process; no core files, so no evidence bytes on disk."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if self.memory:
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            memory = self.memory if hard == resource.RLIM_INFINITY else min(self.memory, hard)  # lower stays lower
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
