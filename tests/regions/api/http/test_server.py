"""HTTP/1.1 on Trio: keep-alive, pipelining, limits on size and time, and an end that drains."""

import http.client
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress

import pytest
import trio

from regions.api.http.server import HttpServer, Limits
from regions.api.http_values import HttpAnswer, HttpRequest

#: What takes longer hangs. Shorter than the server's own limits, which would end it unseen.
PATIENCE_S = 15

Handler = Callable[[HttpRequest], Awaitable[HttpAnswer]]


async def echo(request: HttpRequest) -> HttpAnswer:
    text = f"{request.method} {request.target} {len(request.body)}".encode()
    return HttpAnswer(200, (("x-from", request.source_ip),), text)


@asynccontextmanager
async def serving(
    handler: Handler = echo, limits: Limits | None = None
) -> AsyncIterator[tuple[HttpServer, int]]:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    server = HttpServer(handler, limits)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.serve, listeners)
        yield server, listeners[0].socket.getsockname()[1]
        server.stop()


async def exchange(port: int, data: bytes, *, end: bool = True) -> bytes:
    """Send bytes and return all that comes back until the server hangs up."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(data)
        if end:
            await stream.send_eof()
        with trio.fail_after(PATIENCE_S):
            return b"".join([part async for part in stream])


def texts(answers: bytes) -> list[str]:
    """Return the bodies of answers that stand one behind the other."""
    found = []
    while answers:
        head, _, rest = answers.partition(b"\r\n\r\n")
        lengths = [x for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")]
        size = int(lengths[0].partition(b":")[2])
        found.append(rest[:size].decode())
        answers = rest[size:]
    return found


async def test_requests_of_one_connection_are_answered_in_order() -> None:
    data = b"".join(
        b"POST /%d HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi" % i for i in range(5)
    )
    async with serving() as (server, port):
        assert texts(await exchange(port, data)) == [f"POST /{i} 2" for i in range(5)]
        assert (server.counters.accepted, server.counters.requests) == (1, 5)


async def test_a_body_in_chunks_arrives_whole() -> None:
    data = (
        b"PUT /b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    )
    async with serving() as (_, port):
        assert texts(await exchange(port, data)) == ["PUT /b 11"]


async def test_a_client_that_asks_whether_to_go_on_is_told_to() -> None:
    def client(port: int) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        with closing(connection):
            return talk(connection)

    def talk(connection: http.client.HTTPConnection) -> tuple[int, bytes]:
        connection.putrequest("PUT", "/b")
        connection.putheader("Content-Length", "3")
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        assert connection.sock.recv(25).startswith(b"HTTP/1.1 100")
        connection.send(b"abc")
        answer = connection.getresponse()
        return answer.status, answer.read()

    async with serving() as (_, port):
        assert await trio.to_thread.run_sync(client, port) == (200, b"PUT /b 3")


async def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    async with serving() as (_, port):
        answer = await exchange(port, b"HEAD /key HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"content-length: 11\r\n" in answer.lower()
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x00\x01\x02\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-big: " + b"a" * 5_000, b"431 Request Header Fields"),
        (b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n", b"413 Request Entity"),
        (
            b"PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            + (b"400\r\n" + b"a" * 1024 + b"\r\n") * 5,
            b"413 Request Entity",
        ),
        (b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n", b"400 Bad Request"),
    ],
    ids=["no-http", "no-host", "head-too-large", "length-too-large", "chunks-too-large", "length"],
)
async def test_what_nobody_could_serve_is_refused_and_hung_up(data: bytes, status: bytes) -> None:
    limits = Limits(head_bytes=4_096, body_bytes=4_096)
    async with serving(limits=limits) as (server, port):
        answer = await exchange(port, data, end=False)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert server.counters.refused == 1


async def test_a_client_that_is_slow_with_its_head_or_body_loses_its_connection() -> None:
    limits = Limits(head_s=0.05, body_s=0.05)
    async with serving(limits=limits) as (_, port):
        head = await exchange(port, b"GET / HTTP/1.1\r\nhost:", end=False)
        assert head.startswith(b"HTTP/1.1 408 Request Timeout")
        body = await exchange(
            port, b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc", end=False
        )
        assert body.startswith(b"HTTP/1.1 408 Request Timeout")


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with serving(limits=Limits(idle_s=0.05)) as (_, port):
        assert await exchange(port, b"", end=False) == b""


async def test_connections_beyond_the_limit_are_told_that_there_is_no_room() -> None:
    async with serving(limits=Limits(connections=1)) as (_, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as first:
            await first.send_all(b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await first.receive_some(9)) == b"HTTP/1.1 "
            second = await exchange(port, b"GET /2 HTTP/1.1\r\nhost: x\r\n\r\n")
        assert second.startswith(b"HTTP/1.1 503 Service Unavailable")


async def test_a_server_that_stops_answers_what_is_under_way_and_closes_what_is_idle() -> None:
    begun, go = trio.Event(), trio.Event()

    async def slow(request: HttpRequest) -> HttpAnswer:
        begun.set()
        await go.wait()
        return await echo(request)

    async with serving(slow) as (server, port):
        idle = await trio.open_tcp_stream("127.0.0.1", port)
        busy = await trio.open_tcp_stream("127.0.0.1", port)
        async with idle, busy:
            await busy.send_all(b"GET /last HTTP/1.1\r\nhost: x\r\n\r\n")
            await begun.wait()
            server.stop()
            with trio.fail_after(PATIENCE_S):
                assert await idle.receive_some(1) == b""
                go.set()
                answer = b"".join([part async for part in busy])
    assert texts(answer) == ["GET /last 0"]
    assert b"connection: close" in answer.lower()


async def test_a_client_that_never_reads_is_left_behind_and_nobody_else_notices() -> None:
    async def large(_request: HttpRequest) -> HttpAnswer:
        return HttpAnswer(200, (), bytes(32 * 1024 * 1024))

    async with serving(large, Limits(send_s=0.05)) as (server, port):
        deaf = await trio.open_tcp_stream("127.0.0.1", port)
        async with deaf:
            await deaf.send_all(b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\n")
            with trio.fail_after(PATIENCE_S):
                while server.counters.accepted == 0 or server.counters.connections:
                    await trio.lowlevel.checkpoint()
        assert (await exchange(port, b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n")).startswith(
            b"HTTP/1.1 200 OK"
        )


async def test_a_head_that_comes_byte_by_byte_must_end_in_time_too() -> None:
    async with serving(limits=Limits(head_s=0.3)) as (_, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            answer = b""
            with trio.fail_after(PATIENCE_S), suppress(trio.BrokenResourceError):
                await stream.send_all(b"GET / HTTP/1.1\r\nx: ")
                while not answer:
                    with trio.move_on_after(0.05):
                        answer = await stream.receive_some()
                    await stream.send_all(b"a")
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout")


async def test_clients_that_reset_their_connection_at_once_harm_nobody() -> None:
    async with serving() as (_, port):
        for data in (b"", b"GET", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n") * 20:
            with socket.create_connection(("127.0.0.1", port)) as rude:
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                rude.sendall(data)
        assert texts(await exchange(port, b"GET /on HTTP/1.1\r\nhost: x\r\n\r\n")) == ["GET /on 0"]
