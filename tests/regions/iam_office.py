"""IAM without its actor: one directory, and calls that go through the same table of actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from regions.api.shapes import check_answer, check_request
from regions.calls import ApiCall, Principal
from regions.iam.changes import IAM_CHANGES
from regions.iam.directory import Directory
from regions.iam.operations import OPERATIONS
from regions.iam.vault import Vault
from regions.service.operation import Desk
from regions.service.state import state_codec
from sim.rng import stream

ACCOUNT = "111122223333"
NOON_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")


def new_directory() -> Directory:
    numbers = iter(range(1_000_000))

    def draw(size: int) -> bytes:
        return sha256(b"%d" % next(numbers)).digest()[:size]

    return Directory("aws", Vault(b"k" * 32, draw))


@dataclass
class Office:
    """Carries calls out, and checks each answer against the service's own model."""

    directory: Directory = field(default_factory=new_directory)
    who: Principal = ROOT
    last: Desk | None = None

    def __call__(self, action: str, **parameters: Any) -> Mapping[str, Any]:
        call = ApiCall(
            service="iam", region="us-east-1", action=action, parameters=parameters,
            principal=self.who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        check_request("iam", action, parameters)
        desk = Desk(
            state=self.directory, call=call, now_ns=NOON_NS, region="us-east-1",
            rng=lambda *names: stream(1, *names),
        )  # fmt: skip
        self.last = desk
        OPERATIONS[action].wants(desk, parameters)
        body = OPERATIONS[action].perform(desk, parameters)
        if not self._of_root(body):
            check_answer("iam", action, body)
        return body

    @staticmethod
    def _of_root(body: Mapping[str, Any]) -> bool:
        """Tell an answer about a root, which has no name, though the model wants one."""
        parts = [part for part in body.values() if isinstance(part, dict)]
        about = [part for part in parts if "AccessKeyId" in part or "UserId" in part]
        return any("UserName" not in part for part in about)

    def reread(self) -> Directory:
        """Return a directory made of what this one would write."""
        codec = state_codec(IAM_CHANGES)
        again = new_directory()
        for change in self.directory.changes():
            again.apply(codec.decode(codec.encode(change)))
        return again
