"""Accounts, regions, availability zones, key ids, ARNs and alias names: parse and print.

What does not belong here: whether a named thing exists (kms/keyring.py), and where its actors
live (topology.py).
Source: AWS KMS Developer Guide, "Key identifiers"; availability-zone ids as seen in public code
and in the S3 Express endpoint list; messages as observed from the service.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from regions.errors import InvalidArnException, NotFoundException


def _zones(prefix: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{prefix}-az{number}" for number in numbers)


#: Region to the ids of its availability zones, at least three each.
#: Where an old region shows fewer to some accounts, the missing one is added.
REGIONS: Final[dict[str, tuple[str, ...]]] = {
    "af-south-1": _zones("afs1", 1, 2, 3),
    "ap-east-1": _zones("ape1", 1, 2, 3),
    "ap-east-2": _zones("ape2", 1, 2, 3),
    "ap-northeast-1": _zones("apne1", 1, 2, 4),
    "ap-northeast-2": _zones("apne2", 1, 2, 3, 4),
    "ap-northeast-3": _zones("apne3", 1, 2, 3),
    "ap-south-1": _zones("aps1", 1, 2, 3),
    "ap-south-2": _zones("aps2", 1, 2, 3),
    "ap-southeast-1": _zones("apse1", 1, 2, 3),
    "ap-southeast-2": _zones("apse2", 1, 2, 3),
    "ap-southeast-3": _zones("apse3", 1, 2, 3),
    "ap-southeast-4": _zones("apse4", 1, 2, 3),
    "ap-southeast-5": _zones("apse5", 1, 2, 3),
    "ap-southeast-6": _zones("apse6", 1, 2, 3),
    "ap-southeast-7": _zones("apse7", 1, 2, 3),
    "ca-central-1": _zones("cac1", 1, 2, 4),
    "ca-west-1": _zones("caw1", 1, 2, 3),
    "cn-north-1": _zones("cnn1", 1, 2, 4),
    "cn-northwest-1": _zones("cnnw1", 1, 2, 3),
    "eu-central-1": _zones("euc1", 1, 2, 3),
    "eu-central-2": _zones("euc2", 1, 2, 3),
    "eu-north-1": _zones("eun1", 1, 2, 3),
    "eu-south-1": _zones("eus1", 1, 2, 3),
    "eu-south-2": _zones("eus2", 1, 2, 3),
    "eu-west-1": _zones("euw1", 1, 2, 3),
    "eu-west-2": _zones("euw2", 1, 2, 3),
    "eu-west-3": _zones("euw3", 1, 2, 3),
    "il-central-1": _zones("ilc1", 1, 2, 3),
    "me-central-1": _zones("mec1", 1, 2, 3),
    "me-south-1": _zones("mes1", 1, 2, 3),
    "mx-central-1": _zones("mxc1", 1, 2, 3),
    "sa-east-1": _zones("sae1", 1, 2, 3),
    "us-east-1": _zones("use1", 1, 2, 3, 4, 5, 6),
    "us-east-2": _zones("use2", 1, 2, 3),
    "us-gov-east-1": _zones("usge1", 1, 2, 3),
    "us-gov-west-1": _zones("usgw1", 1, 2, 3),
    "us-west-1": _zones("usw1", 1, 2, 3),
    "us-west-2": _zones("usw2", 1, 2, 3, 4),
}

ALIAS_PREFIX: Final = "alias/"
RESERVED_ALIAS_PREFIX: Final = "alias/aws/"  #: only AWS managed keys are named so

_ACCOUNT: Final = re.compile(r"\d{12}")
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY_ID: Final = re.compile(rf"{_UUID}|mrk-[0-9a-f]{{32}}")
_ARN_PARTS: Final = 6  #: arn : partition : service : region : account : resource


def place_of(actor: str) -> str:
    """Return where an actor lives: ``REGION/AZ`` of ``REGION/AZ/NAME``."""
    return actor.rpartition("/")[0]


def beside(actor: str, places: tuple[str, ...]) -> tuple[str, ...]:
    """Return who is called like an actor in these places, but not the actor itself.

    Actors of one kind are called alike in all AZs of a region.
    """
    own, _, name = actor.rpartition("/")
    return tuple(f"{place}/{name}" for place in places if place != own)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyName:
    """One way to name a key: id, key ARN, alias name or alias ARN."""

    region: str  #: "" unless the name was an ARN
    account: str  #: "" unless the name was an ARN
    is_alias: bool
    name: str  #: the key id, or the alias with its ``alias/``


def partition(region: str) -> str:
    """Return the partition of a region: ``aws``, ``aws-cn`` or ``aws-us-gov``."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def is_account(text: str) -> bool:
    """Tell whether a text is an account number, twelve digits."""
    return _ACCOUNT.fullmatch(text) is not None


def is_key_id(text: str) -> bool:
    """Tell whether a text has the form of a key id; says nothing of existence."""
    return _KEY_ID.fullmatch(text) is not None


def is_reserved_alias(name: str) -> bool:
    """Tell whether an alias name is kept for AWS managed keys."""
    return name.startswith(RESERVED_ALIAS_PREFIX)


@lru_cache(maxsize=65_536)
def key_arn(region: str, account: str, key_id: str) -> str:
    """Return the ARN of a key."""
    return f"arn:{partition(region)}:kms:{region}:{account}:key/{key_id}"


@lru_cache(maxsize=65_536)
def alias_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of an alias; ``name`` has its ``alias/``."""
    return f"arn:{partition(region)}:kms:{region}:{account}:{name}"


def root_arn(region: str, account: str) -> str:
    """Return the ARN that stands for a whole account in a policy."""
    return f"arn:{partition(region)}:iam::{account}:root"


@lru_cache(maxsize=4096)
def canonical_id(account: str) -> str:
    """Return the canonical user id by which S3 calls an account, 64 hex digits.

    The real ids are drawn by AWS and tell nothing of the account; these follow from it (chosen).
    """
    return blake2b(account.encode(), digest_size=32, person=b"canonical user").hexdigest()


#: Services whose managed key is named for a part of them: EBS calls as EC2 (AWS KMS Developer
#: Guide, kms:ViaService: "ec2" stands for Amazon EBS).
_CALLS_AS: Final = {"ebs": "ec2"}


def calls_as(alias_service: str) -> str:
    """Return the service that calls KMS for the owner of ``alias/aws/<alias_service>``."""
    return _CALLS_AS.get(alias_service, alias_service)


def via_service(service: str, region: str) -> str:
    """Return the value of ``kms:ViaService`` for a service, such as ``ssm`` in one region."""
    return f"{service}.{region}.amazonaws.com"


@lru_cache(maxsize=65_536)
def parse_key_name(text: str) -> KeyName:
    """Take a key id, key ARN, alias name or alias ARN apart.

    Raises:
      NotFoundException: it is neither of them, with the service's message.
      InvalidArnException: it is an ARN, but of no KMS key or alias.
    """
    if not text.startswith("arn:"):
        return KeyName(region="", account="", is_alias=_is_alias(text), name=text)
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[2] != "kms" or not is_account(parts[4]):
        raise InvalidArnException(f"Invalid arn {text}")
    _, written_partition, _, region, account, resource = parts
    if region not in REGIONS or written_partition != partition(region):
        # The service names what it does not know as it names a region it does not serve.
        raise NotFoundException(f"Invalid arn {region}")
    if resource.startswith("key/"):
        resource = resource.removeprefix("key/")
    elif not resource.startswith(ALIAS_PREFIX):
        raise InvalidArnException(f"Invalid arn {text}")
    return KeyName(region=region, account=account, is_alias=_is_alias(resource), name=resource)


def _is_alias(name: str) -> bool:
    if name.startswith(ALIAS_PREFIX):
        return True
    if not is_key_id(name):
        raise NotFoundException(f"Invalid keyId '{name}'")
    return False


def missing_key(region: str, account: str, key_id: str) -> NotFoundException:
    """Return the service's error for a well-formed key id that names nothing."""
    return NotFoundException(f"Key '{key_arn(region, account, key_id)}' does not exist")


def missing_alias(region: str, account: str, name: str) -> NotFoundException:
    """Return the service's error for an alias that names nothing."""
    return NotFoundException(f"Alias {alias_arn(region, account, name)} is not found.")


def missing_grant(grant_id: str) -> NotFoundException:
    """Return the error for a well-formed grant id that names nothing; its text is chosen."""
    return NotFoundException(f"Grant '{grant_id}' does not exist")


def foreign_arn(region: str) -> NotFoundException:
    """Return the service's error for an ARN of a region that this endpoint does not serve."""
    return NotFoundException(f"Invalid arn {region}")
