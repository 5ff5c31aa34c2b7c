"""Notes are written once and stay."""

from pathlib import Path

import pytest
from casework.installations import actions, case, make

from amparo.casework.actors import actor_names
from amparo.casework.notes import LONGEST, notes_page, write_note
from amparo.casework.scan import scan
from amparo.catalogue.models import Item, Note
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_note_keeps_its_lines_and_its_author_and_is_recorded_without_its_words(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    note = write_note(installation.acting("account:x"), row, "  First line. \r\n\r\nSecond. ")
    assert (note.text, note.author, note.item) == ("First line.\n\nSecond.", "account:x", None)
    assert actions(installation, row)[-1] == "note.written"
    chain = chain_path(installation.settings.home, row.uuid)
    assert "First" not in chain.read_text()
    verify(chain)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1), "a\0b"])
def test_an_empty_or_endless_note_is_refused(text: str, tmp_path: Path) -> None:
    installation = make(tmp_path)
    with pytest.raises(BadInput, match=r"^Note: "):
        write_note(installation, case(installation), text)
    assert not Note.objects.exists()


def test_pages_are_newest_first_and_join(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row, other = case(installation), case(installation, "R-2")
    made = [write_note(installation, row, f"Note {n}") for n in range(5)]
    write_note(installation, other, "Elsewhere")
    first = notes_page(row, True, None, 3)
    assert [*first, *notes_page(row, True, first[-1].pk, 3)] == made[::-1]


def test_a_note_on_an_item_is_left_out_where_items_are_not_read(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    row, other = case(installation), case(installation, "R-2")
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear neighbour")
    scan(installation, str(folder), "R-1")
    item = Item.objects.filter(case=row).order_by("pk").last()
    on_item, on_case = (
        write_note(installation, row, "letter.txt is his", item),
        write_note(installation, row, "Call him"),
    )
    assert list(notes_page(row, True, None, 9)) == [on_case, on_item]
    assert list(notes_page(row, False, None, 9)) == [on_case]
    with pytest.raises(BadInput, match="not in this case"):
        write_note(installation, other, "Of another case", item)


def test_actors_that_are_no_accounts_keep_their_names() -> None:
    given = ["os:ana", "amparo", "account:nonsense", "account:00000000-0000-4000-8000-000000000000"]
    assert actor_names(given) == {each: each for each in given}
