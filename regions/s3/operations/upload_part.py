"""UploadPart: one part of an object; it replaces an earlier one of its number.

Source: Amazon S3 API Reference, UploadPart.
"""

from regions.s3 import digests
from regions.s3.operation import Desk, Operation, Steps, Values
from regions.s3.parts import keep_part


def _perform(desk: Desk, parameters: Values) -> Steps:
    body = parameters.get("Body") or b""
    part = yield from keep_part(desk, parameters, body, digests.given(parameters))
    return part


OPERATION = Operation(name="UploadPart", perform=_perform)
