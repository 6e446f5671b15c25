"""Where messages may go: servers on this machine, and files of JSON lines."""

import pytest

from regions.errors import ServiceError
from regions.sns.endpoints import address_of, check_endpoint, file_of

HERE = "; expected a server on this machine"


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://127.0.0.1:8080/a/b?c=d", ("127.0.0.1", 8080, "/a/b?c=d")),
        ("http://127.9.9.9", ("127.9.9.9", 80, "/")),
        ("http://localhost/x#y", ("localhost", 80, "/x")),
        ("http://[::1]:81/", ("::1", 81, "/")),
    ],
)
def test_a_server_on_this_machine_is_one_by_its_address(
    endpoint: str, address: tuple[str, int, str]
) -> None:
    check_endpoint("http", endpoint)
    assert address_of(endpoint) == address


@pytest.mark.parametrize(
    ("protocol", "endpoint", "refused"),
    [
        ("http", "http://10.0.0.1/", f"UnsupportedOperationException: endpoint http://10.0.0.1/ is not modelled{HERE}"),
        ("http", "http://localhost.example.com/", f"UnsupportedOperationException: endpoint http://localhost.example.com/ is not modelled{HERE}"),
        ("http", "http://127.0.0.1@example.com/", "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "https://127.0.0.1/", "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "http://127.0.0.1:port/", "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "http://127.0.0.1/a\r\nb", "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"),
        ("http", "", "InvalidParameter: Invalid parameter: Endpoint must match the specified protocol"),
        ("pigeon", "x", "InvalidParameter: Invalid parameter: Does not support this protocol string: pigeon"),
        ("http", "file:///etc/passwd", "InvalidParameter: Invalid parameter: Endpoint file:///etc/passwd: expected a name that ends in .jsonl"),
        ("http", "file:///tmp/.jsonl", "InvalidParameter: Invalid parameter: Endpoint file:///tmp/.jsonl: expected a name that ends in .jsonl"),
        ("http", "file:///a/../b.jsonl", "InvalidParameter: Invalid parameter: Endpoint file:///a/../b.jsonl: expected file:///ABSOLUTE/PATH.jsonl"),
        ("http", "file:///a/%2e%2e/b.jsonl", "InvalidParameter: Invalid parameter: Endpoint file:///a/%2e%2e/b.jsonl: expected file:///ABSOLUTE/PATH.jsonl"),
        ("http", "file://host/b.jsonl", "InvalidParameter: Invalid parameter: Endpoint file://host/b.jsonl: expected file:///ABSOLUTE/PATH.jsonl"),
        ("http", "file:b.jsonl", "InvalidParameter: Invalid parameter: Endpoint file:b.jsonl: expected file:///ABSOLUTE/PATH.jsonl"),
    ],
)  # fmt: skip
def test_everything_else_is_refused(protocol: str, endpoint: str, refused: str) -> None:
    with pytest.raises(ServiceError) as error:
        check_endpoint(protocol, endpoint)
    assert str(error.value) == refused


def test_a_file_is_named_by_its_path() -> None:
    assert file_of("file:///tmp/a%20b/mail.jsonl") == "/tmp/a b/mail.jsonl"
