"""What we write of a Case, our own reader of VICS reads back."""

import datetime
import io
import json

from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.exchange.vics import VicsReader
from amparo.exchange.vics_case import CaseFile, CaseMedia, write_case

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
DAY = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
FILES = st.builds(
    CaseFile, TEXT, st.dictionaries(st.sampled_from(("created", "modified", "accessed")), TEXT), st.booleans()
)
MEDIA = st.builds(
    CaseMedia, st.just(0), st.binary(min_size=16, max_size=16), st.binary(min_size=20, max_size=20),
    st.binary(min_size=32, max_size=32), st.integers(0, 2**60), TEXT, st.none() | st.integers(0, 9), st.just(DAY),
    st.lists(FILES, max_size=3).map(tuple),
)  # fmt: skip


@settings(max_examples=examples(60))
@given(st.lists(MEDIA, max_size=6, unique_by=lambda each: each.sha1))
def test_what_is_written_is_read_back(media: list[CaseMedia]) -> None:
    stream = io.BytesIO()
    assert write_case(stream, "US", media) == len(media)
    stream.seek(0)
    read = list(VicsReader("o", "t", datetime.date(2000, 1, 1)).read(stream))
    assert len(read) == len(media)
    for entry, each in zip(read, media, strict=True):
        assert entry.digests == {"md5": each.md5, "sha1": each.sha1, "sha256": each.sha256}
        assert entry.dated == DAY.date()
        category = [label for label in entry.labels if label.startswith("vics-category-")]
        assert category == ([] if each.category is None else [f"vics-category-{each.category}"])
        assert ("vics-us-category-1" in entry.labels) == (each.category == 1)
    records = json.loads(stream.getvalue())["value"]
    for record, each in zip(records, media, strict=True):
        assert [file["FilePath"] for file in record["MediaFiles"]] == [file.path for file in each.files]
        assert record["MediaSize"] == each.size
