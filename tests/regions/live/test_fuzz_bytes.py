"""No bytes, however they come, get a 500, a hang or a traceback out of the server.

Method: bytes by hand and drawn ones, from pieces that HTTP gives a meaning, sent to a real server
over real sockets; each must be answered or hung up on, and the server must go on serving.
"""

import re
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer import Peer
from serving import Running

#: The server's own limit of a head.
HEAD_BYTES = 64 * 1024
#: What takes longer hangs. Shorter than the server's own limits, which would end it unseen.
HANGS_S = 15
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.fixture
def peer(shared: Running) -> Iterator[Peer]:
    """A client that must still be served after the test, by a server that has not complained."""
    made = Peer(shared)
    assert made.call("kms", "ListKeys").code == ""
    yield made
    assert made.call("kms", "ListKeys").code == ""
    made.close()
    assert (shared.process.poll(), shared.complaints()) == (None, "")


def exchange(shared: Running, data: bytes, *, ends: bool = True) -> bytes:
    """Send bytes and return all that comes back until the server hangs up."""
    with socket.create_connection(shared.address, timeout=HANGS_S) as sock:
        got = []
        try:
            sock.sendall(data)
            if ends:
                sock.shutdown(socket.SHUT_WR)
            while part := sock.recv(65536):
                got.append(part)
        except ConnectionError:
            pass  # Hung up on in the middle of what it had not read.
    return b"".join(got)


def statuses(data: bytes) -> list[int]:
    return [int(found) for found in STATUS.findall(data)]


def list_keys(peer: Peer) -> bytes:
    return peer.wire("kms", "ListKeys", Limit=1)


def test_a_request_may_be_cut_anywhere(shared: Running, peer: Peer) -> None:
    whole = list_keys(peer)
    with socket.create_connection(shared.address, timeout=HANGS_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(1, len(whole)):
            sock.sendall(whole[:at])
            sock.sendall(whole[at:])
            answer = b""
            while b'"Truncated"' not in answer:
                part = sock.recv(65536)
                assert part, f"hung up at {at}: {answer!r}"
                answer += part
            assert statuses(answer) == [200]


def test_a_request_that_stops_anywhere_is_no_request(shared: Running, peer: Peer) -> None:
    whole = list_keys(peer)
    for at in range(0, len(whole), 7):
        assert set(statuses(exchange(shared, whole[:at]))) <= {400}


def test_a_request_that_comes_byte_by_byte_is_answered(shared: Running, peer: Peer) -> None:
    whole = list_keys(peer)
    with socket.create_connection(shared.address, timeout=HANGS_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in whole:
            sock.sendall(bytes([byte]))
        assert statuses(sock.recv(65536)) == [200]


HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


#: What it is -> bytes, and the statuses of the answers.
NO_REQUESTS = {
    "nothing": (b"", []),
    "empty lines": (b"\r\n\r\n\r\n", [400]),
    "HTTP/0.9": (b"GET /\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), [400]),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n", [400]),
    "NUL in a header": (HEAD + b"x: \0\r\n\r\n", [400]),
    "high bytes in the target": (b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", [400]),
    "a space in a name": (HEAD + b"x y: 1\r\n\r\n", [400]),
    "two lengths": (HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", [400]),
    "a negative length": (HEAD + b"content-length: -1\r\n\r\n", [400]),
    "a length with a sign": (HEAD + b"content-length: +1\r\n\r\na", [400]),
    "a length in hexadecimal": (HEAD + b"content-length: 0x1\r\n\r\na", [400]),
    "an endless length": (HEAD + b"content-length: " + b"9" * 5000 + b"\r\n\r\na", [400]),
    "a length that is too large": (HEAD + b"content-length: 999999999999\r\n\r\na", [413]),
    "less than its length": (HEAD + b"content-length: 9\r\n\r\nab", [400]),
    "a bad chunk size": (CHUNKED + b"xyz\r\n", [400]),
    "a negative chunk": (CHUNKED + b"-1\r\na\r\n0\r\n\r\n", [400]),
    "an endless chunk size": (CHUNKED + b"F" * 5000 + b"\r\n", [400]),
    "a huge chunk that does not come": (CHUNKED + b"FFFFFFFFFFFFFFFF\r\nab", [400]),
    "a chunk without its end": (CHUNKED + b"1\r\nab0\r\n\r\n", [400]),
    "chunks without an end": (CHUNKED + b"1\r\na\r\n", [400]),
    "an unknown coding": (HEAD + b"transfer-encoding: gzip\r\n\r\n", [501]),
    "a huge target": (b"GET /" + b"a" * 2 * HEAD_BYTES + b" HTTP/1.1\r\nhost: x\r\n\r\n", [431]),
    "a huge header": (HEAD + b"x: " + b"a" * 2 * HEAD_BYTES + b"\r\n\r\n", [431]),
    "a million headers": (HEAD + b"x: a\r\n" * 100_000 + b"\r\n", [431]),
}


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize("name", NO_REQUESTS)
def test_what_is_no_request_is_refused(shared: Running, name: str) -> None:
    data, expected = NO_REQUESTS[name]
    assert statuses(exchange(shared, data)) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",
        HEAD + b"x: 1\r\n 2\r\n\r\n",
        HEAD + b"upgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http://x/y HTTP/1.0\r\n\r\n",
    ],
)
@pytest.mark.usefixtures("peer")
def test_a_strange_request_is_refused_by_its_service(shared: Running, data: bytes) -> None:
    (status,) = statuses(exchange(shared, data))
    assert 400 <= status < 500 or status == 501


def test_what_follows_a_good_request_does_not_spoil_its_answer(shared: Running, peer: Peer) -> None:
    good = list_keys(peer)
    assert statuses(exchange(shared, good + good + b"\0garbage\r\n\r\n" + good)) == [200, 200, 400]


PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            *(
                b"GET / HTTP/1.1\r\n",
                b"POST / HTTP/1.1\r\n",
                b"HEAD /b/k HTTP/1.0\r\n",
                b"PUT ",
                b" ",
            ),
            *(
                b"host: x\r\n",
                b"content-length: 3\r\n",
                b"content-length: 0\r\n",
                b"\r\n",
                b"\n",
                b"\r",
            ),
            *(
                b"transfer-encoding: chunked\r\n",
                b"expect: 100-continue\r\n",
                b"connection: close\r\n",
            ),
            *(b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n", b"3;a=b\r\n", b"abc", b"-1\r\n"),
            *(b"x-amz-target: TrentService.ListKeys\r\n", b"content-encoding: aws-chunked\r\n"),
            *(b"content-type: application/x-amz-json-1.1\r\n", b"x-amz-date: 20200101T000000Z\r\n"),
            *(b"content-type: application/x-www-form-urlencoded\r\n", b"Action=GetUser&Version=1"),
            b"authorization: AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/kms/aws4_request\r\n",
            *(
                b"authorization: AWS4-HMAC-SHA256 Credential=////\r\n",
                b"authorization: Basic a\r\n",
            ),
            *(
                b"GET /?X-Amz-Credential=a%2Fb%2Fc%2Fs3%2Fe&X-Amz-Signature=%FF HTTP/1.1\r\n",
                b":" * 9,
            ),
            *(b"GET /?%zz=%&&&=%00 HTTP/1.1\r\n", b"host: ..s3..amazonaws.com\r\n", b"a" * 70_000),
            *(b"x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n", b"\x80: \xff\r\n"),
        ]
    ),
)


@pytest.mark.usefixtures("peer")
def test_no_bytes_break_the_server(shared: Running) -> None:
    @given(st.lists(PIECES, max_size=12).map(b"".join), st.booleans())
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    def strike(data: bytes, begins_well: bool) -> None:
        head = b"POST / HTTP/1.1\r\nhost: x\r\n" if begins_well else b""
        assert all(
            status < 500 or status in {501, 505}
            for status in statuses(exchange(shared, head + data))
        )

    strike()
