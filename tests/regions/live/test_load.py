"""Many clients, greedy ones and rude ones: everybody else is served, and nothing is complained of."""

import json
import socket
import threading
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

from peer import Peer
from serving import PATIENCE_S, REGION, Running, serving

CLIENTS = 50
#: What takes longer hangs. Shorter than the server's own limits, which would end it unseen.
HANGS_S = 15
WORK_S = 2.0
ROOT = "arn:aws:iam::123456789012:root"


def is_well(server: Running) -> bool:
    """Say whether a new client is served, and the server has not complained."""
    peer = Peer(server)
    told = peer.call("kms", "GenerateRandom", NumberOfBytes=8)
    peer.close()
    return told.code == "" and server.process.poll() is None and server.complaints() == ""


def test_fifty_connections_at_once_are_answered_without_an_error(shared: Running) -> None:
    first = Peer(shared)
    key = first.call("kms", "CreateKey").body["KeyMetadata"]["KeyId"]
    first.close()
    end, codes = monotonic() + WORK_S, [set[str]() for _ in range(CLIENTS)]

    def work(number: int) -> None:
        peer = Peer(shared)
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
        thread.join(PATIENCE_S)
    assert codes == [{""}] * CLIENTS
    assert is_well(shared)


def test_clients_that_ask_and_never_read_do_not_stop_the_others(shared: Running) -> None:
    peer = Peer(shared)
    key = peer.call("kms", "CreateKey").body["KeyMetadata"]["KeyId"]
    everything = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    long = json.dumps({"Version": "2012-10-17", "Id": "x" * 30_000, "Statement": [everything]})
    wanted = {"KeyId": key, "PolicyName": "default"}
    assert peer.call("kms", "PutKeyPolicy", **wanted, Policy=long).code == ""
    # Six megabytes of answers for each of them: more than any socket's buffer takes.
    ask = peer.wire("kms", "GetKeyPolicy", **wanted) * 200
    peer.close()
    with ExitStack() as stack:
        for _ in range(5):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.connect(shared.address)
            deaf.sendall(ask)
        assert all(is_well(shared) for _ in range(20))
    assert is_well(shared)


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(shared: Running) -> None:
    connection = HTTPConnection(*shared.address, timeout=HANGS_S)
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(5 * 1024**4))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert is_well(shared)


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
