"""Custom key stores: their life, what each state refuses, and what cannot be had from them yet."""

from dataclasses import replace
from typing import Any

import pytest

from regions.errors import (
    LimitExceededException,
    ServiceError,
    UnsupportedOperationException,
    ValidationException,
)
from regions.kms.key_store import (
    ALLOWED,
    CONNECTING_NS,
    DISCONNECTING_NS,
    STORES_MAX,
    CloudHsmClusterInUseException,
    Connection,
    CustomKeyStoreInvalidStateException,
    CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException,
    IncorrectTrustAnchorException,
    StoreSettled,
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceInUseException,
)
from regions.kms.keyring import Keyring

ANCHOR = "-----BEGIN CERTIFICATE-----\nMIIBszCCARwCCQ==\n-----END CERTIFICATE-----\n"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f"


def cluster(number: int = 1, **more: Any) -> dict[str, Any]:
    given = {
        "CustomKeyStoreName": f"store-{number}",
        "CloudHsmClusterId": f"cluster-{'abcdefghij'[number % 10] * 11}",
        "KeyStorePassword": "correct-horse",
        "TrustAnchorCertificate": ANCHOR,
    }
    return {**given, **more}


def proxy(number: int = 1, **more: Any) -> dict[str, Any]:
    given = {
        "CustomKeyStoreName": f"proxy-{number}",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": f"https://xks{number}.example.com",
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDE234567EXAMPLE2X",
            "RawSecretAccessKey": "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=",
        },
    }
    return {**given, **more}


def private(number: int = 1, **more: Any) -> dict[str, Any]:
    service = {
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": SERVICE,
    }
    return {**proxy(number), **service, **more}


def create(desk: Any, given: dict[str, Any]) -> str:
    store_id: str = desk.call("CreateCustomKeyStore", **given)["CustomKeyStoreId"]
    return store_id


def shown(desk: Any, store_id: str) -> dict[str, Any]:
    [store] = desk.call("DescribeCustomKeyStores", CustomKeyStoreId=store_id)["CustomKeyStores"]
    seen: dict[str, Any] = store
    return seen


def state(desk: Any, store_id: str) -> str:
    return str(shown(desk, store_id)["ConnectionState"])


def bring(desk: Any, store_id: str, wanted: str) -> None:
    """Bring a fresh store into a state that the service brings it into."""
    if wanted != "DISCONNECTED":
        desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    if wanted == "FAILED":
        desk.run_jobs(CONNECTING_NS)
    if wanted == "DISCONNECTING":
        desk.call("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert state(desk, store_id) == wanted


def test_a_store_of_a_cluster_shows_what_it_was_given_but_its_password(desk: Any) -> None:
    store_id = create(desk, cluster())
    assert shown(desk, store_id) == {
        "CustomKeyStoreId": store_id,
        "CustomKeyStoreName": "store-1",
        "CloudHsmClusterId": "cluster-bbbbbbbbbbb",
        "TrustAnchorCertificate": ANCHOR,
        "ConnectionState": "DISCONNECTED",
        "CreationDate": desk.now_ns / 1e9,
        "CustomKeyStoreType": "AWS_CLOUDHSM",
    }
    assert store_id.startswith("cks-")
    assert len(store_id) == 21


def test_a_store_of_a_proxy_shows_what_it_was_given_but_its_secret(desk: Any) -> None:
    store_id = create(desk, private(XksProxyVpcEndpointServiceOwner="444455556666"))
    assert shown(desk, store_id) == {
        "CustomKeyStoreId": store_id,
        "CustomKeyStoreName": "proxy-1",
        "ConnectionState": "DISCONNECTED",
        "CreationDate": desk.now_ns / 1e9,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConfiguration": {
            "Connectivity": "VPC_ENDPOINT_SERVICE",
            "AccessKeyId": "ABCDE234567EXAMPLE2X",
            "UriEndpoint": "https://xks1.example.com",
            "UriPath": "/kms/xks/v1",
            "VpcEndpointServiceName": SERVICE,
            "VpcEndpointServiceOwner": "444455556666",
        },
    }


def test_secrets_of_a_store_are_in_no_log_entry_and_no_record(desk: Any) -> None:
    create(desk, cluster())
    create(desk, proxy())
    kept = b"".join(desk.frames) + repr(desk.records).encode()
    assert b"correct-horse" not in kept
    assert b"DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H" not in kept


@pytest.mark.parametrize(
    ("given", "code"),
    [(cluster(), "CLUSTER_NOT_FOUND"), (proxy(), "XKS_PROXY_NOT_REACHABLE")],
    ids=["cluster", "proxy"],
)
def test_connecting_fails_as_there_is_nothing_to_connect_to(
    desk: Any, given: dict[str, Any], code: str
) -> None:
    store_id = create(desk, given)
    assert desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id) == {}
    desk.run_jobs(CONNECTING_NS - 1)
    assert state(desk, store_id) == "CONNECTING"
    desk.run_jobs(1)
    seen = shown(desk, store_id)
    assert (seen["ConnectionState"], seen["ConnectionErrorCode"]) == ("FAILED", code)
    desk.call("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert state(desk, store_id) == "DISCONNECTING"
    desk.run_jobs(DISCONNECTING_NS)
    assert "ConnectionErrorCode" not in shown(desk, store_id)
    desk.call("DeleteCustomKeyStore", CustomKeyStoreId=store_id)
    assert desk.call("DescribeCustomKeyStores") == {"CustomKeyStores": (), "Truncated": False}
    assert desk.keyring.digest() == desk.twin.digest()


@pytest.mark.parametrize("reached", ["DISCONNECTED", "CONNECTING", "FAILED", "DISCONNECTING"])
@pytest.mark.parametrize("action", sorted(ALLOWED))
def test_a_state_that_forbids_an_action_is_named(desk: Any, action: str, reached: str) -> None:
    store_id = create(desk, cluster())
    bring(desk, store_id, reached)
    more: dict[str, Any] = {
        "UpdateCustomKeyStore": {"NewCustomKeyStoreName": "other"},
        "CreateKey": {"Origin": "AWS_CLOUDHSM"},
        "GenerateRandom": {"NumberOfBytes": 8},
    }.get(action, {})
    answer = desk.outcome(action, CustomKeyStoreId=store_id, **more).answer
    if Connection(reached) in ALLOWED[action]:
        assert not isinstance(answer, ServiceError)
    else:
        assert isinstance(answer, CustomKeyStoreInvalidStateException)
        assert answer.message == (
            f"Custom key store {store_id} is {reached}:"
            f" {action} requires {' or '.join(ALLOWED[action])}."
        )


def test_a_store_that_connects_goes_on_when_told_to_again(desk: Any) -> None:
    store_id = create(desk, cluster())
    desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    desk.run_jobs(CONNECTING_NS // 2)
    desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    desk.run_jobs(CONNECTING_NS // 2)
    assert state(desk, store_id) == "FAILED"


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("ConnectCustomKeyStore", {}),
        ("CreateKey", {"Origin": "AWS_CLOUDHSM"}),
        ("DeleteCustomKeyStore", {}),
        ("DescribeCustomKeyStores", {}),
        ("DisconnectCustomKeyStore", {}),
        ("GenerateRandom", {"NumberOfBytes": 8}),
        ("UpdateCustomKeyStore", {"KeyStorePassword": "another-one"}),
    ],
)
def test_a_store_of_another_account_is_not_found(
    desk: Any, kit: Any, action: str, more: dict[str, Any]
) -> None:
    store_id = create(desk, cluster())
    stranger = kit.user(account="444455556666")
    with pytest.raises(CustomKeyStoreNotFoundException) as caught:
        desk.call(action, stranger, CustomKeyStoreId=store_id, **more)
    assert caught.value.message == f"Custom key store {store_id} does not exist."


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (cluster(1), cluster(2, CustomKeyStoreName="store-1"), CustomKeyStoreNameInUseException),
        (cluster(1), cluster(11), CloudHsmClusterInUseException),
        (proxy(1), proxy(1, CustomKeyStoreName="b"), XksProxyUriInUseException),
        (
            proxy(1),
            private(1, CustomKeyStoreName="b", XksProxyUriPath="/b/kms/xks/v1"),
            XksProxyUriEndpointInUseException,
        ),
        (private(1), private(2), XksProxyVpcEndpointServiceInUseException),
        (
            cluster(1),
            cluster(2, TrustAnchorCertificate="-----BEGIN RSA PRIVATE KEY-----"),
            IncorrectTrustAnchorException,
        ),
    ],
    ids=["name", "cluster", "uri", "endpoint", "service", "anchor"],
)
def test_what_another_store_has_is_refused_also_when_it_is_updated(
    desk: Any, first: dict[str, Any], second: dict[str, Any], error: type[ServiceError]
) -> None:
    create(desk, first)
    with pytest.raises(error):
        desk.call("CreateCustomKeyStore", **second)
    if error is IncorrectTrustAnchorException:
        return
    harmless = cluster(5) if "CloudHsmClusterId" in second else proxy(5)
    store_id = create(desk, harmless)
    update = {name: value for name, value in second.items() if name != "CustomKeyStoreType"}
    update.pop("TrustAnchorCertificate", None)
    update["NewCustomKeyStoreName"] = update.pop("CustomKeyStoreName")
    with pytest.raises(error):
        desk.call("UpdateCustomKeyStore", CustomKeyStoreId=store_id, **update)


def test_two_public_proxies_may_share_a_host(desk: Any) -> None:
    create(desk, proxy(1))
    create(desk, proxy(1, CustomKeyStoreName="b", XksProxyUriPath="/b/kms/xks/v1"))
    assert len(desk.call("DescribeCustomKeyStores")["CustomKeyStores"]) == 2


def test_an_update_changes_what_it_names_alone(desk: Any) -> None:
    store_id = create(desk, private(1))
    before = shown(desk, store_id)
    desk.call(
        "UpdateCustomKeyStore",
        CustomKeyStoreId=store_id,
        NewCustomKeyStoreName="moved",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
    )
    configuration = dict(before["XksProxyConfiguration"], Connectivity="PUBLIC_ENDPOINT")
    del configuration["VpcEndpointServiceName"]
    assert shown(desk, store_id) == {
        **before,
        "CustomKeyStoreName": "moved",
        "XksProxyConfiguration": configuration,
    }


@pytest.mark.parametrize(
    ("action", "given", "text"),
    [
        (
            "CreateCustomKeyStore",
            {"CustomKeyStoreName": "a"},
            "CloudHsmClusterId is required for a key store of type AWS_CLOUDHSM.",
        ),
        (
            "CreateCustomKeyStore",
            cluster(XksProxyUriPath="/kms/xks/v1"),
            "XksProxyUriPath is not valid for a key store of type AWS_CLOUDHSM.",
        ),
        (
            "CreateCustomKeyStore",
            proxy(CloudHsmClusterId="cluster-aaaaaaaaaaa"),
            "CloudHsmClusterId is not valid for a key store of type EXTERNAL_KEY_STORE.",
        ),
        (
            "CreateCustomKeyStore",
            proxy(XksProxyConnectivity="VPC_ENDPOINT_SERVICE"),
            "XksProxyVpcEndpointServiceName is required for VPC_ENDPOINT_SERVICE.",
        ),
        (
            "CreateCustomKeyStore",
            proxy(XksProxyVpcEndpointServiceName=SERVICE),
            "XksProxyVpcEndpointServiceName is not valid for PUBLIC_ENDPOINT.",
        ),
        (
            "UpdateCustomKeyStore",
            {"CustomKeyStoreId": "cks-1"},
            "You must specify at least one property to update.",
        ),
        (
            "DescribeCustomKeyStores",
            {"CustomKeyStoreId": "cks-1", "CustomKeyStoreName": "a"},
            "You cannot specify both CustomKeyStoreId and CustomKeyStoreName.",
        ),
        (
            "CreateKey",
            {"Origin": "AWS_CLOUDHSM"},
            "Origin AWS_CLOUDHSM requires a CustomKeyStoreId.",
        ),
        (
            "CreateKey",
            {"CustomKeyStoreId": "cks-1"},
            "CustomKeyStoreId is not valid for Origin AWS_KMS.",
        ),
        (
            "CreateKey",
            {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1"},
            "Origin EXTERNAL_KEY_STORE requires an XksKeyId.",
        ),
        ("CreateKey", {"XksKeyId": "k"}, "Origin AWS_KMS takes no XksKeyId."),
    ],
)
def test_members_that_do_not_belong_together_are_refused(
    desk: Any, action: str, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        desk.call(action, **given)
    assert caught.value.message == text


def test_a_store_of_the_other_kind_is_refused(desk: Any) -> None:
    store_id = create(desk, proxy())
    for action, more in (
        ("GenerateRandom", {"NumberOfBytes": 8}),
        ("CreateKey", {"Origin": "AWS_CLOUDHSM"}),
    ):
        with pytest.raises(UnsupportedOperationException) as caught:
            desk.call(action, CustomKeyStoreId=store_id, **more)
        assert caught.value.message == (
            f"{action} is not supported in custom key store {store_id}: its type is"
            " EXTERNAL_KEY_STORE, and AWS_CLOUDHSM is needed."
        )


def test_the_eleventh_store_of_an_account_is_refused(desk: Any, kit: Any) -> None:
    for number in range(STORES_MAX):
        create(desk, cluster(number))
    with pytest.raises(LimitExceededException) as caught:
        create(desk, proxy())
    assert caught.value.message == f"The account {kit.account} has 10 custom key stores already."
    desk.call("CreateCustomKeyStore", kit.user(account="444455556666"), **proxy())


def test_stores_are_listed_by_page_and_by_name(desk: Any) -> None:
    ids = [create(desk, cluster(number)) for number in range(5)]
    listed, page = [], desk.call("DescribeCustomKeyStores", Limit=2)
    while True:
        listed += [store["CustomKeyStoreId"] for store in page["CustomKeyStores"]]
        if not page["Truncated"]:
            break
        page = desk.call("DescribeCustomKeyStores", Limit=2, Marker=page["NextMarker"])
    assert listed == ids
    named = desk.call("DescribeCustomKeyStores", CustomKeyStoreName="store-3")
    assert [store["CustomKeyStoreId"] for store in named["CustomKeyStores"]] == [ids[3]]
    assert desk.answer_code("DescribeCustomKeyStores", Marker="?") == "InvalidMarkerException"
    gone = page["CustomKeyStores"][0]["CustomKeyStoreId"]
    assert gone == ids[4]


def test_a_restored_replica_settles_its_stores_too(desk: Any) -> None:
    store_id = create(desk, cluster())
    desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    copy = Keyring(desk.region)
    copy.restore(desk.keyring.snapshot())
    assert copy.digest() == desk.keyring.digest()
    assert copy.stores.next_settling() == (desk.now_ns + CONNECTING_NS, store_id)


def test_two_leaders_settle_a_store_once_and_not_too_early(desk: Any) -> None:
    store_id = create(desk, cluster())
    desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    early = StoreSettled(store_id=store_id, time_ns=desk.now_ns)
    assert desk.keyring.stores.settled(early) is None
    due = replace(early, time_ns=desk.now_ns + CONNECTING_NS)
    settled = desk.keyring.stores.settled(due)
    assert settled is not None
    assert settled.connection == "FAILED"
    assert desk.keyring.stores.settled(due) is None


def test_the_record_of_a_store_s_action_names_the_store_and_its_cluster(desk: Any) -> None:
    store_id = create(desk, cluster())
    desk.call("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    made, connected = desk.records
    assert (made.request_parameters, made.response_elements) == (
        {"customKeyStoreName": "store-1", "clusterId": "cluster-bbbbbbbbbbb"},
        {"customKeyStoreId": store_id},
    )
    assert (connected.request_parameters, connected.additional) == (
        {"customKeyStoreId": store_id},
        {"customKeyStoreName": "store-1", "clusterId": "cluster-bbbbbbbbbbb"},
    )
