"""What travels in disclosure packages is what docs/ says."""

import importlib.util

from docs.pages import ROOT


def test_copies_are_up_to_date_and_whole() -> None:
    spec = importlib.util.spec_from_file_location("documents", ROOT / "scripts" / "documents.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.main(["--check"]) == 0, "run: make docs"
    assert {"known-errors.txt", "model-card-near-match.txt"} <= set(module.wanted())
