"""One line of text that a person typed, checked before it is stored."""

from amparo.evidence.errors import BadInput


def one_line(text: str, what: str, most: int, required: bool = True) -> str:
    """The text with single spaces. ``what`` begins the message of the BadInput raised if it cannot be used."""
    line = " ".join(text.split())
    if required and not line:
        raise BadInput(f"{what} is missing.", "Fill in this field.")
    if len(line) > most or not line.isprintable():
        raise BadInput(f"{what} has at most {most:,} printable characters.", "Shorten it.")
    return line
