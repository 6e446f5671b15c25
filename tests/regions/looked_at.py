"""What a trail looks at, and a trail that looks, for tests that need no actor."""

from dataclasses import dataclass, replace
from typing import Any

from regions.trail.trails import TrailSettings

ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Event:
    """What a trail looks at."""

    time_ns: int = 50
    account: str = ACCOUNT
    source: str = "kms.amazonaws.com"
    name: str = "Encrypt"
    read_only: bool = True
    management: bool = True
    category: str = "Management"
    event_type: str = "AwsApiCall"
    error_code: str = ""
    principal_arn: str = f"arn:aws:iam::{ACCOUNT}:user/alice"
    invoked_by: str = ""
    console: bool = False
    resources: tuple[tuple[str, str], ...] = ()


def a_trail(**fields: Any) -> TrailSettings:
    """Return the trail ``audit`` of one account in us-east-1; fields as given."""
    default = TrailSettings(
        arn=f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit",
        name="audit",
        account=ACCOUNT,
        home_region="us-east-1",
        bucket="logs",
        bucket_site="us-east-1/bucket",
    )
    return replace(default, **fields)
