"""All grants of one region: by key, by grantee, by whom they may be retired.

A grant that was retired or revoked is kept for as long as an AZ may go on honouring it
(visibility.py); then the next change forgets it.
What does not belong here: what one grant allows (grant.py).
Source: AWS KMS Developer Guide, "Resource quotas", "Grants in AWS KMS".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from regions.calls import Principal
from regions.errors import LimitExceededException
from regions.kms.grant import Grant, alike
from regions.kms.schedule import Schedule
from regions.kms.visibility import LAG_MAX_NS
from regions.names import root_arn
from sim.quick import changed

#: AWS KMS Developer Guide, "Resource quotas"; adjustable there.
GRANTS_PER_KEY_MAX: Final = 50_000


class Grants:
    """One replica of a region's grants.

    Args:
      region: whose accounts' ARNs grants name.
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._all: dict[str, Grant] = {}
        # Each to a list of grant ids, in order of creation.
        self._of_key: dict[str, list[str]] = {}
        self._of_holder: dict[str, list[str]] = {}  # key id and grantee
        self._of_retirer: dict[str, list[str]] = {}
        self._of_name: dict[str, list[str]] = {}  # key id and name
        self._ended = Schedule()  # when a grant that ended is forgotten
        self._ended_of_key: dict[str, int] = {}

    def __iter__(self) -> Iterator[Grant]:
        return iter(self._all.values())

    def find(self, grant_id: str) -> Grant | None:
        """Return a grant by its id, also one that ended lately, or None."""
        return self._all.get(grant_id)

    def any_on(self, key_id: str) -> bool:
        """Tell whether a key has grants at all."""
        return key_id in self._of_key

    def held_by(self, key_id: str, principal: Principal) -> list[Grant]:
        """Return the grants on a key whose grantee may be this principal, oldest first."""
        found: list[Grant] = []
        for holder in self._names_of(principal):
            ids = self._of_holder.get(f"{key_id} {holder}", ())
            found += [self._all[grant_id] for grant_id in ids]
        return found

    def _names_of(self, principal: Principal) -> list[str]:
        names = {principal.arn, principal.issuer_arn}
        if principal.kind == "AWSService":
            names.add(principal.invoked_by)
        elif principal.account:
            names.add(root_arn(self._region, principal.account))
        return sorted(names - {""})

    def on_key_after(self, key_id: str, sequence: int) -> Iterator[Grant]:
        """Yield the grants on a key that are younger than a sequence number, oldest first."""
        return self._after(self._of_key.get(key_id, []), sequence)

    def retirable_after(self, retirer: str, sequence: int) -> Iterator[Grant]:
        """Yield a retiring principal's grants that are younger, oldest first."""
        return self._after(self._of_retirer.get(retirer, []), sequence)

    def _after(self, ids: list[str], sequence: int) -> Iterator[Grant]:
        start = bisect_right(ids, sequence, key=lambda grant_id: self._all[grant_id].sequence)
        return (self._all[grant_id] for grant_id in ids[start:])

    def same(self, grant: Grant) -> Grant | None:
        """Return the standing grant of the same Name that says the same, or None."""
        if not grant.name:
            return None
        for grant_id in self._of_name.get(f"{grant.key_id} {grant.name}", ()):
            standing = self._all[grant_id]
            if not standing.ended_ns and alike(standing, grant):
                return standing
        return None

    # ---- changes ----

    def add(self, grant: Grant, key_arn: str, *, limited: bool) -> Grant:
        """Add a grant, unless one of its Name says the same; return the one that stands.

        Raises:
          LimitExceededException: the key has as many as it may have.
        """
        self._forget(grant.created_ns)
        standing = self._all.get(grant.grant_id) or self.same(grant)
        if standing is not None:
            return standing
        number = len(self._of_key.get(grant.key_id, ())) - self._ended_of_key.get(grant.key_id, 0)
        if limited and number >= GRANTS_PER_KEY_MAX:
            raise LimitExceededException(
                f"The key {key_arn} has {GRANTS_PER_KEY_MAX} grants already"
            )
        self.index(grant)
        return grant

    def index(self, grant: Grant) -> None:
        """Take over a grant as it is; its sequence is the highest so far."""
        self._all[grant.grant_id] = grant
        for index, at in self._places(grant):
            index.setdefault(at, []).append(grant.grant_id)
        if grant.ended_ns:
            self._note_end(grant)

    def end(self, grant_id: str, time_ns: int) -> Grant | None:
        """Retire or revoke a grant; None if there is none that stands."""
        self._forget(time_ns)
        grant = self._all.get(grant_id)
        if grant is None or grant.ended_ns:
            return None
        ended = self._all[grant_id] = changed(grant, ended_ns=time_ns)
        self._note_end(ended)
        return ended

    def drop_key(self, key_id: str) -> None:
        """Forget all grants on a key."""
        for grant_id in tuple(self._of_key.get(key_id, ())):
            self._drop(self._all[grant_id])

    def _note_end(self, grant: Grant) -> None:
        self._ended.put(grant.grant_id, grant.ended_ns + LAG_MAX_NS)
        self._ended_of_key[grant.key_id] = self._ended_of_key.get(grant.key_id, 0) + 1

    def _forget(self, time_ns: int) -> None:
        """Forget what no AZ honours any more."""
        while (due := self._ended.first()) is not None and due[0] < time_ns:
            self._drop(self._all[due[1]])

    def _drop(self, grant: Grant) -> None:
        for index, at in self._places(grant):
            ids = index[at]
            del ids[bisect_left(ids, grant.sequence, key=lambda one: self._all[one].sequence)]
            if not ids:
                del index[at]
        del self._all[grant.grant_id]
        if grant.ended_ns:
            self._ended.drop(grant.grant_id)
            self._ended_of_key[grant.key_id] -= 1
            if not self._ended_of_key[grant.key_id]:
                del self._ended_of_key[grant.key_id]

    def _places(self, grant: Grant) -> Iterator[tuple[dict[str, list[str]], str]]:
        """Yield each index that has a grant, and where in it."""
        yield self._of_key, grant.key_id
        yield self._of_holder, f"{grant.key_id} {grant.holder}"
        retirer = grant.retiring or grant.retiring_service
        if retirer:
            yield self._of_retirer, retirer
        if grant.name:
            yield self._of_name, f"{grant.key_id} {grant.name}"
