"""Wildcards, policy variables and ARNs: texts of a policy to matchers of texts of a request.

An *escaped* pattern has ``*`` and ``?`` as wildcards, and a backslash before a character that
stands for itself; so a star that a variable brought in stays a star.
What does not belong here: which elements of a policy take wildcards or variables (document.py,
conditions.py).
Source: IAM User Guide, "IAM policy elements: Variables and tags" (variables stand behind the fifth
colon of a resource; one without a value equals nothing), "IAM JSON policy elements: Resource" (a
star that ends a segment of an ARN reaches over the colon), "Condition operators" (ARN operators
compare segment by segment). That a wildcard inside a variable's value is no wildcard is chosen: it
cannot widen a policy on behalf of whoever set a tag.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Condition key, lower case, to its value, or to all values of a multivalued key.
Context = Mapping[str, str | tuple[str, ...]]
#: Tells whether one text of the request equals, or is like, one that the policy names.
Matcher = Callable[[str], bool]

ARN_PARTS: Final = 6  #: arn : partition : service : region : account : resource

_TOKEN: Final = re.compile(r"\\(.)|([*?])|([^*?\\]+)", re.DOTALL)
_SPECIAL: Final = re.compile(r"[*?\\]")


def everything(_text: str) -> bool:
    """Match any text."""
    return True


def nothing(_text: str) -> bool:
    """Match no text."""
    return False


def escaped(text: str) -> str:
    """Return the escaped pattern that matches a text and nothing else."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def written(text: str) -> str:
    """Return the escaped pattern of what a policy's author wrote: stars are wildcards."""
    return text.replace("\\", "\\\\")


def wildcard(pattern: str) -> Matcher:
    """Return a matcher for ``*`` (any run) and ``?`` (any one character)."""
    return glob(written(pattern))


def _tokens(pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield the runs of an escaped pattern, and whether each is a wildcard."""
    for match in _TOKEN.finditer(pattern):
        mark, wild, plain = match.groups()
        yield (wild, True) if wild else (mark or plain, False)


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Matcher:
    """Return the matcher of an escaped pattern; linear in the text but for the pattern's size."""
    if pattern == "*":
        return everything
    tokens = list(_tokens(pattern))
    if not any(wild for _, wild in tokens):
        return "".join(text for text, _ in tokens).__eq__
    runs = [""]  # the regular expressions between the stars
    for text, wild in tokens:
        if wild and text == "*":
            runs.append("")
        else:
            runs[-1] += "." if wild else re.escape(text)
    first, *rest = runs
    expression = first
    if rest:
        # Each run is taken where it first fits and never tried elsewhere: a later place could
        # only leave less for what follows. So no pattern makes the search explode.
        expression += "".join(f"(?>.*?{run})" for run in rest[:-1] if run) + f".*{rest[-1]}"
    match = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: match(text) is not None


@lru_cache(maxsize=4096)
def arn(pattern: str) -> Matcher:
    """Return the matcher of an ARN condition: each of six segments matches its own."""
    parts = [glob(part) for part in pattern.split(":", ARN_PARTS - 1)]

    def match(text: str) -> bool:
        found = text.split(":", ARN_PARTS - 1)
        return len(found) == len(parts) == ARN_PARTS and all(
            part(value) for part, value in zip(parts, found, strict=True)
        )

    return match


@lru_cache(maxsize=4096)
def resource(pattern: str) -> Matcher:
    """Return the matcher of a Resource element.

    In the first five segments of an ARN a wildcard stays in its segment, but for a star at the
    segment's end; in the sixth, and in a pattern that is no ARN, any wildcard matches anything.
    """
    *heads, tail = pattern.split(":", ARN_PARTS - 1)
    if not any("?" in head or "*" in head.removesuffix("*") for head in heads):
        return glob(pattern)
    steps: list[tuple[str, bool, bool]] = []  # text, wildcard, stays in its segment
    for head in heads:
        tokens = list(_tokens(head))
        for place, (text, wild) in enumerate(tokens):
            last = text == "*" and place == len(tokens) - 1
            steps += [(text, True, not last)] if wild else [(c, False, False) for c in text]
        steps.append((":", False, False))
    for text, wild in _tokens(tail):
        steps += [(text, True, False)] if wild else [(c, False, False) for c in text]
    return lambda text: _walk(steps, text)


def _walk(steps: list[tuple[str, bool, bool]], text: str) -> bool:
    """Tell whether steps match a text, all ways at once: stars of two kinds need that."""
    here = _past_stars(steps, {0})
    for character in text:
        after: set[int] = set()
        for place in here:
            if place == len(steps):
                continue
            step, wild, bounded = steps[place]
            if wild and not (bounded and character == ":"):
                after.add(place if step == "*" else place + 1)
            elif not wild and step == character:
                after.add(place + 1)
        here = _past_stars(steps, after)
    return len(steps) in here


def _past_stars(steps: list[tuple[str, bool, bool]], places: set[int]) -> set[int]:
    """Add the places that are reached without a character: behind stars."""
    found = set(places)
    for place in places:
        after = place
        while after < len(steps) and steps[after][0] == "*" and steps[after][1]:
            after += 1
            found.add(after)
    return found


# ---- policy variables ----

_VARIABLE: Final = re.compile(r"\$\{([^{}',]+)(?:,\s*'([^']*)')?\}")
#: Variables that stand for a character which would mean something else.
_CHARACTERS: Final = ("*", "?", "$")


@dataclass(frozen=True, slots=True)
class Variable:
    """One ``${key}`` or ``${key, 'default'}``."""

    key: str  #: condition key, lower case
    default: str | None

    def value(self, context: Context) -> str | None:
        """Return its value in a request; None if it has none, which equals nothing."""
        found = context.get(self.key)
        # A multivalued key is no variable, and an empty value is as none.
        return found if isinstance(found, str) and found else self.default


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables in it; the texts between them are as the author wrote them."""

    parts: tuple[str | Variable, ...]

    def pattern(self, context: Context) -> str | None:
        """Return the escaped pattern that it is for a request; None if a variable has no value."""
        return self._filled(context, written, escaped)

    def plain(self, context: Context) -> str | None:
        """Return the text that it is for a request; None if a variable has no value."""
        return self._filled(context, str, str)

    def _filled(
        self, context: Context, author: Callable[[str], str], value: Callable[[str], str]
    ) -> str | None:
        found = []
        for part in self.parts:
            if isinstance(part, str):
                found.append(author(part))
                continue
            known = part.key if part.key in _CHARACTERS else part.value(context)
            if known is None:
                return None
            found.append(value(known))
        return "".join(found)


def template(text: str) -> Template | None:
    """Return the template of a text; None if it has no variable.

    What only looks like a variable, such as ``${`` without its end, is text.
    """
    parts: list[str | Variable] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        parts += [text[end : match.start()], Variable(match[1].strip().lower(), match[2])]
        end = match.end()
    return Template((*parts, text[end:])) if parts else None


def resource_template(text: str) -> Template | None:
    """Return the template of a Resource, whose variables stand behind the fifth colon only."""
    parts = text.split(":", ARN_PARTS - 1)
    found = template(parts[-1]) if len(parts) == ARN_PARTS else None
    if found is None:
        return None
    first, *rest = found.parts
    assert isinstance(first, str), "a template begins with text"
    return Template((":".join([*parts[:-1], first]), *rest))
