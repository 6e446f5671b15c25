"""What every call of a real client starts from: clients that know what they sent, and fresh names."""

import json
from functools import cached_property
from itertools import count
from typing import Any

import boto3
from botocore.config import Config
from serving import PATIENCE_S, REGION, Running

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def policy(*actions: str, resource: str = "*", **more: Any) -> str:
    """Return a policy document that allows actions."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(arn: str) -> str:
    """Return a trust policy: whom a role may be lent to."""
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


#: Of all names in this process: several stands may share one server.
_NUMBERS = count(1)


class Stand:
    """Clients of one server, signed by the root of its account."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.sent: list[tuple[str, str]] = []  #: (service, action) of every call, as botocore says
        self._session = boto3.Session()
        self._clients: dict[str, Any] = {}
        #: Made before everything else.
        self.first_key = str(self.kms.create_key()["KeyMetadata"]["Arn"])

    def client(self, service: str, **keys: str) -> Any:
        """Return a client; of the root where no keys are given."""
        exports = self.server.exports
        made = self._session.client(
            service,
            region_name=REGION,
            endpoint_url=self.server.url,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE_S),
            **(
                keys
                or {
                    "aws_access_key_id": exports["AWS_ACCESS_KEY_ID"],
                    "aws_secret_access_key": exports["AWS_SECRET_ACCESS_KEY"],
                }
            ),
        )
        made.meta.events.register("before-call", self._note)
        return made

    def _note(self, model: Any, **_more: Any) -> None:
        self.sent.append((model.service_model.service_name, model.name))

    def _root(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.client(service)
        return self._clients[service]

    @property
    def kms(self) -> Any:
        return self._root("kms")

    @property
    def cloudtrail(self) -> Any:
        return self._root("cloudtrail")

    @property
    def iam(self) -> Any:
        return self._root("iam")

    @property
    def sts(self) -> Any:
        return self._root("sts")

    @property
    def sns(self) -> Any:
        return self._root("sns")

    @property
    def logs(self) -> Any:
        return self._root("logs")

    @property
    def events(self) -> Any:
        return self._root("events")

    @property
    def s3(self) -> Any:
        return self._root("s3")

    def name(self, kind: str) -> str:
        """Return a name that nothing has yet."""
        return f"{kind}-{next(_NUMBERS)}"

    @cached_property
    def bucket(self) -> str:
        """A bucket that CloudTrail may write to."""
        name = "trails-of-the-stand"
        self.s3.create_bucket(Bucket=name)
        service = {"Service": "cloudtrail.amazonaws.com"}
        check = {
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{name}",
        }
        write = {
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        document = {"Version": "2012-10-17", "Statement": [check, write]}
        self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))
        return name
