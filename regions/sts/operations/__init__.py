"""The API actions of STS, one per file; this is their table."""

from collections.abc import Mapping
from typing import Final

from regions.service.operation import Operation
from regions.sts.operations import (
    assume_role,
    get_access_key_info,
    get_caller_identity,
    get_session_token,
)

_ALL: Final = (
    assume_role.OPERATION,
    get_access_key_info.OPERATION,
    get_caller_identity.OPERATION,
    get_session_token.OPERATION,
)

#: API action to what performs it.
OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _ALL}
