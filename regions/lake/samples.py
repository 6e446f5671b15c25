"""Sample queries over event data stores, of our own making.

``EVENT_DATA_STORE`` stands for the id of a store, as it does in the service's samples.
What does not belong here: the samples of the real console, which are many more.
Source: CloudTrail API Reference, SearchSampleQueries, for what a sample is.
"""

from dataclasses import dataclass
from typing import Final

STORE: Final = "EVENT_DATA_STORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One query that may be of use."""

    name: str
    description: str
    sql: str


SAMPLES: Final = (
    Sample(
        name="Calls by action",
        description="How often each API action was called, the most frequent first.",
        sql=(
            "SELECT eventSource, eventName, COUNT(*) AS calls\n"
            f"FROM {STORE}\nGROUP BY eventSource, eventName\nORDER BY calls DESC"
        ),
    ),
    Sample(
        name="Failed calls",
        description="Which calls failed, why, and who made them; denied access stands out.",
        sql=(
            "SELECT eventTime, eventName, errorCode, errorMessage, userIdentity.arn\n"
            f"FROM {STORE}\nWHERE errorCode IS NOT NULL\nORDER BY eventTime DESC"
        ),
    ),
    Sample(
        name="Use of one KMS key",
        description="Every call that named a KMS key, by how it was named, with its caller.",
        sql=(
            "SELECT element_at(requestParameters, 'keyId') AS keyId, eventName,"
            " userIdentity.arn AS caller, COUNT(*) AS calls\n"
            f"FROM {STORE}\nWHERE eventSource = 'kms.amazonaws.com'"
            " AND element_at(requestParameters, 'keyId') IS NOT NULL\n"
            "GROUP BY 1, 2, 3\nORDER BY calls DESC"
        ),
    ),
    Sample(
        name="Keys that are to be deleted",
        description="Who has scheduled the deletion of KMS keys, and when.",
        sql=(
            "SELECT eventTime, userIdentity.arn AS caller,"
            " element_at(requestParameters, 'keyId') AS keyId,"
            " element_at(requestParameters, 'pendingWindowInDays') AS days\n"
            f"FROM {STORE}\nWHERE eventName = 'ScheduleKeyDeletion' AND errorCode IS NULL\n"
            "ORDER BY eventTime"
        ),
    ),
    Sample(
        name="Decryption by encryption context",
        description="Which encryption contexts were used to decrypt, and how often.",
        sql=(
            "SELECT element_at(requestParameters, 'encryptionContext') AS context,"
            " COUNT(*) AS calls\n"
            f"FROM {STORE}\nWHERE eventName = 'Decrypt'\nGROUP BY 1\nORDER BY calls DESC"
        ),
    ),
    Sample(
        name="Calls of one user",
        description="What one principal has called, in order of time; put his ARN in.",
        sql=(
            "SELECT eventTime, eventSource, eventName, sourceIPAddress, errorCode\n"
            f"FROM {STORE}\nWHERE userIdentity.arn = 'arn:aws:iam::111122223333:user/alice'\n"
            "ORDER BY eventTime"
        ),
    ),
    Sample(
        name="Regions in use",
        description="Which services are called in which regions, and how often.",
        sql=(
            "SELECT awsRegion, eventSource, COUNT(*) AS calls\n"
            f"FROM {STORE}\nGROUP BY awsRegion, eventSource\nORDER BY calls DESC"
        ),
    ),
    Sample(
        name="Changes of trails",
        description="Who has created, changed, stopped or deleted trails and event data stores.",
        sql=(
            f"SELECT eventTime, eventName, userIdentity.arn, requestParameters\nFROM {STORE}\n"
            "WHERE eventSource = 'cloudtrail.amazonaws.com' AND readOnly = false\n"
            "ORDER BY eventTime DESC"
        ),
    ),
    Sample(
        name="Calls of services",
        description="Calls that AWS services made on somebody's behalf.",
        sql=(
            "SELECT userIdentity.invokedBy, eventSource, eventName, COUNT(*) AS calls\n"
            f"FROM {STORE}\nWHERE userIdentity.invokedBy IS NOT NULL\n"
            "GROUP BY 1, 2, 3\nORDER BY calls DESC"
        ),
    ),
    Sample(
        name="Calls per hour",
        description="How many calls there were in each hour of the last day.",
        sql=(
            "SELECT date_trunc('hour', eventTime) AS hour, COUNT(*) AS calls\n"
            f"FROM {STORE}\nWHERE eventTime > date_add('day', -1, now())\n"
            "GROUP BY 1\nORDER BY hour"
        ),
    ),
)


def search(phrase: str) -> list[tuple[float, Sample]]:
    """Return samples that have a word of a phrase, the most relevant first, with 0–1 of each."""
    words = sorted({word for word in phrase.lower().split() if word.isalnum()})
    found = []
    for sample in SAMPLES:
        text = f"{sample.name} {sample.description} {sample.sql}".lower()
        hits = sum(word in text for word in words)
        if hits:
            found.append((hits / len(words), sample))
    return sorted(found, key=lambda each: (-each[0], each[1].name))
