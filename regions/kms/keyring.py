"""The replicated state of one region's keys: a pure state machine over commands.

Everything that changes a key lives in this file. ``apply`` checks each change's preconditions
again, because another change may have been agreed on since it was proposed; it depends on the
state and the command alone, so equal histories give equal replicas.
What does not belong here: who may ask for a change (loop.py), and how commands are agreed on.
Source: AWS KMS Developer Guide, "Key states", "Deleting keys", "Using aliases"; message texts as
observed from the service.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar, Final

from regions.errors import (
    KMSInternalException,
    LimitExceededException,
    ServiceError,
)
from regions.hsm import keytoken
from regions.hsm.domain import RETAINED_KEYS
from regions.kms.abroad import Abroad, Signer
from regions.kms.attachments import ATTACHED_CHANGES, Attachments, as_it_stands
from regions.kms.changes import (
    LOG_CODEC,
    Alias,
    Command,
    DeletionCancelled,
    DeletionScheduled,
    DomainTokenStored,
    KeyCreated,
    KeyGone,
    KeyPurged,
    KeyringSnapshot,
    KeyStateSet,
    ManagedKeyCreated,
    PolicyPut,
    Superseded,
    TokensRewrapped,
)
from regions.kms.import_rules import is_whole, next_expiry
from regions.kms.key import Key, KeyState, refusal_in_state, rotation_due_ns
from regions.kms.material import EXTERNAL, Material
from regions.kms.material_changes import (
    FamilyUpdated,
    ReplicaReported,
    ReportKept,
    SignerMade,
)
from regions.kms.material_rules import MATERIAL_RULES
from regions.kms.schedule import Schedule
from regions.kms.stale_keys import StaleKeys
from regions.names import (
    RESERVED_ALIAS_PREFIX,
    missing_key,
)
from regions.trail.record import AuditRecord
from sim.quick import changed
from sim.wire import Message

#: Customer managed keys per account and region, of any spec and in any state (AWS KMS Developer
#: Guide, "Resource quotas"); adjustable there.
KEYS_PER_ACCOUNT_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Applied:
    """What one command came to, the same in every replica."""

    result: Message | None  #: what now stands: of a race, the winner's
    error: ServiceError | None
    record: AuditRecord | None  #: as it rode, completed as failed when there is an error


#: Texts of keys of which there are few different ones.
_REPEATED: Final = (
    "account",
    "policy",
    "description",
    "state",
    "manager",
    "service",
    "spec",
    "usage",
    "origin",
)


class Keyring(Attachments):
    """One replica of a region's keys, what hangs on them, and its domain token.

    Args:
      region: the region whose ARNs it answers with.
      sites: the regions where its keys may be replicated.
    """

    def __init__(self, region: str, *, sites: tuple[str, ...] = ()) -> None:
        super().__init__(region)
        self.sites = sites
        self._clear()

    def add_site(self, region: str) -> None:
        """Let keys be replicated to a region that was launched later."""
        if region not in self.sites:
            self.sites = (*self.sites, region)

    def _clear(self) -> None:
        self.domain: DomainTokenStored | None = None
        self.domain_rotated_ns = 0  # calendar time at which the active domain key came to be
        self._next_sequence = 1
        self._keys: dict[str, Key] = {}
        self._ids_of: dict[str, list[str]] = {}  # account to key ids, in order of sequence
        self._customer_keys: Counter[str] = Counter()  # of each account
        self._detach_all()
        self._deleting = Schedule()  # calendar times of purges
        self._rotating = Schedule()  # calendar times of rotations
        self._expiring = Schedule()  # calendar times at which imported material is forgotten
        self.abroad = Abroad(self.region)  # what is owed for multi-Region keys
        self.stale = StaleKeys()  # awaiting wrapping under the active domain key
        self._shared: dict[str, str] = {}  # one copy of texts that very many keys repeat

    # ---- looking things up ----

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, key_id: str) -> Key | None:
        """Return a key by its id, or None."""
        return self._keys.get(key_id)

    def alias(self, account: str, name: str) -> Alias | None:
        """Return an alias by account and name (with its ``alias/``), or None."""
        return self.aliases.find(account, name)

    def alias_names(self, key_id: str) -> tuple[str, ...]:
        """Return all names of a key, oldest first."""
        return self.aliases.of_key(key_id)

    def keys_after(self, account: str, sequence: int, limit: int) -> list[Key]:
        """Return at most ``limit`` keys of an account whose sequence is greater."""
        ids = self._ids_of.get(account, [])
        start = bisect_right(ids, sequence, key=lambda key_id: self._keys[key_id].sequence)
        return [self._keys[key_id] for key_id in ids[start : start + limit]]

    def aliases_after(self, account: str, name: str, limit: int) -> list[Alias]:
        """Return at most ``limit`` aliases of an account whose names sort behind ``name``."""
        return self.aliases.after(account, name, limit)

    def tokens(self) -> Iterator[tuple[str, Material]]:
        """Yield every version of every key's material with the key's id, in order of creation."""
        for key in self._keys.values():
            for material in key.materials:
                if material.token:
                    yield key.key_id, material

    def hbk_ids(self) -> Iterator[bytes]:
        """Yield the id of every backing key that this replica holds a token of."""
        for _, material in self.tokens():
            yield material.hbk_id

    @property
    def domain_token(self) -> tuple[bytes, int]:
        """The newest exported domain token and its version; (b"", 0) before there is one."""
        return (b"", 0) if self.domain is None else (self.domain.token, self.domain.version)

    def stale_keys(self, limit: int) -> list[Key]:
        """Return keys to be wrapped under the active domain key, until ``limit`` tokens."""
        return self.stale.first(self._keys, limit)

    def next_purge(self) -> tuple[int, str] | None:
        """Return when, in calendar time, which key is to be purged next."""
        return self._deleting.first()

    def next_expiry(self) -> tuple[int, str] | None:
        """Return when, in calendar time, material of which key expires next."""
        return self._expiring.first()

    def next_rotation(self) -> tuple[int, str] | None:
        """Return when, in calendar time, which key is to be rotated next."""
        return self._rotating.first()

    # ---- the state machine ----

    def apply(self, command: Command) -> Applied:
        """Perform one agreed command, or complete its record as failed and change nothing."""
        record = command.record
        try:
            result = self._APPLY[type(command.change)](self, command.change)
        except Superseded:
            return Applied(None, None, None)
        except KeyGone as gone:
            account = record.recipient_account if record else ""
            error: ServiceError = missing_key(self.region, account, gone.args[0])
        except ServiceError as refused:
            error = refused
        else:
            return Applied(result, None, record and as_it_stands(record, command.change, result))
        return Applied(None, error, record and failed(record, error))

    def _held(self, key_id: str) -> Key:
        key = self._keys.get(key_id)
        if key is None:
            raise KeyGone(key_id)
        return key

    def allow(self, action: str, key: Key) -> None:
        """Raise the error with which the key's state forbids an action, if it does."""
        error = refusal_in_state(action, key, self.region)
        if error is not None:
            raise error

    def _share(self, text: str) -> str:
        return self._shared.setdefault(text, text)

    def opens(self, token: bytes) -> bool:
        """Say whether the HSMs still keep the domain key that wraps a token.

        A proposal may be agreed on long after it was made. One token that no HSM opens would hold
        up the re-wrapping of all others, until theirs do not open either.
        """
        active = 0 if self.domain is None else self.domain.active_key
        return Material(token).domain_key > active - RETAINED_KEYS

    def _add(self, key: Key) -> Key:
        if key.key_id in self._keys:  # The same command, agreed on twice: ids are drawn once.
            return self._keys[key.key_id]
        if not all(self.opens(token) for token in key.tokens if token):
            raise KMSInternalException("the new key's token is too old to be kept")
        key = self._frugal(changed(key, sequence=self._next_sequence))
        self._next_sequence += 1
        self._index(key)
        return key

    def _frugal(self, key: Key) -> Key:
        """Return a key whose texts are those that very many other keys have as well."""
        return changed(key, **{name: self._share(getattr(key, name)) for name in _REPEATED})

    def _index(self, key: Key) -> None:
        self._keys[key.key_id] = key
        self._ids_of.setdefault(key.account, []).append(key.key_id)
        self._customer_keys[key.account] += not key.service
        self._note_age(key)
        self._note_dates(key)

    def _note_age(self, key: Key) -> None:
        """Remember or forget that a key has a token under an older domain key."""
        self.stale.note(key, 0 if self.domain is None else self.domain.active_key)

    def _note_dates(self, key: Key) -> None:
        """Remember or forget when the key is to be rotated."""
        due_ns = rotation_due_ns(key, self.region)
        if due_ns != self._rotating.due_ns(key.key_id):
            self._rotating.set(key.key_id, due_ns)
        if key.deletion_ns != (self._deleting.due_ns(key.key_id) or 0):
            self._deleting.set(key.key_id, key.deletion_ns or None)
        expiry = next_expiry(key) if key.notes else None
        expiry_ns = None if expiry is None else expiry[0]
        if expiry_ns != self._expiring.due_ns(key.key_id):
            self._expiring.set(key.key_id, expiry_ns)
        self.abroad.note(key)

    def _set(self, key: Key, **fields: Any) -> Key:
        standing = self._keys[key.key_id] = changed(key, **fields)
        self._note_dates(standing)
        return standing

    def _key_created(self, change: KeyCreated) -> Key:
        account = change.key.account
        if change.limited and self._customer_keys[account] >= KEYS_PER_ACCOUNT_MAX:
            raise LimitExceededException(
                f"The account {account} has {KEYS_PER_ACCOUNT_MAX} keys already"
            )
        return self._add(change.key)

    def _managed_key_created(self, change: ManagedKeyCreated) -> Key:
        drawn = change.key
        name = f"{RESERVED_ALIAS_PREFIX}{drawn.service}"
        standing = self.aliases.find(drawn.account, name)
        if standing is not None:
            return self._keys[standing.key_id]
        key = self._add(drawn)
        self.aliases.add(
            Alias(
                account=key.account,
                name=name,
                key_id=key.key_id,
                created_ns=key.created_ns,
                updated_ns=key.created_ns,
            )
        )
        return key

    def _key_state_set(self, change: KeyStateSet) -> Key:
        key = self._held(change.key_id)
        self.allow(change.action, key)
        return self._set(key, state=self._share(change.state))

    def _deletion_scheduled(self, change: DeletionScheduled) -> Key:
        key = self._held(change.key_id)
        self.allow("ScheduleKeyDeletion", key)
        state, deletion_ns, family = KeyState.PENDING_DELETION, change.deletion_ns, key.family
        if family is not None and key.leads_replicas(self.region):
            # The window begins when the last replica is gone.
            state, deletion_ns = KeyState.PENDING_REPLICA_DELETION, 0
            family = changed(family, window_days=change.window_days)
        text = self._share(state.value)
        return self._set(key, state=text, deletion_ns=deletion_ns, family=family)

    def _deletion_cancelled(self, change: DeletionCancelled) -> Key:
        key = self._held(change.key_id)
        self.allow("CancelKeyDeletion", key)
        missing = key.origin == EXTERNAL and not is_whole(key)
        state = KeyState.PENDING_IMPORT if missing else KeyState.DISABLED
        return self._set(key, state=self._share(state.value), deletion_ns=0)

    def _policy_put(self, change: PolicyPut) -> Key:
        key = self._held(change.key_id)
        self.allow("PutKeyPolicy", key)
        return self._set(key, policy=self._share(change.policy))

    def _material_changed(self, change: Any) -> Key:
        if isinstance(change, FamilyUpdated):
            self.abroad.trust(change.source, change.signer)
            if change.key_id in self.abroad.departed:
                raise Superseded  # It was purged here, and nobody heard of that yet.
        elif isinstance(change, ReplicaReported):
            self.abroad.trust(change.report.region, change.signer)
        elif isinstance(change, ReportKept) and change.gone:
            self.abroad.heard(change.key_id)
        standing = self._keys.get(change.key_id)
        key = MATERIAL_RULES[type(change)](self, standing, change)
        if standing is None:
            return self._add(key)
        self._note_age(self._set(key))
        return self._keys[key.key_id]

    def _signer_made(self, change: SignerMade) -> Key:
        if self.abroad.own is not None:
            raise Superseded
        assert isinstance(change.key, Key), "a signing key is kept as a key"
        key = self._add(change.key)
        signer = Signer(region=self.region, public=change.public, key_id=key.key_id)
        self.abroad.signers[self.region] = signer
        return key

    def _tokens_rewrapped(self, change: TokensRewrapped) -> None:
        newer: dict[str, dict[bytes, bytes]] = {}
        for token in change.tokens:
            key_id = keytoken.key_id(token).decode("ascii")
            newer.setdefault(key_id, {})[keytoken.hbk_id(token)] = token
        for key_id, tokens in newer.items():
            key = self._keys.get(key_id)
            if key is not None:  # A key may have been purged since the job looked.
                merged = tuple(_newest(old, tokens.get(old.hbk_id)) for old in key.materials)
                self._note_age(self._set(key, tokens=merged))

    def _key_purged(self, change: KeyPurged) -> Key:
        key = self._keys.get(change.key_id)
        due_ns = self._deleting.due_ns(change.key_id)
        if key is None or due_ns is None or change.time_ns < due_ns:
            raise Superseded
        ids = self._ids_of[key.account]
        del ids[bisect_left(ids, key.sequence, key=lambda key_id: self._keys[key_id].sequence)]
        del self._keys[key.key_id]
        self._customer_keys[key.account] -= 1  # AWS managed keys are never purged.
        self._deleting.drop(key.key_id)
        self._rotating.drop(key.key_id)
        self._expiring.drop(key.key_id)
        self.stale.drop(key.key_id)
        self.abroad.purged(key)
        self.aliases.drop_key(key.account, key.key_id)
        self.grants.drop_key(key.key_id)
        self.uses.drop(key.key_id)
        return key

    def _domain_token_stored(self, change: DomainTokenStored) -> DomainTokenStored:
        standing = self.domain
        if standing is not None and change.version <= standing.version:
            return standing
        self.domain = changed(change, tokens=())
        if standing is None or change.active_key > standing.active_key:
            self.domain_rotated_ns = change.time_ns
            self.stale.retry()
            for key in self._keys.values():
                self._note_age(key)
        self._tokens_rewrapped(TokensRewrapped(tokens=change.tokens))
        return change

    #: Change to what performs it.
    _APPLY: ClassVar[dict[type[Message], Callable[["Keyring", Any], Message | None]]] = {
        KeyCreated: _key_created,
        ManagedKeyCreated: _managed_key_created,
        KeyStateSet: _key_state_set,
        DeletionScheduled: _deletion_scheduled,
        DeletionCancelled: _deletion_cancelled,
        PolicyPut: _policy_put,
        **dict.fromkeys(MATERIAL_RULES, _material_changed),
        SignerMade: _signer_made,
        TokensRewrapped: _tokens_rewrapped,
        KeyPurged: _key_purged,
        DomainTokenStored: _domain_token_stored,
        **ATTACHED_CHANGES,
    }

    # ---- copies ----

    def digest(self) -> bytes:
        """Return 32 bytes that are equal in equal replicas; costs one snapshot."""
        return blake2b(self.snapshot(), digest_size=32).digest()

    def snapshot(self) -> bytes:
        """Return the whole state as bytes; equal states give equal bytes."""
        return LOG_CODEC.encode(
            KeyringSnapshot(
                region=self.region,
                next_sequence=self._next_sequence,
                keys=tuple(self._keys.values()),
                aliases=tuple(self.aliases),
                domain=self.domain,
                domain_rotated_ns=self.domain_rotated_ns,
                signers=tuple(self.abroad.signers.values()),
                departed=tuple(self.abroad.departed.values()),
                grants=tuple(self.grants),
                stores=tuple(self.stores),
                uses=tuple(self.uses),
            )
        )

    def excerpt(self, key: Key) -> bytes:
        """Return one key, its names and its grants as a snapshot, without its material."""
        names = (self.alias(key.account, name) for name in self.alias_names(key.key_id))
        return LOG_CODEC.encode(
            KeyringSnapshot(
                region=self.region,
                next_sequence=self._next_sequence,
                keys=(changed(key, tokens=(), notes=()),),
                aliases=tuple(alias for alias in names if alias is not None),
                domain=None,
                domain_rotated_ns=0,
                grants=tuple(self.grants.on_key_after(key.key_id, 0)),
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Take over the state of a snapshot, and forget the own.

        Raises:
          FrameError: the bytes are no snapshot.
        """
        taken: KeyringSnapshot = LOG_CODEC.decode(snapshot)
        assert taken.region == self.region, f"snapshot of {taken.region} in {self.region}"
        self._clear()
        self.domain, self.domain_rotated_ns = taken.domain, taken.domain_rotated_ns
        for key in taken.keys:
            self._index(self._frugal(key))
        for alias in taken.aliases:
            self.aliases.add(changed(alias, account=self._share(alias.account)))
        for grant in taken.grants:
            self.grants.index(grant)
        for store in taken.stores:
            self.stores.keep(store)
        for use in taken.uses:
            self.uses.agree(use)
        self.abroad.signers = {one.region: one for one in taken.signers}
        self.abroad.departed = {one.key_id: one for one in taken.departed}
        self._next_sequence = taken.next_sequence


def _newest(old: Material, token: bytes | None) -> bytes:
    """Return the newer token of one material; two leaders may wrap the same one."""
    if token is None or Material(token).domain_key <= old.domain_key:
        return old.token
    return token


def failed(record: AuditRecord, error: ServiceError) -> AuditRecord:
    """Return the record of a call that failed after all."""
    return changed(
        record,
        response_elements=None,
        error_code=error.record_code,
        error_message=error.message,
    )
