"""A JSON file (RFC 8259) that is one long list, or a list of groups with one long list each, read in one pass.

The whole file may be larger than memory: only a window of its text and what stands around the lists is kept.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from amparo.exchange.known import wrong

RECORD = 1024 * 1024  # characters of one record, and of any other single value
FRAME = 1024 * 1024  # characters of all that stands around the lists
DEPTH = 64  # levels of one value
RECORDS = 100_000_000
CHUNK = 256 * 1024  # bytes read at a time
_LOOK_AHEAD = 3  # characters behind a value that tell whether a number ended: at most "e+" can stand before a digit
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_SPACE = re.compile(r"[^ \t\n\r]")
# What a literal, an escape or a number may look like where the window cuts it.
_CUT = re.compile(r"-?[A-Za-z]{0,9}|\.|[eE][-+]|u[0-9a-fA-F]{0,4}")
_CONSTANT = "NaN and Infinity are not JSON"


class JsonRecords:
    """The records of such a file: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Two forms: ``{..., outer: [record, ...], ...}`` and ``{..., outer: [{..., inner: [record, ...], ...}, ...], ...}``,
    or either list alone. The first element tells: in the second form it has a list under ``inner``. Iterate once. While
    iterating, ``number`` counts the records from 1 and ``place`` names the last one; ``head`` holds the root's other
    fields and ``group`` those of the record's group, both as far as they were read. Afterwards ``parts`` is the text
    around the lists without white space between its tokens: joined, with a list's records put between each two, it
    is the whole file again. ``position`` says between which (0: the first two); ``nested`` is True for the second
    form. Raises BadInput, naming the record, at the first thing that is not such a file or exceeds a limit.
    """

    def __init__(self, stream: BinaryIO, outer: str, inner: str, records: int = RECORDS) -> None:
        self._window = _Window(stream)
        self._outer, self._inner, self._most = outer, inner, records
        self._kept: list[str] = []
        self._room = FRAME
        self.number = 0
        self.position = -1
        self.nested = False
        self.head: dict[str, object] = {}
        self.group: dict[str, object] = {}
        self.parts: list[str] = []

    @property
    def place(self) -> str:
        """The last record, for an error."""
        return f"Record {self.number}"

    def __iter__(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Each record as it stands in the file, and decoded."""
        window = self._window
        first = window.peek("The file")
        if first == "[":
            yield from self._elements()
        elif first == "{":
            found = False
            for key in self._members():
                if key != self._outer:
                    self.head[key] = self._value()
                    continue
                if found:
                    raise wrong(self._around(), f"there is a second {self._outer!r}")
                if window.peek(self._around()) != "[":
                    raise wrong(self._around(), f"{self._outer!r} is not a list")
                found = True
                yield from self._elements()
            if not found:
                raise wrong("The file", f"there is no list {self._outer!r}")
        elif first:
            raise wrong("The file", "it is not JSON that begins with an object or a list")
        else:
            raise wrong("The file", "it is empty")
        if window.peek(self._around()):
            raise wrong(self._around(), "there is more behind the end of the JSON text")
        self._end_part()

    def _elements(self) -> Iterator[tuple[str, dict[str, object]]]:
        """The list under ``outer``, of records or of groups."""
        self.nested = self._window.begins_with_group(self._inner)
        if not self.nested:
            yield from self._records()
            return
        self._token("[")
        while True:
            yield from self._group()
            if self._token(",", "]") == "]":
                return

    def _group(self) -> Iterator[tuple[str, dict[str, object]]]:
        found = False
        self.group = {}
        for key in self._members():
            if key == self._inner:
                if found:
                    raise wrong(self._around(), f"one element has a second {self._inner!r}")
                found = True
                if self._window.peek(self._around()) == "[":
                    yield from self._records()
                elif self._value() is not None:
                    raise wrong(self._around(), f"{self._inner!r} is not a list")
            else:
                self.group[key] = self._value()
        if not found:
            raise wrong(self._around(), f"an element has no {self._inner!r}, where the first one has")

    def _records(self) -> Iterator[tuple[str, dict[str, object]]]:
        """One list of records; neither they nor what separates them is kept."""
        window = self._window
        self._token("[")
        self._end_part()
        self.position += 1
        last = "["
        while True:
            place = f"Record {self.number + 1}"
            sign = window.peek(place)
            if sign == "]" and last != ",":
                self._token("]")
                return
            if not sign:
                raise wrong(place, "the file ends before the list does")
            if last == "{":
                if sign != ",":
                    raise wrong(place, "no comma before it")
                window.at += 1
                last = ","
                continue
            if sign != "{":
                raise wrong(place, "it is not an object")
            value, text = window.value(place)
            if self.number == self._most:
                raise wrong(place, f"the list has more than {self._most} records")
            self.number += 1
            last = sign
            if isinstance(value, dict):
                yield text, value

    def _members(self) -> Iterator[str]:
        """The keys of an object; who iterates takes the value of each before going on."""
        self._token("{")
        if self._window.peek(self._around()) == "}":
            self._token("}")
            return
        while True:
            if self._window.peek(self._around()) != '"':
                raise wrong(self._around(), "it is not JSON, or the file ends here: a field name is missing")
            key = str(self._value())
            self._token(":")
            yield key
            if self._token(",", "}") == "}":
                return

    def _value(self) -> object:
        """Any value that is no record."""
        self._window.peek(self._around())
        value, text = self._window.value(self._around())
        self._keep(text)
        return value

    def _token(self, *allowed: str) -> str:
        sign = self._window.peek(self._around())
        if sign not in allowed:
            what = "the file ends too early" if not sign else "it is not JSON"
            raise wrong(self._around(), f"{what} ({' or '.join(allowed)} is missing)")
        self._window.at += 1
        self._keep(sign)
        return sign

    def _keep(self, text: str) -> None:
        self._room -= len(text)
        if self._room < 0:
            raise wrong(self._around(), f"what stands around the records is longer than {FRAME} characters")
        self._kept.append(text)

    def _end_part(self) -> None:
        self.parts.append("".join(self._kept))
        self._kept.clear()

    def _around(self) -> str:
        return f"After Record {self.number}" if self.number else "The file"


class _Window:
    """A piece of the text that moves forward; what stands before ``at`` is done with."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder: codecs.IncrementalDecoder | None = None
        self._held: int | None = None
        self._ended = False
        self._text = ""
        self.at = 0

    def peek(self, place: str) -> str:
        """The next character that is not white space, or "" at the end; ``at`` moves there."""
        while not (found := _NOT_SPACE.search(self._text, self.at)):
            self.at = len(self._text)
            if not self._more(place):
                return ""
        self.at = found.start()
        return found[0]

    def value(self, place: str) -> tuple[object, str]:
        """Take the value that begins at ``at``: decoded, and as it stands."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
                if self._ended or len(self._text) - end >= _LOOK_AHEAD:
                    break
            except RecursionError as error:
                raise wrong(place, f"it is nested deeper than {DEPTH} levels") from error
            except json.JSONDecodeError as error:
                if not error.msg.startswith("Unterminated") and not _CUT.fullmatch(self._text, error.pos):
                    raise wrong(place, f"it is not JSON ({error.msg})") from error
                if self._ended:
                    raise wrong(place, "the file ends inside it, or it is not JSON") from error
            except ValueError as error:
                known = error.args == (_CONSTANT,)
                raise wrong(place, _CONSTANT if known else "a number has too many digits") from error
            if len(self._text) - self.at > RECORD + _LOOK_AHEAD:
                raise wrong(place, f"it is longer than {RECORD} characters")
            self._more(place)
        text = self._text[self.at : end]
        if len(text) > RECORD:
            raise wrong(place, f"it is longer than {RECORD} characters")
        # A value cannot be deeper than it has brackets, and most have few: the walk is rare.
        if text.count("{") + text.count("[") > DEPTH and _deeper(value, DEPTH):
            raise wrong(place, f"it is nested deeper than {DEPTH} levels")
        self.at = end
        return value, text

    def begins_with_group(self, inner: str) -> bool:
        """Whether the first element of the list at ``at`` has a list under ``inner``; ``at`` stays where it is.

        False as well where it is not JSON or ``inner`` comes too late: reading it as a record then tells why.
        """
        self._held = self.at
        try:
            return self._has_list(inner)
        finally:
            self.at, self._held = self._held, None

    def _has_list(self, inner: str) -> bool:
        place = "Record 1"
        self.at += 1
        if self.peek(place) != "{":
            return False
        self.at += 1
        while self.peek(place) == '"':
            key, _ = self.value(place)
            if self.peek(place) != ":":
                return False
            self.at += 1
            if self.peek(place) == "[" and key == inner:
                return True
            self.value(place)
            if self.peek(place) != "," or self._held is None or self.at - self._held > RECORD:
                return False
            self.at += 1
        return False

    def _more(self, place: str) -> bool:
        """Read on; False at the end of the file. Doubles the text, so that trying again stays linear in all."""
        if self._ended:
            return False
        start = self.at if self._held is None else self._held
        data = self._read(max(CHUNK, len(self._text) - start))
        self._ended = not data
        if self._decoder is None:
            bom, encoding = next((each for each in _BOMS if data.startswith(each[0])), (b"", "utf-8"))
            data = data[len(bom) :]
            self._decoder = codecs.getincrementaldecoder(encoding)()
        try:
            more = self._decoder.decode(data, self._ended)
        except UnicodeDecodeError as error:
            raise wrong(place, f"there, or soon after, the text is not {error.encoding.upper()}") from error
        self._text = self._text[start:] + more
        self.at -= start
        if self._held is not None:
            self._held = 0
        return not self._ended

    def _read(self, wanted: int) -> bytes:
        data = b""
        while len(data) < wanted and (piece := self._stream.read(wanted - len(data))):
            data += piece
        return data


def _refuse_constant(_: str) -> object:
    raise ValueError(_CONSTANT)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _deeper(value: object, levels: int) -> bool:
    """Whether lists and objects stand in one another more than ``levels`` times."""
    level = [value]
    for _ in range(levels):
        inside = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [child for each in inside for child in each]
    return any(isinstance(each, dict | list) for each in level)
