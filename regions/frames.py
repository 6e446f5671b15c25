"""The one table of frame ids: every message that can travel or be stored, each with its number.

What does not belong here: the messages; each package has its part of the table and its block of
ids. A number is never given to another message.
"""

from typing import Any, Final

from regions.api.errors import API_ERROR_FRAMES
from regions.bucket import BUCKET_FRAMES
from regions.calls import CALL_FRAMES
from regions.errors import ERROR_FRAMES
from regions.events.errors import EVENTS_ERROR_FRAMES
from regions.events.messages import EVENTS_FRAMES
from regions.hsm.commands import HSM_FRAMES
from regions.hsm.errors import HSM_REFUSALS
from regions.hsm.exchange import EXCHANGE_FRAMES
from regions.hsm.importing import IMPORTING_FRAMES
from regions.hsm.key_commands import KEY_COMMAND_FRAMES
from regions.iam.errors import IAM_ERROR_FRAMES
from regions.iam.messages import IAM_FRAMES
from regions.kms.abroad import ABROAD_FRAMES
from regions.kms.changes import CHANGE_FRAMES
from regions.kms.key_store import STORE_ERROR_FRAMES
from regions.kms.material import MATERIAL_FRAMES
from regions.kms.material_changes import MATERIAL_CHANGE_FRAMES
from regions.kms.relatives import RELATIVES_FRAMES
from regions.lake.errors import LAKE_ERROR_FRAMES
from regions.lake.messages import LAKE_FRAMES
from regions.logs.errors import LOGS_ERROR_FRAMES
from regions.logs.messages import LOGS_FRAMES
from regions.messages import REGION_FRAMES
from regions.replication.messages import REPLICATION_FRAMES
from regions.s3.errors import S3_ERROR_FRAMES
from regions.s3.messages import S3_FRAMES
from regions.sns.errors import SNS_ERROR_FRAMES
from regions.sns.messages import SNS_FRAMES
from regions.sts.errors import STS_ERROR_FRAMES
from regions.trail.messages import TRAIL_FRAMES

_PARTS: Final = (
    CALL_FRAMES,
    REGION_FRAMES,
    HSM_FRAMES,
    HSM_REFUSALS,
    EXCHANGE_FRAMES,
    IMPORTING_FRAMES,
    KEY_COMMAND_FRAMES,
    REPLICATION_FRAMES,
    CHANGE_FRAMES,
    MATERIAL_FRAMES,
    MATERIAL_CHANGE_FRAMES,
    ABROAD_FRAMES,
    RELATIVES_FRAMES,
    STORE_ERROR_FRAMES,
    TRAIL_FRAMES,
    BUCKET_FRAMES,
    S3_FRAMES,
    S3_ERROR_FRAMES,
    IAM_FRAMES,
    IAM_ERROR_FRAMES,
    STS_ERROR_FRAMES,
    SNS_FRAMES,
    SNS_ERROR_FRAMES,
    LOGS_FRAMES,
    LOGS_ERROR_FRAMES,
    EVENTS_ERROR_FRAMES,
    EVENTS_FRAMES,
    LAKE_FRAMES,
    LAKE_ERROR_FRAMES,
    ERROR_FRAMES,
    API_ERROR_FRAMES,
)


def _joined() -> dict[int, type[Any]]:
    table: dict[int, type[Any]] = {}
    for part in _PARTS:
        taken = table.keys() & part.keys()
        assert not taken, f"frame ids given twice: {sorted(taken)}"
        table.update(part)
    return table


FRAMES: Final[dict[int, type[Any]]] = _joined()
