"""The API actions of KMS, one per file; this is their table."""

from typing import Final

from regions.kms.operation import Operation, OperationTable
from regions.kms.operations.cancel_key_deletion import CancelKeyDeletion
from regions.kms.operations.connect_custom_key_store import ConnectCustomKeyStore
from regions.kms.operations.create_alias import CreateAlias
from regions.kms.operations.create_custom_key_store import CreateCustomKeyStore
from regions.kms.operations.create_grant import CreateGrant
from regions.kms.operations.create_key import CreateKey
from regions.kms.operations.decapsulate import Decapsulate
from regions.kms.operations.decrypt import Decrypt
from regions.kms.operations.delete_alias import DeleteAlias
from regions.kms.operations.delete_custom_key_store import DeleteCustomKeyStore
from regions.kms.operations.delete_imported_key_material import DeleteImportedKeyMaterial
from regions.kms.operations.derive_shared_secret import DeriveSharedSecret
from regions.kms.operations.describe_custom_key_stores import DescribeCustomKeyStores
from regions.kms.operations.describe_key import DescribeKey
from regions.kms.operations.disable_key import DisableKey
from regions.kms.operations.disable_key_rotation import DisableKeyRotation
from regions.kms.operations.disconnect_custom_key_store import DisconnectCustomKeyStore
from regions.kms.operations.enable_key import EnableKey
from regions.kms.operations.enable_key_rotation import EnableKeyRotation
from regions.kms.operations.encapsulate import Encapsulate
from regions.kms.operations.encrypt import Encrypt
from regions.kms.operations.generate_data_key import GenerateDataKey
from regions.kms.operations.generate_data_key_pair import GenerateDataKeyPair
from regions.kms.operations.generate_data_key_pair_without_plaintext import (
    GenerateDataKeyPairWithoutPlaintext,
)
from regions.kms.operations.generate_data_key_without_plaintext import (
    GenerateDataKeyWithoutPlaintext,
)
from regions.kms.operations.generate_mac import GenerateMac
from regions.kms.operations.generate_random import GenerateRandom
from regions.kms.operations.get_key_last_usage import GetKeyLastUsage
from regions.kms.operations.get_key_policy import GetKeyPolicy
from regions.kms.operations.get_key_rotation_status import GetKeyRotationStatus
from regions.kms.operations.get_parameters_for_import import GetParametersForImport
from regions.kms.operations.get_public_key import GetPublicKey
from regions.kms.operations.import_key_material import ImportKeyMaterial
from regions.kms.operations.list_aliases import ListAliases
from regions.kms.operations.list_grants import ListGrants
from regions.kms.operations.list_key_policies import ListKeyPolicies
from regions.kms.operations.list_key_rotations import ListKeyRotations
from regions.kms.operations.list_keys import ListKeys
from regions.kms.operations.list_resource_tags import ListResourceTags
from regions.kms.operations.list_retirable_grants import ListRetirableGrants
from regions.kms.operations.put_key_policy import PutKeyPolicy
from regions.kms.operations.re_encrypt import ReEncrypt
from regions.kms.operations.replicate_key import ReplicateKey
from regions.kms.operations.retire_grant import RetireGrant
from regions.kms.operations.revoke_grant import RevokeGrant
from regions.kms.operations.rotate_key_on_demand import RotateKeyOnDemand
from regions.kms.operations.schedule_key_deletion import ScheduleKeyDeletion
from regions.kms.operations.sign import Sign
from regions.kms.operations.tag_resource import TagResource
from regions.kms.operations.untag_resource import UntagResource
from regions.kms.operations.update_alias import UpdateAlias
from regions.kms.operations.update_custom_key_store import UpdateCustomKeyStore
from regions.kms.operations.update_key_description import UpdateKeyDescription
from regions.kms.operations.update_primary_region import UpdatePrimaryRegion
from regions.kms.operations.verify import Verify
from regions.kms.operations.verify_mac import VerifyMac

_ALL: Final[tuple[Operation, ...]] = (
    CancelKeyDeletion(),
    ConnectCustomKeyStore(),
    CreateAlias(),
    CreateCustomKeyStore(),
    CreateGrant(),
    CreateKey(),
    Decapsulate(),
    Decrypt(),
    DeleteAlias(),
    DeleteCustomKeyStore(),
    DeleteImportedKeyMaterial(),
    DeriveSharedSecret(),
    DescribeCustomKeyStores(),
    DescribeKey(),
    DisableKey(),
    DisableKeyRotation(),
    DisconnectCustomKeyStore(),
    EnableKey(),
    EnableKeyRotation(),
    Encapsulate(),
    Encrypt(),
    GenerateDataKey(),
    GenerateDataKeyPair(),
    GenerateDataKeyPairWithoutPlaintext(),
    GenerateDataKeyWithoutPlaintext(),
    GenerateMac(),
    GenerateRandom(),
    GetKeyLastUsage(),
    GetKeyPolicy(),
    GetKeyRotationStatus(),
    GetParametersForImport(),
    ImportKeyMaterial(),
    GetPublicKey(),
    ListAliases(),
    ListGrants(),
    ListKeyPolicies(),
    ListKeyRotations(),
    ListKeys(),
    ListResourceTags(),
    ListRetirableGrants(),
    PutKeyPolicy(),
    ReEncrypt(),
    ReplicateKey(),
    RetireGrant(),
    RevokeGrant(),
    RotateKeyOnDemand(),
    ScheduleKeyDeletion(),
    Sign(),
    TagResource(),
    UntagResource(),
    UpdateAlias(),
    UpdateCustomKeyStore(),
    UpdateKeyDescription(),
    UpdatePrimaryRegion(),
    Verify(),
    VerifyMac(),
)

#: API action to what performs it.
OPERATIONS: Final[OperationTable] = {operation.action: operation for operation in _ALL}
