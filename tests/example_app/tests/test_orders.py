"""The order service inside a failing cloud."""

from typing import Any

import pytest
from orders import Keyring, OrderService, Unreadable
from orders.nines.promise import OrdersApart

from scenarios import Cloud

HOME, OTHER = "us-east-1", "eu-west-1"
#: Beside the usual promises, every test is held to our own.
pytestmark = pytest.mark.nines(promises=["default", "orders-apart"])


@pytest.fixture
def service(cloud: Cloud) -> OrderService:
    clients: dict[str, Any] = {region: cloud.boto3_client("kms", region) for region in (HOME, OTHER)}
    keys = {r: kms.create_key()["KeyMetadata"]["KeyId"] for r, kms in clients.items()}
    return OrderService(Keyring(clients, keys, now=cloud.current_time))


def test_orders_survive_an_az_outage(cloud: Cloud, service: OrderService) -> None:
    number = service.take("alice", "two chairs")
    with cloud.fault(f"power-off {HOME}/use1-az1"):
        cloud.advance(hours=1)  # the cache is empty by now
        assert service.read(number) == "two chairs"
        assert service.read(service.take("bob", "one table")) == "one table"


def test_another_region_reads_and_takes_orders_while_the_first_is_dark(
    cloud: Cloud, service: OrderService
) -> None:
    before = service.take("alice", "two chairs")
    with cloud.fault(f"power-off {HOME}"):
        cloud.advance(minutes=10)
        during = service.take("alice", "a lamp")
        assert (service.read(before), service.read(during)) == ("two chairs", "a lamp")
    cloud.advance(hours=4)  # a dark region's safe is opened, its HSMs are filled again
    assert service.read(during) == "a lamp"


def test_the_cache_carries_on_when_no_region_answers(
    cloud: Cloud, service: OrderService
) -> None:
    service.take("alice", "two chairs")
    with cloud.fault(f"power-off {HOME}"), cloud.fault(f"power-off {OTHER}"):
        service.take("alice", "a lamp")
        with pytest.raises(Unreadable, match=f"^{HOME}: .*; {OTHER}: "):
            service.take("bob", "one table")


def test_a_brown_out_is_felt_and_survived(cloud: Cloud, service: OrderService) -> None:
    with cloud.fault(f"brown-out {HOME}/use1-az2 with every=5s"):
        for number in range(1, 7):
            assert service.take(f"customer {number}", "a pen") == number
            cloud.advance(seconds=7)
    assert [service.read(number) for number in range(1, 7)] == ["a pen"] * 6


def test_our_promise_notices_a_key_that_serves_two_customers() -> None:
    with Cloud(promises=[OrdersApart]) as cloud:
        kms = cloud.boto3_client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        context = {"app": "orders", "customer": "alice"}
        made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
        blob = made["CiphertextBlob"]
        kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=blob, EncryptionContext=context | {"customer": "bob"})
        (verdict,) = cloud.check()
    assert (verdict.name, verdict.holds) == ("orders-apart", False)
    assert verdict.detail.endswith(" asks for a data key of alice on behalf of bob")
