"""The API actions of KMS, one per file; this is their table."""

from typing import Final

from regions.kms.operation import Operation, OperationTable
from regions.kms.operations.cancel_key_deletion import CancelKeyDeletion
from regions.kms.operations.create_alias import CreateAlias
from regions.kms.operations.create_key import CreateKey
from regions.kms.operations.decrypt import Decrypt
from regions.kms.operations.describe_key import DescribeKey
from regions.kms.operations.disable_key import DisableKey
from regions.kms.operations.enable_key import EnableKey
from regions.kms.operations.encrypt import Encrypt
from regions.kms.operations.generate_data_key import GenerateDataKey
from regions.kms.operations.generate_data_key_without_plaintext import (
    GenerateDataKeyWithoutPlaintext,
)
from regions.kms.operations.generate_random import GenerateRandom
from regions.kms.operations.get_key_policy import GetKeyPolicy
from regions.kms.operations.list_aliases import ListAliases
from regions.kms.operations.list_keys import ListKeys
from regions.kms.operations.put_key_policy import PutKeyPolicy
from regions.kms.operations.re_encrypt import ReEncrypt
from regions.kms.operations.schedule_key_deletion import ScheduleKeyDeletion
from regions.kms.operations.update_alias import UpdateAlias

_ALL: Final[tuple[Operation, ...]] = (
    CancelKeyDeletion(),
    CreateAlias(),
    CreateKey(),
    Decrypt(),
    DescribeKey(),
    DisableKey(),
    EnableKey(),
    Encrypt(),
    GenerateDataKey(),
    GenerateDataKeyWithoutPlaintext(),
    GenerateRandom(),
    GetKeyPolicy(),
    ListAliases(),
    ListKeys(),
    PutKeyPolicy(),
    ReEncrypt(),
    ScheduleKeyDeletion(),
    UpdateAlias(),
)

#: API action to what performs it.
OPERATIONS: Final[OperationTable] = {operation.action: operation for operation in _ALL}
