"""An administrator moves an alias to another key.

Model: UpdateAlias through the public API. What is encrypted under the alias meanwhile is sealed
under the other key; it opens there for ever, because a blob names its key itself. At the end the
alias is moved back. Limits: the other key is one of the same account that exists already; with
fewer than two keys nothing happens.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.errors import ServiceError
from regions.faults.errand import (
    ACCOUNT_OPTION,
    SETTLE_NS,
    UNDO_PAUSES_NS,
    Ask,
    Errand,
    OperatorError,
    Steps,
    customer_keys,
    named_keys,
)
from sim.options import Option


class AliasMoved(OperatorError):
    """An alias stands for another key until the end."""

    name: ClassVar[str] = "alias-moved"
    options: ClassVar[Mapping[str, Option]] = {
        "alias": Option("any", "word", "its name, with alias/; any: one of chance"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._alias = self._key_id = ""

    def err(self, errand: Errand) -> Steps:
        """Move it."""
        named = yield from named_keys(errand)
        wanted = self.word("alias")
        fitting = [one for one in named if wanted in (one[0], self.options["alias"].default)]
        if not fitting:
            return
        alias, key_id = fitting[0]
        keys = yield from customer_keys(errand)
        others = [one for one in keys if one != key_id]
        if others:
            self._alias, self._key_id = alias, key_id
            yield self._move(others[0])

    def undo(self, errand: Errand) -> Steps:  # noqa: ARG002 - the contract of operator errors
        """Move it back, and see that it is there."""
        for pause_ns in UNDO_PAUSES_NS if self._alias else ():
            yield pause_ns
            yield self._move(self._key_id)
            yield SETTLE_NS
            answer = yield Ask(action="DescribeKey", parameters={"KeyId": self._alias})
            if isinstance(answer, ServiceError) or answer["KeyMetadata"]["KeyId"] == self._key_id:
                return

    def _move(self, key_id: str) -> Ask:
        parameters = {"AliasName": self._alias, "TargetKeyId": key_id}
        return Ask(action="UpdateAlias", parameters=parameters)
