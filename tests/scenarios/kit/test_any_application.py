"""Whatever an application does and whatever goes wrong meanwhile, no promise is broken by it.

A promise that an honest world breaks would fail the tests of users for nothing.
"""

import json
import random
from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from scenarios import Cloud
from scenarios.kit.judgement import ALL, PROMISES

STEPS: Final = 60
ACCOUNTS: Final = ("123456789012", "123456789012", "123456789012", "111122223333")
FAULTS: Final = (
    "power-off {az}",
    "crash {az}/az",
    "crash {region}/@leader",
    "partition {az}",
    "pause {az}/az",
    "hsm-restart {az}",
    "gray-hsm {az}",
    "crash {az}/recorder",
    "delay {az}",
    "packet-loss {az}",
    "power-off {region}",
    "pause {region}/front",
    "crash {region}/trail",
    "restart {az}",
)
ANYBODY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
    }
)


class Application:
    """Makes calls at random, and forgives every error."""

    def __init__(self, cloud: Cloud, seed: int) -> None:
        self.cloud, self.dice = cloud, random.Random(seed)
        self.clients: dict[tuple[str, str, str], Any] = {}
        self.keys: list[tuple[str, str, str]] = []  #: region, account, id
        self.blobs: list[tuple[str, str, dict[str, Any]]] = []
        self.fault: Any = None
        self.deeds: tuple[Callable[[], object], ...] = (
            *(self.create, self.describe, self.disable, self.enable, self.condemn, self.pardon),
            *(self.open_policy, self.name, self.grant, self.tag, self.store, self.hire, self.wait),
            *(self.encrypt, self.encrypt, self.encrypt, self.decrypt, self.decrypt, self.data_key),
            *(self.go_wrong, self.go_wrong, self.heal),
        )

    def act(self) -> None:
        """Do one thing."""
        try:
            self.dice.choice(self.deeds)()
        except (ClientError, BotoCoreError, LookupError):
            return

    def client(self, service: str, region: str, account: str) -> Any:
        name = (service, region, account)
        if name not in self.clients:
            config = Config(
                retries={
                    "mode": self.dice.choice(["legacy", "standard", "adaptive"]),
                    "total_max_attempts": 3,
                },
                read_timeout=self.dice.choice([2, 10, 60]),
                connect_timeout=5,
            )
            self.clients[name] = self.cloud.boto3_client(
                service, region, account=account, config=config
            )
        return self.clients[name]

    def of_some_key(self) -> tuple[Any, str]:
        """Return a client, mostly of the key's owner, and the key."""
        region, owner, key = self.dice.choice(self.keys)
        caller = self.dice.choice([owner, owner, owner, self.dice.choice(ACCOUNTS)])
        return self.client("kms", region, caller), key

    def create(self) -> None:
        region, account = self.dice.choice(self.cloud.regions), self.dice.choice(ACCOUNTS)
        made = self.client("kms", region, account).create_key()
        self.keys.append((region, account, made["KeyMetadata"]["KeyId"]))

    def encrypt(self) -> None:
        region, owner, key = self.dice.choice(self.keys)
        given = {"EncryptionContext": self.dice.choice([{}, {"tenant": "1"}])}
        kms, text = self.client("kms", region, owner), self.dice.randbytes(8)
        sealed = kms.encrypt(KeyId=key, Plaintext=text, **given)["CiphertextBlob"]
        self.blobs.append((region, owner, {"CiphertextBlob": sealed, **given}))

    def data_key(self) -> None:
        region, owner, key = self.dice.choice(self.keys)
        made = self.client("kms", region, owner).generate_data_key(KeyId=key, KeySpec="AES_256")
        self.blobs.append((region, owner, {"CiphertextBlob": made["CiphertextBlob"]}))

    def decrypt(self) -> None:
        region, owner, given = self.dice.choice(self.blobs)
        self.client("kms", region, owner).decrypt(**given)

    def describe(self) -> None:
        kms, key = self.of_some_key()
        kms.describe_key(KeyId=key)

    def disable(self) -> None:
        kms, key = self.of_some_key()
        kms.disable_key(KeyId=key)

    def enable(self) -> None:
        kms, key = self.of_some_key()
        kms.enable_key(KeyId=key)

    def condemn(self) -> None:
        kms, key = self.of_some_key()
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    def pardon(self) -> None:
        kms, key = self.of_some_key()
        kms.cancel_key_deletion(KeyId=key)

    def open_policy(self) -> None:
        kms, key = self.of_some_key()
        kms.put_key_policy(KeyId=key, Policy=ANYBODY)

    def name(self) -> None:
        kms, key = self.of_some_key()
        kms.create_alias(AliasName=f"alias/{self.dice.randrange(9)}", TargetKeyId=key)

    def grant(self) -> None:
        kms, key = self.of_some_key()
        grantee = f"arn:aws:iam::{ACCOUNTS[-1]}:root"
        kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])

    def tag(self) -> None:
        kms, key = self.of_some_key()
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "orders"}])

    def store(self) -> None:
        s3 = self.client("s3", "us-east-1", ACCOUNTS[0])
        s3.create_bucket(Bucket="orders")
        s3.put_object(Bucket="orders", Key="1", Body=b"x", ServerSideEncryption="aws:kms")

    def hire(self) -> None:
        iam = self.client("iam", "us-east-1", self.dice.choice(ACCOUNTS))
        iam.create_user(UserName=f"user-{self.dice.randrange(9)}")

    def wait(self) -> None:
        self.cloud.advance(seconds=self.dice.choice([0.01, 1, 30, 400, 86_400]))

    def go_wrong(self) -> None:
        """Let one thing go wrong at a time, for a while or until it is healed."""
        self.heal()
        region = self.dice.choice(self.cloud.regions)
        az = f"{region}/{self.dice.choice(self.cloud.topology.regions[region])}"
        line = self.dice.choice(FAULTS).format(region=region, az=az)
        self.fault = self.cloud.fault(line + self.dice.choice(["", " for 30s", " for 5m"]))

    def heal(self) -> None:
        if self.fault is not None:
            self.fault.heal()


def broken(seed: int, promises: tuple[str, ...]) -> list[str]:
    with Cloud(seed=seed, promises=promises) as cloud:
        application = Application(cloud, seed)
        for _ in range(STEPS):
            application.act()
        return [f"{v.name}: {v.detail}" for v in cloud.check() if not v.holds]


def test_no_promise_is_broken_by_what_an_application_does() -> None:
    assert broken(1, PROMISES) == []


@pytest.mark.campaign
def test_no_promise_at_all_is_broken_by_what_many_applications_do() -> None:
    assert {seed: found for seed in range(100, 300) if (found := broken(seed, ALL))} == {}
