"""A trail's files in their bucket, asked of the service itself or of whatever speaks as it does.

What does not belong here: what is said of the objects (log_chain.py).
Source: Amazon S3 API Reference, ListObjectsV2 and GetObject; CloudTrail API Reference.
"""

from collections.abc import Iterator
from typing import Any, Final

from scenarios.log_chain import Question
from scenarios.log_objects import Chain, Place, Stored, chain_of, inflate

#: Seconds before the first digest wanted, from which on keys are asked; chosen.
_EARLIER: Final = 3600
_ARN_PARTS: Final = 6
#: What S3 answers for an object that is not there, if one may list the bucket or not.
_MISSING: Final = frozenset({"NoSuchKey", "404", "NoSuchBucket"})


class ServiceFailure(Exception):
    """The service refused or was not reached; the text says what was asked."""


class ServiceObjects:
    """Objects of the buckets that a trail's digests lead to.

    Args:
      s3: a client of botocore.
      bucket: the trail's bucket.
      prefixes: of keys that are listed there.
    """

    def __init__(self, s3: Any, bucket: str, prefixes: tuple[str, ...]) -> None:
        self._s3, self._bucket, self._prefixes = s3, bucket, prefixes
        self._stored_s: dict[Place, int] = {}

    def places(self) -> Iterator[Place]:
        """Yield where objects lie in the trail's own bucket."""
        for prefix in self._prefixes:
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for each in page.get("Contents", ()):
                    place = Place(self._bucket, each["Key"])
                    self._stored_s[place] = int(each["LastModified"].timestamp())
                    yield place

    def get(self, place: Place) -> Stored | None:
        """Return one object."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - it is slow to import

        try:
            found = self._s3.get_object(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise ServiceFailure(f"{place} cannot be read: {error}") from error
        return inflate(found["Body"].read(), found.get("Metadata", {}))

    def delivered_s(self, place: Place) -> int | None:
        """Return when a listed object was stored."""
        return self._stored_s.get(place)


def ask(arn: str, *, since: int, until: int | None, region: str | None) -> Question:
    """Return the question whether a trail's files of one region are whole.

    Args:
      arn: of the trail.
      region: whose files; by default the trail's home region.

    Raises:
      ServiceFailure: the ARN is none, or the service refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import
    from botocore.session import Session  # noqa: PLC0415 - the same

    parts = arn.split(":")
    if len(parts) != _ARN_PARTS or not parts[5].startswith("trail/"):
        raise ServiceFailure(
            f"trail {arn!r}: expected an ARN such as "
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
        )
    home, account, name = parts[3], parts[4], parts[5].removeprefix("trail/")
    region = region or home
    session = Session()
    try:
        cloudtrail = session.create_client("cloudtrail", region_name=region)
        trail = cloudtrail.get_trail(Name=arn)["Trail"]
        status = cloudtrail.get_trail_status(Name=arn)
        prefix = f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""
        folder = f"{prefix}AWSLogs/{account}"
        s3 = session.create_client("s3", region_name=home)
        objects = ServiceObjects(
            s3,
            trail["S3BucketName"],
            (f"{folder}/CloudTrail-Digest/{region}/", f"{folder}/CloudTrail/{region}/"),
        )
        mine = Chain(account, name, home, region)
        chosen = _Chosen(objects, mine)
        latest = status.get("LatestDigestDeliveryTime")
        oldest = min((end for end, _ in chosen.ends() if end >= since), default=since)
        times = {"StartTime": oldest - _EARLIER}
        if latest is not None:
            times["EndTime"] = int(latest.timestamp()) + _EARLIER
        pages = cloudtrail.get_paginator("list_public_keys").paginate(**times)
        keys = {k["Fingerprint"]: k["Value"] for page in pages for k in page["PublicKeyList"]}
    except (BotoCoreError, ClientError) as error:
        raise ServiceFailure(f"trail {arn!r} in {region}: {error}") from error
    seen = {mine: int(latest.timestamp())} if latest is not None else {}
    return Question(objects=chosen, keys=keys, since=since, until=until, latest=seen)


class _Chosen:
    """Of all objects those that are no other trail's digests."""

    def __init__(self, objects: ServiceObjects, chain: Chain) -> None:
        self._objects = objects
        self._places = [
            place
            for place in objects.places()
            if (found := chain_of(place.key)) is None or found[0]._replace(backfill=False) == chain
        ]

    def ends(self) -> Iterator[tuple[int, Place]]:
        """Yield when the hours of listed digests end."""
        for place in self._places:
            found = chain_of(place.key)
            if found is not None:
                yield found[1], place

    def places(self) -> Iterator[Place]:
        yield from self._places

    def get(self, place: Place) -> Stored | None:
        return self._objects.get(place)

    def delivered_s(self, place: Place) -> int | None:
        return self._objects.delivered_s(place)
