"""Digests of files a person names, outside any Case: rows of ``amparo hash``."""

import os
from collections.abc import Iterator

from amparo.casework.paths import path_fields
from amparo.evidence.digests import Digests, digest_stream
from amparo.evidence.errors import BadInput
from amparo.pipeline.ports import Unreadable
from amparo.sources.folder import open_file


def hash_rows(paths: list[str]) -> Iterator[dict[str, object]]:
    """One row per file (schema ``hash``). Raises BadInput at the first that cannot be read."""
    for path in paths:
        found = digests_of(path)
        yield {
            "v": 1,
            **path_fields(os.fsencode(path)),
            "sha256": found.sha256.hex(),
            "sha1": found.sha1.hex(),
            "md5": found.md5.hex(),
            "size": found.size,
        }


def digests_of(path: str) -> Digests:
    """Digests of one ordinary file, following a link a person names. Raises BadInput."""
    try:
        with open_file(os.path.realpath(os.fsencode(path)), b".", None) as stream:
            return digest_stream(stream)[0]
    except Unreadable as error:
        raise BadInput(f"Not an ordinary file, or it changes while read: {path!r}", "Name a file.") from error
    except OSError as error:
        raise BadInput(f"Cannot read {path!r}: {error.strerror}.", "Check the path and its permissions.") from error
