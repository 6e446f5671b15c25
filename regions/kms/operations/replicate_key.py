"""ReplicateKey: a replica of a multi-Region primary key in another region.

The answer comes before the replica is there: it is Creating until its region has the material.
Source: AWS KMS API Reference, ReplicateKey; the message about replicas as observed, that about
regions chosen.
"""

from typing import Any

from regions.errors import UnsupportedOperationException
from regions.kms.family_rules import replicate
from regions.kms.key import Key, KeyState, metadata
from regions.kms.key_records import shown_metadata
from regions.kms.material import Birth, asked_by
from regions.kms.material_changes import ReplicaAsked
from regions.kms.operation import Operation, Turn, authorize_identity
from regions.kms.policies import accept_policy
from regions.kms.ring import the_primary
from regions.kms.tags import shown, tags_of
from sim.quick import changed


class ReplicateKey(Operation):
    """Note in the primary key's region that a replica is wanted; the border does the rest."""

    action = "ReplicateKey"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId ReplicaRegion Policy BypassPolicyLockoutSafetyCheck Description"

    def check(self, turn: Turn) -> None:
        """Refuse tags that no key takes."""
        super().check(turn)
        _tags(turn)

    def authorize(self, turn: Turn) -> None:
        """The caller must also be allowed to create and to tag a key."""
        super().authorize(turn)
        authorize_identity(turn, "kms:CreateKey", "*")
        if turn.parameters.get("Tags"):
            authorize_identity(turn, "kms:TagResource", "*")

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse keys that have no replicas before looking at the state.

        Raises:
          UnsupportedOperationException: no primary key, or no such region in this world.
        """
        the_primary(turn.region, turn.found)
        region = turn.parameters["ReplicaRegion"]
        if region not in turn.keyring.sites:
            raise UnsupportedOperationException(f"The region {region} is not part of this world.")
        super().allow_in_state(turn)

    def change(self, turn: Turn) -> ReplicaAsked:
        """Note the wish, with all that the replica does not share."""
        given = turn.parameters
        region, policy = given["ReplicaRegion"], given.get("Policy")
        if policy is not None:
            accept_policy(turn, policy, turn.found.arn(region))
        birth = Birth(
            region=region,
            policy=policy or "",
            description=given.get("Description") or "",
            tags=_tags(turn),
            asked=asked_by(turn.call),
        )
        change = ReplicaAsked(key_id=turn.found.key_id, birth=birth)
        replicate(turn.keyring, turn.found, change)
        return change

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the metadata, policy and tags of the replica, as it will be."""
        region, replica = turn.parameters["ReplicaRegion"], _replica(turn)
        return {
            "ReplicaKeyMetadata": metadata(replica, region),
            "ReplicaPolicy": replica.policy_text(region),
            "ReplicaTags": tuple(
                {"TagKey": name, "TagValue": value} for name, value in (replica.tags or {}).items()
            ),
        }

    def request_parameters(self, turn: Turn) -> dict[str, Any]:
        """Show what the caller asked for, with the defaults."""
        defaults = {"bypassPolicyLockoutSafetyCheck": False, "description": ""}
        seen = {**defaults, **(super().request_parameters(turn) or {})}
        tags = turn.parameters.get("Tags")
        return {**seen, "tags": shown(tags)} if tags else seen

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Show the metadata, policy and tags of the replica, as it will be."""
        region, replica = turn.parameters["ReplicaRegion"], _replica(turn)
        seen = {
            "replicaKeyMetadata": shown_metadata(replica, region),
            "replicaPolicy": replica.policy_text(region),
        }
        return {**seen, "replicaTags": shown(turn.parameters["Tags"])} if replica.tags else seen


def _tags(turn: Turn) -> dict[str, Any] | None:
    return tags_of(turn.parameters.get("Tags") or ()) or None


def _replica(turn: Turn) -> Key:
    """Return the replica as it is before its region has heard of it."""
    given = turn.parameters
    key = turn.standing or turn.found
    family, region = key.family, given["ReplicaRegion"]
    assert family is not None, "it has been checked"
    if region not in family.members:  # The record is written before the wish is agreed on.
        family = changed(family, replicas=(*family.replicas, region))
    return changed(
        key,
        created_ns=turn.now_ns,
        state=KeyState.CREATING.value,
        description=given.get("Description") or "",
        policy=given.get("Policy") or "",
        tags=_tags(turn),
        family=family,
    )
