"""What is beside key material: names, descriptions, tags, grants and key stores, and their changes.

Every change checks its preconditions again when it is applied, as all changes do.
What does not belong here: the keys themselves, which the keyring keeps (keyring.py).
Source: AWS KMS Developer Guide, "Aliases in AWS KMS", "Tags in AWS KMS", "Grants in AWS KMS";
message texts as observed from the service.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from regions.errors import AlreadyExistsException, LimitExceededException
from regions.kms.aliases import Aliases
from regions.kms.changes import (
    Alias,
    AliasCreated,
    AliasDeleted,
    AliasMoved,
    DescriptionSet,
    GrantCreated,
    GrantEnded,
    TagsRemoved,
    TagsSet,
)
from regions.kms.grant import Grant
from regions.kms.grants import Grants
from regions.kms.key import Key
from regions.kms.stores import STORE_CHANGES, Stores
from regions.kms.tags import tags_of
from regions.kms.usage import LastUses, UsageNoted
from regions.names import alias_arn, missing_alias, missing_grant
from regions.trail.record import AuditRecord
from sim.quick import changed
from sim.wire import Message

#: AWS KMS Developer Guide, "Resource quotas"; adjustable there.
ALIASES_PER_KEY_MAX: Final = 50


class Attachments(ABC):
    """The half of a keyring that does not touch key material.

    Args:
      region: the region whose ARNs it answers with.
    """

    _next_sequence: int  #: grows with every key and grant of the region

    def __init__(self, region: str) -> None:
        self.region: Final = region
        self.uses: Final = LastUses()
        self._detach_all()

    def _detach_all(self) -> None:
        self.aliases = Aliases()
        self.grants = Grants(self.region)
        self.stores = Stores()
        self.uses.forget_agreed()  # What this host has seen itself is still true.

    @abstractmethod
    def key(self, key_id: str) -> Key | None:
        """Return a key by its id, or None."""

    @abstractmethod
    def _held(self, key_id: str) -> Key:
        """Return a key that is there."""

    @abstractmethod
    def allow(self, action: str, key: Key) -> None:
        """Return if the key's state allows an action."""

    @abstractmethod
    def _set(self, key: Key, **fields: Any) -> Key:
        """Change some fields of a key."""

    @abstractmethod
    def _share(self, text: str) -> str:
        """Return the one copy of a text."""

    def alias_created(self, change: AliasCreated) -> Alias:
        """Name a key."""
        key = self._held(change.key_id)
        if self.aliases.find(key.account, change.name) is not None:
            arn = alias_arn(self.region, key.account, change.name)
            raise AlreadyExistsException(f"An alias with the name {arn} already exists")
        self.allow("CreateAlias", key)
        self._allow_name(key, limited=change.limited)
        return self.aliases.add(
            Alias(
                account=key.account,
                name=change.name,
                key_id=key.key_id,
                created_ns=change.time_ns,
                updated_ns=change.time_ns,
            )
        )

    def _allow_name(self, key: Key, *, limited: bool) -> None:
        if limited and len(self.aliases.of_key(key.key_id)) >= ALIASES_PER_KEY_MAX:
            raise LimitExceededException(
                f"The key {key.arn(self.region)} has {ALIASES_PER_KEY_MAX} aliases already"
            )

    def alias_moved(self, change: AliasMoved) -> Alias:
        """Let a name stand for another key."""
        key = self._held(change.key_id)
        standing = self.aliases.find(key.account, change.name)
        if standing is None:
            raise missing_alias(self.region, key.account, change.name)
        self.allow("UpdateAlias", key)
        if standing.key_id == key.key_id:
            return standing
        self._allow_name(key, limited=change.limited)
        # It goes to the end, where a replica that restores a snapshot will find it too.
        self.aliases.drop(standing)
        return self.aliases.add(changed(standing, key_id=key.key_id, updated_ns=change.time_ns))

    def alias_deleted(self, change: AliasDeleted) -> Alias:
        """Free a name."""
        standing = self.aliases.find(change.account, change.name)
        if standing is None:
            raise missing_alias(self.region, change.account, change.name)
        self.aliases.drop(standing)
        return standing

    def description_set(self, change: DescriptionSet) -> Key:
        """Replace a key's description."""
        key = self._held(change.key_id)
        self.allow("UpdateKeyDescription", key)
        return self._set(key, description=self._share(change.description))

    def tags_set(self, change: TagsSet) -> Key:
        """Add tags to a key."""
        key = self._held(change.key_id)
        self.allow("TagResource", key)
        pairs = [{"TagKey": name, "TagValue": value} for name, value in change.tags.items()]
        return self._set(key, tags=tags_of(pairs, key.tags) or None)

    def tags_removed(self, change: TagsRemoved) -> Key:
        """Take tags off a key."""
        key = self._held(change.key_id)
        self.allow("UntagResource", key)
        left = {name: tag for name, tag in (key.tags or {}).items() if name not in change.names}
        return self._set(key, tags=left or None)

    def grant_created(self, change: GrantCreated) -> Grant:
        """Add a grant, or return the one that a repeated request means."""
        key = self._held(change.grant.key_id)
        self.allow("CreateGrant", key)
        drawn = changed(change.grant, sequence=self._next_sequence)
        standing = self.grants.add(drawn, key.arn(self.region), limited=change.limited)
        self._next_sequence += standing is drawn
        return standing

    def grant_ended(self, change: GrantEnded) -> Grant:
        """Retire or revoke a grant."""
        self._held(change.key_id)
        ended = self.grants.end(change.grant_id, change.time_ns)
        if ended is None:
            raise missing_grant(change.grant_id)
        return ended

    def usage_noted(self, change: UsageNoted) -> None:
        """Know when keys were used; a key may have been purged since."""
        for use in change.uses:
            if self.key(use.key_id) is None:
                self.uses.drop(use.key_id)
            else:
                self.uses.agree(use)


def as_it_stands(record: AuditRecord, change: Message, result: Message | None) -> AuditRecord:
    """Return a change's record with what it came to: of a repeated grant, the first one's id."""
    if isinstance(change, GrantCreated) and isinstance(result, Grant):
        elements = {**(record.response_elements or {}), "grantId": result.grant_id}
        return changed(record, response_elements=elements)
    return record


def _in_stores(
    perform: Callable[[Stores, Any], Message | None],
) -> Callable[[Attachments, Any], Message | None]:
    return lambda keyring, change: perform(keyring.stores, change)


#: Change to what performs it.
ATTACHED_CHANGES: Final[dict[type[Message], Callable[[Attachments, Any], Message | None]]] = {
    AliasCreated: Attachments.alias_created,
    AliasMoved: Attachments.alias_moved,
    AliasDeleted: Attachments.alias_deleted,
    DescriptionSet: Attachments.description_set,
    TagsSet: Attachments.tags_set,
    TagsRemoved: Attachments.tags_removed,
    GrantCreated: Attachments.grant_created,
    GrantEnded: Attachments.grant_ended,
    UsageNoted: Attachments.usage_noted,
    **{kind: _in_stores(perform) for kind, perform in STORE_CHANGES.items()},
}
