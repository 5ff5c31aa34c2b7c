"""Makes the golden objects of the Vault: one good, one per defect, and the keys. Run: python make.py DIRECTORY.

Keys are random, so new files differ from those committed; old ones have to open for ever.
"""

import hashlib
import io
import json
import sys
import uuid
from pathlib import Path

from amparo.evidence import vault

CASE, OBJECT, OTHER = (uuid.UUID(int=number) for number in (1, 2, 3))
CHUNK, HEADER = 1024, 45
PASSPHRASE = "twelve or more letters"


def main(folder: Path) -> None:
    """Write all files."""
    pair, custodian = vault.new_pair(), vault.new_pair()
    target, second = io.BytesIO(), io.BytesIO()
    plain = hashlib.shake_128(b"vault").digest(2 * CHUNK + 9)
    made = vault.seal_object([plain], target, CASE, OBJECT, CHUNK)
    vault.seal_object([plain], second, CASE, OTHER, CHUNK)
    good, header = target.getvalue(), target.getvalue()[:HEADER]
    one, two, three = (good[start : start + CHUNK + 16] for start in range(HEADER, len(good), CHUNK + 16))
    for name, data in {
        "good": good,
        "cut-in-a-chunk": good[:-5],
        "cut-after-a-chunk": header + one + two,
        "swapped-chunks": header + two + one + three,
        "header-of-another-object": second.getvalue()[:HEADER] + good[HEADER:],
        "appended-bytes": good + bytes(CHUNK - 14),
        "appended-chunk": good + three,
    }.items():
        (folder / f"{name}.vault").write_bytes(data)
    keys = {
        "case": str(CASE),
        "object": str(OBJECT),
        "sha256": made.sha256.hex(),
        "public": pair.public.hex(),
        "wrapped": vault.wrap_key(made.key, pair.public, CASE, OBJECT).hex(),
        "share": vault.share(pair.private, custodian.public, CASE).hex(),
        "custodian": custodian.public.hex(),
        "sealed": vault.protect(custodian, PASSPHRASE).hex(),
        "passphrase": PASSPHRASE,
    }
    (folder / "keys.json").write_text(json.dumps(keys, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
