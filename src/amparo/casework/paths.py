"""How a raw path stands in a JSON row."""

import base64

from amparo.ui.paths import shown


def path_fields(raw: bytes) -> dict[str, object]:
    """``path`` as people may see it, and ``path_b64`` where that is not the name itself."""
    text = shown(raw)
    if text.encode("utf-8") == raw:
        return {"path": text}
    return {"path": text, "path_b64": base64.b64encode(raw).decode("ascii")}
