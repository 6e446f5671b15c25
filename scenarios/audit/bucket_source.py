"""Log files of a bucket, ours under ``nines serve`` or a real one: ``s3://BUCKET/PREFIX``.

Endpoint, region and credentials come from the environment, as the AWS CLI takes them:
AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on. Objects are listed at once and fetched one by one.
What does not belong here: reading them (reader.py).
Source: Amazon S3 API Reference, ListObjectsV2 and GetObject.
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from scenarios.audit.reader import LogFile
from scenarios.audit.source import SUFFIXES, SourceError


def files_in(text: str) -> list[LogFile]:
    """Return the objects below a prefix that look like log files, in the order of their keys.

    Raises:
      SourceError: it names no bucket, the bucket cannot be listed, or holds no such object.
    """
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not bucket:
        raise SourceError(f"source {text!r} names no bucket; expected s3://BUCKET/PREFIX")
    try:
        client = get_session().create_client("s3")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    except (BotoCoreError, ClientError) as error:
        raise SourceError(
            f"source {text!r} cannot be listed ({error}); expected a bucket that this"
            " environment's credentials, region and AWS_ENDPOINT_URL lead to"
        ) from error
    found = [LogFile(key, _Object(client, bucket, key)) for key in keys if key.endswith(SUFFIXES)]
    if not found:
        raise SourceError(
            f"source {text!r} holds no .json or .json.gz object; expected CloudTrail log files"
        )
    return found


class _Object:
    """Fetches one object."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client, self._bucket, self._key = client, bucket, key

    def __call__(self) -> bytes:
        """Return its bytes.

        Raises:
          OSError: it cannot be fetched.
        """
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key)
            body: bytes = answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise OSError(0, str(error)) from error
        return body
