"""The state of a store: versions as S3 keeps them, and a journal that rebuilds it."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from shop import Shop

from regions.s3.changes import CODEC
from regions.s3.errors import MarkerNotAllowed, NoSuchKey, NoSuchVersion
from regions.s3.state import StoreState

KEYS = st.sampled_from(["a", "a/b", "b"])
BODIES = st.binary(max_size=3)


class Versions(RuleBasedStateMachine):
    """A bucket against a model: for each key a list of (version id, body or None for a marker)."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.shop.bucket()
        self.status = ""
        self.model: dict[str, list[tuple[str, bytes | None]]] = {}
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}

    def _insert(self, key: str, version_id: str, body: bytes | None) -> None:
        versions = self.model.setdefault(key, [])
        if version_id == "null":
            versions[:] = [each for each in versions if each[0] != "null"]
        versions.insert(0, (version_id, body))

    @rule(status=st.sampled_from(["Enabled", "Suspended"]))
    def set_versioning(self, status: str) -> None:
        self.shop.version("logs", status)
        self.status = status

    @rule(key=KEYS, body=BODIES)
    def put(self, key: str, body: bytes) -> None:
        answer = self.shop.put(key, body)
        version_id = answer.get("VersionId")
        expected = {"": None, "Suspended": "null"}.get(self.status, version_id)
        assert version_id == expected
        assert (version_id not in {None, "null"}) == (self.status == "Enabled")
        self._insert(key, version_id or "null", body)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        answer = self.shop.call("DeleteObject", Bucket="logs", Key=key)
        if self.status:
            assert answer["DeleteMarker"]
            self._insert(key, answer["VersionId"], None)
        else:
            assert answer == {}
            self.model.pop(key, None)

    @precondition(lambda self: any(self.model.values()))
    @rule(data=st.data())
    def delete_version(self, data: Any) -> None:
        key = data.draw(st.sampled_from([key for key, each in self.model.items() if each]))
        version_id, body = data.draw(st.sampled_from(self.model[key]))
        answer = self.shop.call("DeleteObject", Bucket="logs", Key=key, VersionId=version_id)
        marker = {"DeleteMarker": True} if body is None else {}
        assert answer == {"VersionId": version_id, **marker}
        self.model[key] = [each for each in self.model[key] if each[0] != version_id]

    @rule(key=KEYS)
    def begin_upload(self, key: str) -> None:
        answer = self.shop.call("CreateMultipartUpload", Bucket="logs", Key=key)
        self.uploads[answer["UploadId"]] = (key, {})

    @precondition(lambda self: self.uploads)
    @rule(data=st.data(), number=st.integers(1, 3), body=BODIES)
    def upload_part(self, data: Any, number: int, body: bytes) -> None:
        upload = data.draw(st.sampled_from(list(self.uploads)))
        key, parts = self.uploads[upload]
        self.shop.part(upload, key, number, body)
        parts[number] = body

    @precondition(lambda self: any(parts for _, parts in self.uploads.values()))
    @rule(data=st.data())
    def complete(self, data: Any) -> None:
        ready = [upload for upload, (_, parts) in self.uploads.items() if parts]
        upload = data.draw(st.sampled_from(ready))
        key, parts = self.uploads.pop(upload)
        number = data.draw(st.sampled_from(list(parts)))
        listed = self.shop.call("ListParts", Bucket="logs", Key=key, UploadId=upload)["Parts"]
        chosen = [
            {"PartNumber": number, "ETag": part["ETag"]}
            for part in listed
            if part["PartNumber"] == number
        ]
        answer = self.shop.call(
            "CompleteMultipartUpload", Bucket="logs", Key=key, UploadId=upload,
            MultipartUpload={"Parts": chosen},
        )  # fmt: skip
        self._insert(key, answer.get("VersionId", "null"), parts[number])

    @precondition(lambda self: self.uploads)
    @rule(data=st.data())
    def abort(self, data: Any) -> None:
        upload = data.draw(st.sampled_from(list(self.uploads)))
        key, _ = self.uploads.pop(upload)
        self.shop.call("AbortMultipartUpload", Bucket="logs", Key=key, UploadId=upload)

    @invariant()
    def every_version_reads_as_it_was_put(self) -> None:
        for key, versions in self.model.items():
            for version_id, body in versions:
                try:
                    found = self.shop.get(key, VersionId=version_id)
                except MarkerNotAllowed:
                    assert body is None
                else:
                    assert found == body
            newest = versions[0][1] if versions else None
            try:
                assert self.shop.get(key) == newest
            except NoSuchKey:
                assert newest is None
            try:
                self.shop.get(key, VersionId="never")
            except NoSuchVersion:
                continue
            raise AssertionError("a version that never was is there")

    @invariant()
    def lists_show_the_same(self) -> None:
        page = self.shop.call("ListObjectVersions", Bucket="logs")
        versions = [(e["Key"], e["VersionId"], e["IsLatest"]) for e in page.get("Versions", [])]
        markers = [(e["Key"], e["VersionId"], e["IsLatest"]) for e in page.get("DeleteMarkers", [])]
        every = [
            (key, version_id, place == 0, body)
            for key in sorted(self.model)
            for place, (version_id, body) in enumerate(self.model[key])
        ]
        assert versions == [entry[:3] for entry in every if entry[3] is not None]
        assert markers == [entry[:3] for entry in every if entry[3] is None]
        listed = self.shop.call("ListObjectsV2", Bucket="logs").get("Contents", [])
        current = [key for key, _, is_newest, body in every if is_newest and body is not None]
        assert [entry["Key"] for entry in listed] == current

    @invariant()
    def a_file_is_in_use_exactly_as_long_as_something_speaks_of_it(self) -> None:
        state = self.shop.state
        pieces = [
            piece.file
            for bucket in state.buckets.values()
            for holder in (
                *(version for each in bucket.versions.values() for version in each),
                *(part for upload in bucket.uploads.values() for part in upload.parts.values()),
            )
            for piece in holder.pieces
        ]
        assert {file for file in self.shop.files if state.uses(file)} == set(pieces)
        assert sorted(state.freed) == sorted(set(self.shop.files) - set(pieces))

    @invariant()
    def the_journal_rebuilds_it_from_changes_and_from_a_snapshot(self) -> None:
        for changes in (self.shop.changes, list(self.shop.state.changes())):
            rebuilt = StoreState()
            for change in changes:
                rebuilt.apply(CODEC.decode(CODEC.encode(change)))
            assert rebuilt.buckets == self.shop.state.buckets


TestVersions = Versions.TestCase
TestVersions.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
