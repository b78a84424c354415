"""Characters as Terraform counts them: grapheme clusters of text in normal form C."""

from __future__ import annotations


def composed(text: str) -> str:
    """The normal form Terraform keeps strings in."""
    if text.isascii() or max(text) < "\u0300":
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def graphemes(text: str) -> list[str] | None:
    """The characters of a string; None for scripts where versions of Unicode decide what belongs together."""
    if not text.isascii() and max(text) >= "\u0300":
        return None
    if "\r\n" not in text:
        return list(text)
    found: list[str] = []
    for line in text.split("\r\n"):
        found.extend(line)
        found.append("\r\n")
    return found[:-1]
