"""Which calls leave no record: those that CloudTrail calls data events, and no others."""

from regions.events.operations import OPERATIONS as EVENTS
from regions.iam.operations import OPERATIONS as IAM
from regions.logs.operations import OPERATIONS as LOGS
from regions.sns.operations import OPERATIONS as SNS
from regions.sts.operations import OPERATIONS as STS


def test_only_data_events_are_not_recorded() -> None:
    # Source: CloudWatch Logs User Guide, "Logging API and console operations in CloudTrail";
    # CloudTrail User Guide, "Logging data events".
    tables = {"events": EVENTS, "iam": IAM, "logs": LOGS, "sns": SNS, "sts": STS}
    silent = {
        service: sorted(name for name, operation in table.items() if not operation.recorded)
        for service, table in tables.items()
    }
    assert silent == {
        "events": ["PutEvents"],
        "iam": [],
        "logs": ["PutLogEvents"],
        "sns": ["Publish"],
        "sts": [],
    }
