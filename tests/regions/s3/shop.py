"""An object store without actors: one state, bodies in memory, and calls through the real table."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from regions.api.shapes import check_answer, check_request
from regions.calls import ApiCall, Principal
from regions.errors import ServiceError
from regions.s3.bodies import spans
from regions.s3.changes import Piece
from regions.s3.copying import read_source, source_call
from regions.s3.messages import DataKey
from regions.s3.operation import Desk, NeedsKey, Write, Written
from regions.s3.operations import OPERATIONS
from regions.s3.state import StoreState

ACCOUNT = "111122223333"
OTHER = "444455556666"
REGION = "us-east-1"
NOON_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
STRANGER = Principal(kind="Root", account=OTHER, arn=f"arn:aws:iam::{OTHER}:root")
NOBODY = Principal(kind="Anonymous", account="", arn="")
PART = b"p" * (5 * 1024 * 1024)


def user(name: str, *policies: str) -> Principal:
    return Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
        user_name=name,
        policies=policies,
    )


@dataclass
class Shop:
    """Carries calls out, and checks each answer against the service's own model."""

    region: str = REGION
    now_ns: int = NOON_NS
    state: StoreState = field(default_factory=StoreState)
    files: dict[int, bytes] = field(default_factory=dict)
    keys: list[DataKey] = field(default_factory=list)  #: as KMS gave them, oldest first
    changes: list[Any] = field(default_factory=list)
    drawn: int = 0

    def draw(self, size: int) -> bytes:
        self.drawn += 1
        return (sha256(b"%d" % self.drawn).digest() * 4)[:size]

    def call(self, action: str, who: Principal = ROOT, **parameters: Any) -> dict[str, Any]:
        call = ApiCall(
            service="s3", region=self.region, action=action, parameters=parameters,
            principal=who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        check_request("s3", action, parameters)
        source = None
        if OPERATIONS[action].copies:
            reading = source_call(call)
            found = self.call("GetObject", who, **reading.parameters)
            source = read_source(call, reading, found)
        while True:
            desk = Desk(
                state=self.state, call=call, now_ns=self.now_ns, region=self.region,
                draw=self.draw, keys=tuple(self.keys), source=source,
            )  # fmt: skip
            try:
                body = self._perform(desk, parameters)
                break
            except NeedsKey as needed:
                self._generate(needed)
        self.changes += desk.changed
        check_answer("s3", action, body)
        return body

    def _generate(self, needed: NeedsKey) -> None:
        assert not needed.wanted.blob, "keys are remembered here"
        number = len(self.keys) + 1
        asked = needed.wanted.asked
        arn = asked if asked.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{number}"
        self.keys.append(
            DataKey(
                plaintext=bytes([number]) * 32, blob=b"blob %d" % number, key_arn=arn,
                asked=asked, context=needed.wanted.context,
            )
        )  # fmt: skip

    def _perform(self, desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
        done = OPERATIONS[desk.call.action].perform(desk, parameters)
        if isinstance(done, dict):
            return done
        given: Any = None
        while True:
            try:
                wanted = done.send(given)
            except StopIteration as stop:
                found: dict[str, Any] = stop.value
                return found
            desk.master(wanted.sealing)
            if isinstance(wanted, Write):
                given = self._write(wanted.body)
            else:
                given = b"".join(
                    self.files[span.piece.file][span.first : span.last + 1]
                    for span in spans(wanted.pieces, wanted.first, wanted.last)
                )

    def _write(self, body: bytes) -> Written:
        md5 = hashlib.md5(body).digest()
        if not body:
            return Written((), md5)
        number = len(self.files) + 1
        self.files[number] = body
        return Written((Piece(file=number, size=len(body), salt=b""),), md5)

    # What tests say often.

    def bucket(self, name: str = "logs", versioning: str = "") -> str:
        self.call("CreateBucket", Bucket=name)
        if versioning:
            self.version(name, versioning)
        return name

    def version(self, name: str, status: str) -> None:
        configuration = {"Status": status}
        self.call("PutBucketVersioning", Bucket=name, VersioningConfiguration=configuration)

    def put(self, key: str, body: bytes = b"body", bucket: str = "logs", **more: Any) -> Any:
        return self.call("PutObject", Bucket=bucket, Key=key, Body=body, **more)

    def get(self, key: str, bucket: str = "logs", **more: Any) -> bytes:
        content: bytes = self.call("GetObject", Bucket=bucket, Key=key, **more)["Body"]
        return content

    def upload(self, key: str, *parts: bytes, bucket: str = "logs", **more: Any) -> Any:
        """Upload parts and complete them."""
        begun = self.call("CreateMultipartUpload", Bucket=bucket, Key=key, **more)
        listed = [
            {"PartNumber": n, "ETag": self.part(begun["UploadId"], key, n, body, bucket)["ETag"]}
            for n, body in enumerate(parts, start=1)
        ]
        return self.call(
            "CompleteMultipartUpload", Bucket=bucket, Key=key, UploadId=begun["UploadId"],
            MultipartUpload={"Parts": listed},
        )  # fmt: skip

    def part(self, upload: str, key: str, number: int, body: bytes, bucket: str = "logs") -> Any:
        return self.call(
            "UploadPart", Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body
        )

    def refusal(self, action: str, who: Principal = ROOT, **parameters: Any) -> ServiceError:
        """Return how a call is refused."""
        try:
            self.call(action, who, **parameters)
        except ServiceError as error:
            return error
        raise AssertionError(f"{action} was not refused")

    def said(self, action: str, who: Principal = ROOT, **parameters: Any) -> tuple[str, int, str]:
        error = self.refusal(action, who, **parameters)
        return error.code, error.status, error.message
