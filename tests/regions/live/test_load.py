"""Many clients, greedy ones and rude ones: everybody else is served, and nothing is complained of."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

import pytest
from peer import Peer
from serving import REGION, Running, serving
from wire_peer import http_request

CLIENTS = 50
WORK_S = 2.0
ROOT = "arn:aws:iam::123456789012:root"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("load") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as running:
        yield running


def is_well(server: Running) -> bool:
    """Say whether a new client is served, and the server has not complained."""
    peer = Peer(server)
    told = peer.call("kms", "GenerateRandom", NumberOfBytes=8)
    peer.close()
    return told.code == "" and server.process.poll() is None and server.complaints() == ""


def test_fifty_connections_at_once_are_answered_without_an_error(server: Running) -> None:
    first = Peer(server)
    key = first.call("kms", "CreateKey").body["KeyMetadata"]["KeyId"]
    first.close()
    end, codes = monotonic() + WORK_S, [set[str]() for _ in range(CLIENTS)]

    def work(number: int) -> None:
        peer = Peer(server)
        while monotonic() < end:
            text = b"%d" % number
            sealed = peer.call("kms", "Encrypt", KeyId=key, Plaintext=text)
            opened = peer.call("kms", "Decrypt", CiphertextBlob=sealed.body["CiphertextBlob"])
            assert opened.body["Plaintext"] == text
            codes[number] |= {sealed.code, opened.code}
        peer.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert codes == [{""}] * CLIENTS
    assert is_well(server)


def wire(peer: Peer, server: Running, action: str, **parameters: object) -> bytes:
    """Return a signed request of KMS as it goes over the wire."""
    request = peer.signed("kms", http_request("kms", action, parameters))
    fields = [f"{name}: {value}\r\n" for name, value in request.headers]
    fields += [
        "host: {}:{}\r\n".format(*server.address),
        f"content-length: {len(request.body)}\r\n",
    ]
    return f"POST / HTTP/1.1\r\n{''.join(fields)}\r\n".encode() + request.body


def test_clients_that_ask_and_never_read_do_not_stop_the_others(server: Running) -> None:
    peer = Peer(server)
    key = peer.call("kms", "CreateKey").body["KeyMetadata"]["KeyId"]
    everything = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    long = json.dumps({"Version": "2012-10-17", "Id": "x" * 30_000, "Statement": [everything]})
    wanted = {"KeyId": key, "PolicyName": "default"}
    assert peer.call("kms", "PutKeyPolicy", **wanted, Policy=long).code == ""
    # Six megabytes of answers for each of them: more than any socket's buffer takes.
    ask = wire(peer, server, "GetKeyPolicy", **wanted) * 200
    peer.close()
    with ExitStack() as stack:
        for _ in range(5):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.connect(server.address)
            deaf.sendall(ask)
        assert all(is_well(server) for _ in range(20))
    assert is_well(server)


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server: Running) -> None:
    connection = HTTPConnection(*server.address, timeout=10)
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(5 * 1024**4))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert is_well(server)


def test_a_flood_of_connections_leaves_the_disks_what_they_need(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION, auth="sigv4", files_max=192) as server:
        early = Peer(server)
        assert early.call("kms", "CreateKey").code == ""
        with ExitStack() as stack:
            for _ in range(400):
                flood = stack.enter_context(socket.socket())
                flood.setblocking(False)
                flood.connect_ex(server.address)
            for number in range(20):
                assert early.call("iam", "CreateUser", UserName=f"user-{number}").code == ""
                assert early.call("kms", "CreateKey").code == ""
        early.close()
        assert is_well(server)
