"""Containers: archives and compressed files, opened one level at a time, never extracted to disk."""

from amparo.sources.containers.limits import Limits
from amparo.sources.containers.port import Archive, Container
from amparo.sources.containers.sevenzip import SevenZip
from amparo.sources.containers.single import Single
from amparo.sources.containers.tar import Tar
from amparo.sources.containers.zip import Zip

_ALL: tuple[Container, ...] = (
    Zip(), Tar(), Single("gzip"), Single("bzip2"), Single("xz"), Single("zstd"), SevenZip(),
)  # fmt: skip
CONTAINERS: dict[str, Container] = {container.name: container for container in _ALL}

__all__ = ["CONTAINERS", "Archive", "Container", "Limits"]
