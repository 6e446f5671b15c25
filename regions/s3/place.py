"""In which region a bucket is made, and how S3 writes where something is.

What does not belong here: which regions there are, and who serves them.
Source: Amazon S3 API Reference, CreateBucket and CompleteMultipartUpload; texts as observed.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from regions.api.errors import InvalidLocationConstraint
from regions.s3.errors import IllegalLocationConstraintException, PermanentRedirect

#: The region of buckets whose location is said by saying nothing; its endpoint serves all.
LEGACY_REGION: Final = "us-east-1"
#: Old names of locations.
_OLD_NAMES: Final = {"EU": "eu-west-1"}


def location_of(region: str, bucket: str, key: str = "") -> str:
    """Return where a bucket or an object is, as answers say it."""
    if key:
        return f"https://{bucket}.s3.{region}.amazonaws.com/{quote(key)}"
    return f"/{bucket}" if region == LEGACY_REGION else f"http://{bucket}.s3.amazonaws.com/"


def region_wanted(endpoint_region: str, parameters: Mapping[str, Any]) -> str:
    """Return the region in which a CreateBucket wants its bucket.

    Raises:
      IllegalLocationConstraintException: the endpoint does not make buckets there.
      InvalidLocationConstraint: a bucket of us-east-1 has no location constraint.
    """
    given = (parameters.get("CreateBucketConfiguration") or {}).get("LocationConstraint") or ""
    wanted: str = _OLD_NAMES.get(given, given)
    if endpoint_region == LEGACY_REGION:
        if wanted == LEGACY_REGION:
            raise InvalidLocationConstraint("The specified location-constraint is not valid")
        return wanted or LEGACY_REGION
    if wanted != endpoint_region:
        what = f"The {given}" if given else "The unspecified"
        raise IllegalLocationConstraintException(
            f"{what} location constraint is incompatible for the region specific endpoint this "
            "request was sent to."
        )
    return wanted


def redirect(region: str, bucket: str) -> PermanentRedirect:
    """Return the error of a call for a bucket of another region."""
    return PermanentRedirect(
        members=(("Endpoint", f"{bucket}.s3.{region}.amazonaws.com"), ("Bucket", bucket)),
        headers=(("x-amz-bucket-region", region),),
    )
