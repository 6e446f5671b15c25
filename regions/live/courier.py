"""Actor: carries messages of SNS out of a live world, to HTTP servers on this machine and to files.

A file gets one line of JSON for each message: what an HTTP server would have got as its body. It
is made if it is not there, readable by its owner only; nothing but a regular file is written to.
What does not belong here: who gets what (sns/), and trying again (service/post.py).
Source: SNS Developer Guide, "Sending to HTTP/HTTPS endpoints": 2xx means taken, within 15 seconds.
"""

import json
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

import h11
import trio

from regions.errors import ServiceError
from regions.sns.endpoints import address_of, file_of, is_file
from regions.sns.messages import Deliver, Delivered, DeliveryFailed
from sim.actor import Actor, Request
from sim.live import LiveWorld

TIMEOUT_S: Final = 15.0
_READ_BYTES: Final = 64 * 1024
#: Of an answer, whose body means nothing; chosen.
_ANSWER_MAX: Final = 1024 * 1024
_TAKEN: Final = range(200, 300)
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
#: No name is resolved: this one is where everybody expects it.
_LOCALHOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierConfig:
    """How a courier tells the world that time has gone by while it waited for a socket."""

    touch: Callable[[], None]


class Courier(Actor):
    """Carries each message once."""

    kind = "courier"
    workers: ClassVar[int] = 32  # chosen

    config: CourierConfig

    async def serve(self, request: Request) -> None:
        """Carry one message, and say how it went."""
        message: Deliver = request.body
        answer: Delivered | DeliveryFailed
        try:
            answer = Delivered(status=await carry(message))
        except DeliveryFailed as error:
            answer = error
        self.config.touch()
        request.reply(answer)


async def carry(message: Deliver) -> int:
    """Carry one message, and return the HTTP status of the answer; of a file 200.

    Raises:
      DeliveryFailed: nobody has taken it.
    """
    try:
        with trio.fail_after(TIMEOUT_S):
            if is_file(message.endpoint):
                await trio.to_thread.run_sync(_append, file_of(message.endpoint), message.body)
                return 200
            status = await _post(message)
    except trio.TooSlowError:
        raise DeliveryFailed(f"no answer within {TIMEOUT_S:g} s") from None
    except (OSError, trio.BrokenResourceError, h11.ProtocolError, ServiceError) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from error
    if status not in _TAKEN:
        raise DeliveryFailed(f"it answered with status {status}")
    return status


def _append(path: str, body: str) -> None:
    """Append one line of JSON to a file."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = body
    line = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no regular file")
        if os.write(descriptor, line) < len(line):
            raise OSError(f"{path}: no space left for a line")
    finally:
        os.close(descriptor)


async def _post(message: Deliver) -> int:
    host, port, target = address_of(message.endpoint)
    body = message.body.encode()
    headers = [
        ("host", message.endpoint.removeprefix("http://").partition("/")[0]),
        ("content-length", str(len(body))),
        ("connection", "close"),
        *((name, str(value)) for name, value in message.headers.items()),
    ]
    connection = h11.Connection(h11.CLIENT)
    address = _LOCALHOST if host == "localhost" else host
    async with await trio.open_tcp_stream(address, port) as stream:
        head = h11.Request(method="POST", target=target, headers=headers)
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            await stream.send_all(connection.send(event) or b"")
        return await _status(connection, stream)


async def _status(connection: h11.Connection, stream: trio.SocketStream) -> int:
    """Return the status of an answer, once its head is there."""
    taken = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await stream.receive_some(_READ_BYTES)
            taken += len(data)
            if taken > _ANSWER_MAX:
                raise DeliveryFailed(f"its answer has more than {_ANSWER_MAX} bytes")
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            return event.status_code
        elif isinstance(event, h11.ConnectionClosed):
            raise DeliveryFailed("it closed the connection without an answer")


def start_couriers(world: LiveWorld, regions: Iterable[str]) -> dict[str, str]:
    """Start a courier in each region, and return their names by region."""
    config = CourierConfig(touch=world.touch)
    return {region: world.start(Courier, config, name=f"{region}/courier") for region in regions}
