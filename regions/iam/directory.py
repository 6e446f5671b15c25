"""The whole state of IAM: users, roles, groups, policies and access keys of all accounts.

It changes by the messages of changes.py alone. What does not belong here: actions (operations/),
and what their answers look like (shapes.py).
Source: IAM User Guide, "IAM identifiers": names are unique whatever their case; what does not
exist is told in the service's words.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from regions.errors import AccessDeniedException
from regions.iam.changes import AccessKey, Gone, Group, Policy, Role, User
from regions.iam.errors import NoSuchEntity
from regions.iam.identifiers import entity_arn
from regions.iam.managed import AWS_ACCOUNT, managed_policies
from regions.iam.vault import Vault
from sim.wire import Message

Named = User | Role | Group | Policy
#: Whom policies can be attached to.
Holder = User | Role | Group
N = TypeVar("N", User, Role, Group, Policy)

KINDS: Final[dict[type[Any], str]] = {User: "user", Role: "role", Group: "group", Policy: "policy"}


class Directory:
    """Who and what there is.

    Args:
      partition: of all ARNs.
      vault: opens and seals secrets.
    """

    def __init__(self, partition: str, vault: Vault) -> None:
        self.partition = partition
        self.vault = vault
        self.keys: dict[str, AccessKey] = {}
        #: Kind and account -> name in lower case -> what is called so.
        self._named: dict[tuple[str, str], dict[str, Any]] = {}
        #: Account and user -> ids of keys, in order.
        self._keys_of: dict[tuple[str, str], dict[str, None]] = {}
        for policy in managed_policies():
            self._table("policy", AWS_ACCOUNT)[policy.name.lower()] = policy

    # As a service's state.

    def apply(self, change: Message) -> None:
        """Take a change over."""
        if isinstance(change, Gone):
            if change.kind == "key":
                key = self.keys.pop(change.name)
                self._keys_of[key.account, key.user].pop(change.name)
            else:
                del self._table(change.kind, change.account)[change.name.lower()]
        elif isinstance(change, AccessKey):
            before = self.keys.get(change.access_key_id, change)
            if before.user != change.user:  # He was given another name.
                self._keys_of[before.account, before.user].pop(before.access_key_id)
            self.keys[change.access_key_id] = change
            own = self._keys_of.setdefault((change.account, change.user), {})
            own[change.access_key_id] = None
        else:
            assert isinstance(change, User | Role | Group | Policy), f"{change} changes nothing"
            kind = KINDS[type(change)]
            self._table(kind, change.account)[change.name.lower()] = change

    def changes(self) -> Iterator[Message]:
        """Yield everything there is."""
        for (_, account), table in self._named.items():
            if account != AWS_ACCOUNT:
                yield from table.values()
        yield from self.keys.values()

    def but_roots(self) -> Iterator[Message]:
        """Yield changes that leave nothing but the access keys of accounts' roots."""
        for key in self.keys.values():
            if key.user:
                yield Gone(kind="key", account=key.account, name=key.access_key_id)
        for (kind, account), table in self._named.items():
            if account != AWS_ACCOUNT:
                for named in table.values():
                    yield Gone(kind=kind, account=account, name=named.name)

    def _table(self, kind: str, account: str) -> dict[str, Any]:
        return self._named.setdefault((kind, account), {})

    # What there is.

    def all_of(self, cls: type[N], account: str, prefix: str = "/") -> list[N]:
        """Return what an account has of one class below a path, sorted by name."""
        table: dict[str, N] = self._named.get((KINDS[cls], account), {})
        return [table[name] for name in sorted(table) if table[name].path.startswith(prefix)]

    def taken(self, cls: type[Named], account: str, name: str) -> bool:
        """Say whether a name is taken, in whatever case."""
        return name.lower() in self._named.get((KINDS[cls], account), {})

    def count(self, cls: type[Named], account: str) -> int:
        """Return how many an account has of one class."""
        return len(self._named.get((KINDS[cls], account), {}))

    def seek(self, cls: type[N], account: str, name: str) -> N | None:
        """Return what has that name, or None."""
        found: N | None = self._named.get((KINDS[cls], account), {}).get(name.lower())
        return None if found is None or found.name != name else found

    def find(self, cls: type[N], account: str, name: str) -> N:
        """Return the user, role or group of that name.

        Raises:
          NoSuchEntity: there is none.
        """
        found = self.seek(cls, account, name)
        if found is None:
            raise NoSuchEntity(f"The {KINDS[cls]} with name {name} cannot be found.")
        return found

    def arn(self, named: Named) -> str:
        """Return the ARN of anything."""
        kind = KINDS[type(named)]
        return entity_arn(self.partition, named.account, kind, named.path, named.name)

    def seek_arn(self, cls: type[N], arn: str) -> N | None:
        """Return what has that ARN, or None."""
        parts = arn.split(":", 5)
        if len(parts) != 6:  # arn : partition : iam : no region : account : resource
            return None
        found = self.seek(cls, parts[4], arn.rpartition("/")[2])
        return found if found is not None and self.arn(found) == arn else None

    def visible(self, arn: str, account: str) -> Policy | None:
        """Return a managed policy, if an account may see it: its own, and those of all."""
        found = self.seek_arn(Policy, arn)
        return found if found is not None and found.account in (account, AWS_ACCOUNT) else None

    def policy(self, arn: str, account: str) -> Policy:
        """Return a managed policy that an account may see.

        Raises:
          NoSuchEntity: there is none.
        """
        found = self.visible(arn, account)
        if found is None:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        return found

    def own_policy(self, arn: str, account: str) -> Policy:
        """Return a managed policy that an account may change.

        Raises:
          NoSuchEntity: there is none.
          AccessDeniedException: it belongs to all.
        """
        found = self.policy(arn, account)
        if found.account != account:
            raise AccessDeniedException(f"Policy {arn} is outside your own account.")
        return found

    # How they belong together.

    def keys_of(self, account: str, user: str) -> list[AccessKey]:
        """Return the keys of a user, or of the root (""), oldest first."""
        return [self.keys[key_id] for key_id in self._keys_of.get((account, user), {})]

    def key_of(self, account: str, user: str, key_id: str) -> AccessKey:
        """Return a key that a user has.

        Raises:
          NoSuchEntity: it has none of that id.
        """
        key = self.keys.get(key_id)
        if key is None or (key.account, key.user) != (account, user):
            raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")
        return key

    def groups_of(self, account: str, user: str) -> list[Group]:
        """Return the groups that a user is in, sorted by name."""
        return [group for group in self.all_of(Group, account) if user in group.members]

    def holders_of(self, arn: str, account: str) -> Iterator[Holder]:
        """Yield who of an account has a managed policy attached."""
        for cls in (User, Role, Group):
            for holder in self._named.get((KINDS[cls], account), {}).values():
                if arn in holder.attached:
                    yield holder

    def bounded_by(self, arn: str, account: str) -> Iterator[User | Role]:
        """Yield who of an account has a managed policy as its boundary."""
        for cls in (User, Role):
            for holder in self._named.get((KINDS[cls], account), {}).values():
                if holder.boundary == arn:
                    yield holder

    def texts(self, holders: Iterable[Holder]) -> tuple[str, ...]:
        """Return all policies that holders have, JSON documents."""
        found: list[str] = []
        for holder in holders:
            found += [document for _, document in holder.inline]
            for arn in holder.attached:
                policy = self.seek_arn(Policy, arn)
                assert policy is not None, f"{arn} is attached, so it cannot be deleted"
                found.append(policy.document)
        return tuple(found)
