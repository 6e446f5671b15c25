"""Bugs of keys: their states, deletion, rotation, policies, and their copies in every AZ.

What does not belong here: records of calls (audit.py).
"""

from typing import Final

from museum.bug import Bug
from museum.bugs.hsm import quiet

from regions.kms.changes import KeyCreated
from regions.policy.principals import BY_NAME

#: Long enough that a key whose deletion was asked for is deleted.
MONTH: Final = """
name = "month"
length = "2m"
recovery = "33d"
settle = "1m"
promises = ["key-survival", "refusals"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "key-states"
clients = 3
"""
#: People who get in each other's way.
FIGHT: Final = """
name = "fight"
length = "20s"
recovery = "1m"
settle = "1m"
promises = ["key-state-linearizable"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "key-states"
clients = 6
keys = 1
think = "100ms"
"""
YEAR: Final = 'managed_keys = ["ssm"]' + quiet("370d")

BUGS: Final = (
    Bug(
        name="one-az-is-skipped",
        summary="one AZ of the region does not take over the token of a new key",
        function="regions.az:Az._apply",
        old="    applied = self._keyring.apply(command)",
        new="""\
    if isinstance(command.change, KeyCreated) and self.name.endswith("az1/az"):
        return
    applied = self._keyring.apply(command)""",
        names={"KeyCreated": KeyCreated},
        expects=("key-survival", "token-spread"),
    ),
    Bug(
        name="disabled-key-decrypts",
        summary="Decrypt does not ask whether the key is enabled",
        function="regions.kms.key:refusal_in_state",
        old="if refused is None:",
        new='if refused is None or action == "Decrypt":',
        expects=("refusals",),
    ),
    Bug(
        name="deny-is-ignored",
        summary="a key policy's explicit deny counts as if it were not there",
        function="regions.policy.evaluate:_by_resource_policy",
        old="            return None",
        new="            continue",
        expects=("refusals",),
    ),
    Bug(
        name="other-account-is-let-in",
        summary="across accounts the caller's own policies are enough",
        function="regions.policy.evaluate:decide",
        old="    if named == NOT_NAMED and not at_home:\n",
        new="    if False:\n",
        expects=("refusals",),
    ),
    Bug(
        name="grant-allows-anything",
        summary="a grant's operations are not looked at",
        function="regions.kms.grant:objection",
        old="if wanted.operation not in grant.operations:",
        new="if not grant.operations:",
        expects=("refusals",),
    ),
    Bug(
        name="grant-constraint-is-ignored",
        summary="a grant's constraint on the encryption context is not looked at",
        function="regions.kms.grant:objection",
        old="if grant.constraint and wanted.operation in WITH_CONTEXT:",
        new="if False:",
        expects=("refusals",),
    ),
    Bug(
        name="token-is-enough",
        summary="whoever brings a grant's token has what the grant allows",
        function="regions.kms.operation:granting",
        old="for grant in grants.held_by(key.key_id, principal):",
        new="for grant in grants:",
        names={"named_as_grantee": lambda *_: BY_NAME},
        expects=("refusals",),
    ),
    Bug(
        name="revoked-grant-lives-on",
        summary="a grant that was revoked goes on to allow",
        function="regions.kms.grants:Grants.end",
        old="ended = self._all[grant_id] = changed(grant, ended_ns=time_ns)",
        new="ended = changed(grant, ended_ns=time_ns)",
        expects=("refusals",),
    ),
    Bug(
        name="nobody-needs-permission",
        summary="who has no policy at all may do everything",
        function="regions.policy.evaluate:decide",
        old='silent = ALLOWED if kind == "Root" else NOT_BY_IDENTITY',
        new="silent = NOT_BY_IDENTITY if principal.policies else ALLOWED",
        expects=("refusals",),
    ),
    Bug(
        name="change-is-checked-once",
        summary="a change of state is not checked again when it is agreed on",
        function="regions.kms.keyring:Keyring._key_state_set",
        old="    self.allow(change.action, key)\n",
        new="",
        text=FIGHT,
        expects=("key-state-linearizable",),
    ),
    Bug(
        name="saved-key-is-enabled",
        summary="CancelKeyDeletion leaves the key enabled",
        function="regions.kms.keyring:Keyring._deletion_cancelled",
        old="else KeyState.DISABLED",
        new="else KeyState.ENABLED",
        expects=("key-state-linearizable", "bounded-staleness"),
    ),
    Bug(
        name="saved-key-is-deleted",
        summary="a key whose deletion was cancelled is deleted all the same",
        function="regions.kms.keyring:Keyring._deletion_cancelled",
        old=", deletion_ns=0)",
        new=")",
        text=MONTH,
        expects=("key-survival",),
    ),
    Bug(
        name="key-is-deleted-too-early",
        summary="a condemned key is deleted after a fifth of its window",
        function="regions.kms.keyring:Keyring._note_dates",
        old="self._deleting.set(key.key_id, key.deletion_ns or None)",
        new="self._deleting.set(key.key_id, max(0, key.deletion_ns - 24 * 86_400 * 10**9) or None)",
        text=MONTH.replace("33d", "8d"),
        expects=("key-survival",),
    ),
    Bug(
        name="key-is-never-deleted",
        summary="a condemned key is never deleted",
        function="regions.kms.jobs.purge_deleted_keys:PurgeDeletedKeys.next",
        old="return keyring.next_purge()",
        new="return None",
        text=MONTH,
        expects=("refusals",),
    ),
    Bug(
        name="rotation-throws-material-away",
        summary="the yearly rotation forgets the material that older blobs were sealed with",
        function="regions.kms.rotation_rules:rotate",
        old="tokens=(*key.tokens, change.token), notes=notes",
        new="tokens=(change.token,), notes=notes[-1:]",
        text=YEAR,
        expects=("key-survival",),
    ),
    Bug(
        name="snapshot-loses-an-alias",
        summary="a replica that restores a snapshot leaves its first alias out",
        function="regions.kms.keyring:Keyring.restore",
        old="for alias in taken.aliases:",
        new="for alias in taken.aliases[1:]:",
        focus="power-off@az",
        expects=("replica-convergence",),
    ),
)
