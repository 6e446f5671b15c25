"""A recorded day, issued again: every KMS call of a log at its time, in its region, as its caller.

A record holds no plaintext and no blob, so the replay makes its own: before the first call it
creates the keys and aliases that the log uses, and for every Decrypt a blob under the same key
and context. Events of other services are handed to the trails as they were recorded.
What does not belong here: reading log files (replay_reader.py).
Source: CloudTrail User Guide, "CloudTrail record contents".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from regions.calls import Connection, Principal
from regions.errors import ServiceError
from regions.names import is_account, parse_key_name, root_arn
from regions.trail.activity import activity
from regions.trail.messages import Publish
from scenarios.accounts import ALLOW_ALL
from scenarios.witness import digest
from scenarios.workloads.replay_values import Replay, ReplayActivity, ReplayCall, ReplayKey
from scenarios.workloads.sdk import SdkClient, Unavailable
from sim.units import seconds
from sim.wire import Refusal

if TYPE_CHECKING:
    from scenarios.arena import Arena

_SECRET: Final = b"a stand-in: logs hold no plaintext"
_NEEDS_BLOB: Final = frozenset({"Decrypt", "ReEncrypt"})
_PUBLISH_RETRY_NS: Final = seconds(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCall:
    """One call, ready to be issued: its parameters name the replay's own keys and blobs."""

    due_ns: int  #: world time
    action: str
    parameters: dict[str, Any]
    principal: Principal
    source_ip: str
    user_agent: str
    connection: Connection
    expects: bytes  #: digest of the plaintext that a Decrypt must return, or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What one region's player plays."""

    calls: tuple[PreparedCall, ...]
    activity: tuple[tuple[int, ReplayActivity], ...]  #: world time and event
    trail: str  #: the region's Trail actor


class ReplayClient(SdkClient):
    """Issues the KMS calls of a folder of CloudTrail files again, each at its time."""

    def start(self) -> None:
        """Set one timer per list: the next item sets the one after it."""
        self._calls = iter(self.config.settings.calls)
        self._activity = iter(self.config.settings.activity)
        self._next_call()
        self._next_activity()

    def _next_call(self) -> None:
        call = next(self._calls, None)
        if call is not None:
            self.after(max(0, call.due_ns - self.kernel.clock.now_ns), self._play, call)

    def _play(self, call: PreparedCall) -> None:
        self.spawn(self._issue, call)
        self._next_call()

    async def _issue(self, call: PreparedCall) -> None:
        try:
            answer = await self.api(
                call.action,
                call.parameters,
                principal=call.principal,
                source_ip=call.source_ip,
                user_agent=call.user_agent,
                connection=call.connection,
            )
        except (ServiceError, Unavailable):
            return  # The history has it.
        if call.action == "CreateKey":
            key_id = answer["KeyMetadata"]["KeyId"]
            self.config.witness.key_acknowledged(
                self.config.region, key_id, self.kernel.clock.now_ns
            )
        if call.expects:
            what = f"replayed {call.action}"
            now_ns = self.kernel.clock.now_ns
            self.config.witness.compare(now_ns, what, call.expects, answer["Plaintext"])

    def _next_activity(self) -> None:
        found = next(self._activity, None)
        if found is not None:
            due_ns, event = found
            self.after(max(0, due_ns - self.kernel.clock.now_ns), self._hand_in, event)

    def _hand_in(self, event: ReplayActivity) -> None:
        self._next_activity()
        record = activity(event.record, time_ns=self.calendar_ns)
        self.config.witness.activity.append(
            (self.config.region, record.event_id, self.kernel.clock.now_ns)
        )
        self._publish(Publish(records=(record,)))

    def _publish(self, message: Publish) -> None:
        def then(answer: object) -> None:
            if isinstance(answer, Exception):
                self.after(_PUBLISH_RETRY_NS, self._publish, message)

        self.call(self.config.settings.trail, message, then)


class Preparation:
    """Makes what the calls of a log take for granted, and rewrites them to use it.

    Args:
      arena: the world, booted and quiet.
      replay: the log.
      start_ns: world time that stands for the log's first event.
    """

    def __init__(self, arena: Arena, replay: Replay, start_ns: int) -> None:
        self._arena = arena
        self._replay = replay
        self._start_ns = start_ns
        self._key_ids: dict[str, str] = {}  #: ARN in the log -> the replay's key id
        #: Id or ARN in the log -> the same of the replay's key.
        self._renamed: dict[str, str] = {}
        self._users: dict[str, set[str]] = {}  #: ARN in the log -> accounts that use the key
        for call in replay.calls:
            self._users.setdefault(call.key_arn, set()).add(call.principal.account)
        self._blobs: dict[tuple[str, tuple[tuple[str, str], ...]], bytes] = {}
        self._via: dict[str, str] = {k.arn: k.managed_by for k in replay.keys}
        self.replayed: dict[str, int] = {}

    def settings(self) -> Mapping[str, ReplaySettings]:
        """Prepare everything and return what each region's player plays."""
        # A key that the log itself creates gets a stand-in too: what the log's CreateKey makes in
        # the replay has an id of its own, which no later call of the log can know.
        for key in self._replay.keys:
            self._make_key(key)
        calls: dict[str, list[PreparedCall]] = {region: [] for region in self._replay.regions}
        for call in self._replay.calls:
            calls[call.region].append(self._prepare(call))
            self.replayed[call.action] = self.replayed.get(call.action, 0) + 1
        found: dict[str, list[tuple[int, ReplayActivity]]] = {r: [] for r in self._replay.regions}
        for event in self._replay.activity:
            found[event.region].append((self._world_ns(event.time_ns), event))
        trails = self._arena.deployment.trails
        return {
            region: ReplaySettings(
                calls=tuple(calls[region]), activity=tuple(found[region]), trail=trails[region]
            )
            for region in self._replay.regions
        }

    def _world_ns(self, time_ns: int) -> int:
        return self._start_ns + time_ns - self._replay.start_ns

    def _owner(self, key: ReplayKey) -> Principal:
        owner = self._arena.administrator(key.account)
        return replace(owner, via_service=key.managed_by) if key.managed_by else owner

    def _make_key(self, key: ReplayKey) -> None:
        owner = self._owner(key)
        region = key.region
        if key.managed_by:
            # The service makes it at first use, as the service did once.
            named = f"alias/aws/{key.managed_by}"
        else:
            parameters = {"Description": key.arn, "Policy": self._policy(key)}
            made = self._arena.api(region, "CreateKey", parameters, owner)
            named = made["KeyMetadata"]["KeyId"]
            for alias in key.aliases:
                parameters = {"AliasName": alias, "TargetKeyId": named}
                self._arena.once_visible(region, "CreateAlias", parameters, owner)
        key_id = self._arena.keep(region, named, owner)
        self._key_ids[key.arn] = key_id
        place, _, logged_id = key.arn.rpartition("/")
        self._renamed[key.arn] = f"{place}/{key_id}"
        self._renamed.setdefault(logged_id, key_id)

    def _policy(self, key: ReplayKey) -> str:
        """Return a key policy that trusts the accounts which use the key in the log.

        Who of them may really use it their own identity policies say, as with the default policy.
        """
        users = self._users.get(key.arn, set())
        accounts = sorted({key.account, *(account for account in users if is_account(account))})
        statement = {
            "Sid": "Trust the accounts of the log",
            "Effect": "Allow",
            "Principal": {"AWS": [root_arn(key.region, account) for account in accounts]},
            "Action": "kms:*",
            "Resource": "*",
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def _prepare(self, call: ReplayCall) -> PreparedCall:
        parameters = dict(call.parameters)
        for name in ("KeyId", "TargetKeyId", "DestinationKeyId"):
            if name in parameters:
                # An alias stays: the stand-in has it too.
                parameters[name] = self._renamed.get(parameters[name], parameters[name])
        expects = b""
        if call.action in _NEEDS_BLOB:
            prefix = "Source" if call.action == "ReEncrypt" else ""
            context = dict(parameters.get(f"{prefix}EncryptionContext") or {})
            blob = self._blob(call, context)
            if call.error_code == "InvalidCiphertextException":
                # What was wrong with the caller's blob no log tells; a flipped bit is wrong enough.
                blob = blob[:-1] + bytes([blob[-1] ^ 1])
            parameters["CiphertextBlob"] = blob
            expects = digest(_SECRET) if call.action == "Decrypt" else b""
        if call.action == "Encrypt":
            parameters["Plaintext"] = _SECRET
        allowed = not call.error_code.startswith("AccessDenied")
        policies = (ALLOW_ALL,) if allowed else ()
        return PreparedCall(
            due_ns=self._world_ns(call.time_ns),
            action=call.action,
            parameters=parameters,
            principal=replace(call.principal, policies=policies),
            source_ip=call.source_ip,
            user_agent=call.user_agent,
            connection=call.connection,
            expects=expects if not call.error_code else b"",
        )

    def _blob(self, call: ReplayCall, context: dict[str, str]) -> bytes:
        """Return a blob under the call's key and context, made once for equal ones."""
        key_id = self._key_ids.get(call.key_arn)
        if key_id is None:
            return _SECRET  # The log's caller had no valid blob either, or its key is not known.
        which = (call.key_arn, tuple(sorted(context.items())))
        found = self._blobs.get(which)
        if found is None:
            service = self._via.get(call.key_arn, "")
            owner = self._arena.administrator(parse_key_name(call.key_arn).account)
            if service:
                owner = replace(owner, via_service=service)
            parameters = {"KeyId": key_id, "Plaintext": _SECRET, "EncryptionContext": context}
            try:
                sealed = self._arena.api(call.region, "Encrypt", parameters, owner)
            except Refusal:
                return _SECRET
            found = self._blobs[which] = sealed["CiphertextBlob"]
        return found
