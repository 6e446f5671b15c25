"""The one error of filter patterns that cannot be read.

What does not belong here: the error with which the service answers then.
"""


class PatternError(ValueError):
    """A filter pattern that is none, or that uses what is not modelled; the text says what."""
