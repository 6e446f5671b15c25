"""The version of this software, beside the one in pyproject.toml.

It is written here too because a checkout that was never installed has no package metadata; a test
compares the two. What does not belong here: versions of file and frame formats.
"""

from typing import Final

VERSION: Final = "0.1.0"
