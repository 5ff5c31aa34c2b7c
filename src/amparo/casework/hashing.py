"""Digests and perceptual hashes of files a person names, outside any Case: rows of ``amparo hash``."""

import os
from collections.abc import Iterator

from amparo.casework.limits import worker_limits
from amparo.casework.one_file import OneFile
from amparo.casework.paths import path_fields
from amparo.config import Settings
from amparo.pipeline.stage import Factory, Plan


def hash_rows(settings: Settings, paths: list[str]) -> Iterator[dict[str, object]]:
    """One row per file (schema ``hash``). ``pdq`` is null for what is no picture, or does not decode.

    Raises BadInput at the first that cannot be read.
    """
    plan = Plan.of(
        Factory("amparo.sources.analysers:DigestsOf"),
        Factory("amparo.sources.analysers:MediaType"),
        Factory("amparo.media.picture_hash:PictureHash", {"pixels": settings.limit_pixels, "colour": True}),
    )
    with OneFile(plan, worker_limits(settings)) as files:
        for path in paths:
            found = files.look(path).content
            picture = found.picture
            yield {
                "v": 1,
                **path_fields(os.fsencode(path)),
                "sha256": found.sha256.hex(),
                "sha1": found.sha1.hex(),
                "md5": found.md5.hex(),
                "size": found.size,
                "pdq": None if picture is None else picture.pdq.hex(),
                "pdq_quality": None if picture is None else picture.quality,
                "pdq_512": None if picture is None else (picture.pdq_512 or picture.pdq).hex(),
            }
