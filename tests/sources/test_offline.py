"""The offline Reader: no byte of evidence is read, and whoever asks is told."""

import pytest
from pipeline.subjects import task

from amparo.evidence.item import Locator, Step
from amparo.evidence.outcome import Failed
from amparo.pipeline.ports import Reader, Unreadable
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.visit import Visitor
from amparo.sources.offline import OfflineReader

HERE = Locator((Step("folder", b"file"),))
OFFLINE = Factory("amparo.sources.offline:OfflineReader")


def test_nothing_is_read() -> None:
    reader: Reader = OfflineReader()
    for asking in (
        lambda: reader.open(HERE),
        lambda: reader.open(HERE, 5),
        lambda: reader.entries(HERE),
        lambda: reader.members(HERE, "application/zip", None),
    ):
        with pytest.raises(Unreadable) as refused:
            asking()
        assert refused.value.reason == "offline"
    assert not reader.opens("application/zip")
    reader.close()


def test_an_analyser_that_reads_fails_and_says_why() -> None:
    plan = Plan.of(Factory("amparo.sources.analysers:DigestsOf"))
    visitor = Visitor(plan, OFFLINE)
    visited = visitor.visit(task(b"file"), lambda index: None)
    assert visited.outcomes == ((0, Failed("offline")),)
