"""Texts out of JSON that others have written: such JSON can spell what no text can be encoded as.

What does not belong here: texts of requests, which the protocols check (api/protocols/).
"""


def storable(text: str) -> str:
    """Return a text in which halves of surrogate pairs are question marks."""
    return text.encode("utf-8", "replace").decode()
