"""Finds the lines on which the keys of a TOML document stand, for error messages.

``tomllib`` says where a document is no TOML, but not where a key of a good one stands. This is
a scanner of statements for documents that ``tomllib`` has already accepted, so it need not
recognise bad ones. What does not belong here: values, which it only steps over.
Source: TOML 1.0.0 (toml.io), sections "Keys", "Table" and "Array of Tables".
"""

import re
from typing import Final

Path = tuple[str | int, ...]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_QUOTES: Final = ('"""', "'''", '"', "'")
_OPENING: Final = "[{"
_CLOSING: Final = "]}"


class Positions:
    """The lines of a document's keys, 1 being the first."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}  #: tables that an array of tables has so far
        self._table: Path = ()
        self._scan()

    def line(self, path: Path) -> int | None:
        """Return the line of a key, or else of the nearest table around it; None: there is none.

        Args:
          path: keys from the outside in; a number picks a table of an array of tables, from 0.
        """
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _scan(self) -> None:
        while True:
            self._skip_blank()
            if self._at >= len(self._text):
                return
            line = self._text.count("\n", 0, self._at) + 1
            if self._text.startswith("[[", self._at):
                self._at += 2
                self._header(line, array=True)
            elif self._text[self._at] == "[":
                self._at += 1
                self._header(line, array=False)
            else:
                path = self._table
                for part in self._key():
                    path = (*path, part)
                    self._lines.setdefault(path, line)
                self._at += 1  # the equals sign
                self._skip_value()

    def _skip_blank(self) -> None:
        found = _BLANK.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _header(self, line: int, *, array: bool) -> None:
        """Enter a table; an array's last table is meant when a later header goes through it."""
        path: Path = ()
        parts = self._key()
        for depth, part in enumerate(parts, start=1):
            path = (*path, part)
            if array and depth == len(parts):
                self._counts[path] = self._counts.get(path, 0) + 1
            self._lines.setdefault(path, line)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
                self._lines.setdefault(path, line)
        self._table = path
        self._at = self._text.find("\n", self._at)
        if self._at < 0:
            self._at = len(self._text)

    def _key(self) -> list[str]:
        """Step over a key, dotted or not, and return its parts."""
        parts = []
        while True:
            self._skip_spaces()
            quote = self._text[self._at]
            if quote in "\"'":
                begin = self._at + 1
                self._skip_string()
                parts.append(self._text[begin : self._at - 1])
            else:
                found = _BARE.match(self._text, self._at)
                assert found is not None, "tomllib accepted this document"
                parts.append(found[0])
                self._at = found.end()
            self._skip_spaces()
            if self._text[self._at] != ".":
                return parts
            self._at += 1

    def _skip_spaces(self) -> None:
        while self._text[self._at] in " \t":
            self._at += 1

    def _skip_string(self) -> None:
        """Step over a string whose quotes begin here."""
        quote = next(quote for quote in _QUOTES if self._text.startswith(quote, self._at))
        self._at += len(quote)
        while not self._text.startswith(quote, self._at):
            self._at += 2 if self._text[self._at] == "\\" and quote[0] == '"' else 1
        self._at += len(quote)
        # A string of several lines may itself end in one or two quotes.
        while len(quote) == 3 and self._text.startswith(quote[0], self._at):
            self._at += 1

    def _skip_value(self) -> None:
        """Step over a value up to the end of its line: lists and strings may have several."""
        depth = 0
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter in "\"'":
                self._skip_string()
                continue
            if letter == "#":
                found = self._text.find("\n", self._at)
                self._at = len(self._text) if found < 0 else found
                continue
            if letter == "\n" and depth == 0:
                return
            depth += (letter in _OPENING) - (letter in _CLOSING)
            self._at += 1
