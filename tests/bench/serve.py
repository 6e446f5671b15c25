"""Requests per second of a running server over the real wire, beside moto's server and a bare echo.

Ours is `nines serve` as a user starts it: signatures verified, policies, HSM crypto, linearizable
reads, an audit record flushed in two AZs before each answer (`always`) or within 5 ms (`batch`).
The raw client sends requests that were signed once, over keep-alive connections without
pipelining, so that it costs next to nothing; boto3 is what most users have. The limit is an echo
of a few lines on h11 and Trio; under all of them lies the drive, whose own sync is printed too.

    python tests/bench/serve.py [--json] [--quick] [--folder DIR]
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
PLAINTEXT = b"4111 1111 1111 1111, 12/29"
#: Peers' and our own action names -> their parameters as JSON, made once there is a key.
ACTIONS = ("Encrypt", "Decrypt", "GenerateDataKey")
KEYS_MADE = 10_000

ECHO = """
import sys, h11, trio
async def each(stream):
    http = h11.Connection(h11.SERVER)
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            data = await stream.receive_some(65536)
            if not data: return
            http.receive_data(data)
        elif isinstance(event, h11.EndOfMessage):
            body = b"x" * 300
            head = http.send(h11.Response(status_code=200, headers=[("content-length", "300")]))
            await stream.send_all(head + http.send(h11.Data(data=body)) + http.send(h11.EndOfMessage()))
            http.start_next_cycle()
        elif isinstance(event, h11.ConnectionClosed): return
async def main():
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(each, listeners)
trio.run(main)
"""
MOTO = """
import sys, logging
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "NINES_"))}
    return kept | {"PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start a server and yield it with the lines that it prints first."""
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = []
        while line := process.stdout.readline():
            lines.append(line.strip())
            if len(lines) == (5 if "scenarios" in words else 1):
                break
        yield process, lines
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def ours(data: Path, fsync: str) -> Iterator[tuple[subprocess.Popen[str], "Peer"]]:
    words = ("-m", "scenarios", "serve", "--data", str(data), "--port", "0", "--fsync", fsync)
    with started(*words, "--regions", REGION) as (process, lines):
        exports = dict(
            line.removeprefix("export ").split("=", 1) for line in lines if "export" in line
        )
        peer = Peer(
            exports["AWS_ENDPOINT_URL"],
            exports["AWS_ACCESS_KEY_ID"],
            exports["AWS_SECRET_ACCESS_KEY"],
        )
        yield process, peer


class Peer:
    """One server and what is sent to it."""

    def __init__(self, url: str, key_id: str = "AKIAIOSFODNN7EXAMPLE", secret: str = "s") -> None:
        self.url, self.host = url, url.removeprefix("http://")
        self.credentials = Credentials(key_id, secret)
        self.requests: dict[str, bytes] = {}

    def client(self, threads: int = 1) -> Any:
        return boto3.client(
            "kms", region_name=REGION, endpoint_url=self.url,
            aws_access_key_id=self.credentials.access_key,
            aws_secret_access_key=self.credentials.secret_key,
            config=Config(max_pool_connections=max(10, threads)),
        )  # fmt: skip

    def prepare(self) -> None:
        """Make a key and sign one request of each action."""
        kms = self.client()
        self.key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        self.blob = kms.encrypt(KeyId=self.key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
        self.calls = {
            "Encrypt": {"KeyId": self.key_id, "Plaintext": PLAINTEXT},
            "Decrypt": {"CiphertextBlob": self.blob},
            "GenerateDataKey": {"KeyId": self.key_id, "KeySpec": "AES_256"},
        }
        for action in ACTIONS:
            self.requests[action] = self.signed(action)

    def signed(self, action: str, parameters: dict[str, Any] | None = None) -> bytes:
        from base64 import b64encode

        values = self.calls[action] if parameters is None else parameters
        body = json.dumps(
            {k: b64encode(v).decode() if isinstance(v, bytes) else v for k, v in values.items()}
        )
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"TrentService.{action}",
        }
        request = AWSRequest("POST", self.url + "/", data=body.encode(), headers=headers)
        SigV4Auth(self.credentials, "kms", REGION).add_auth(request)
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        lines += [f"Host: {self.host}", f"Content-Length: {len(body)}"]
        return ("POST / HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Wire:
    """One connection that sends prepared bytes and waits for a whole answer.

    It is kept alive, unless the server ends it after each answer, as moto's does.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.ended = False
        self.open()

    def open(self) -> None:
        name, _, port = self.host.partition(":")
        self.socket = socket.create_connection((name, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, request: bytes) -> None:
        self.begin = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what is there; say whether the answer is whole."""
        data = self.socket.recv(65536)
        assert data, "the server hung up"
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        size = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(size):
            return False
        assert head.startswith(b"HTTP/1.1 200"), self.received
        self.received = b""
        self.ended = b"connection: close" in head.lower()
        return True


def raw(host: str, request: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Return requests per second and latencies of so many keep-alive connections."""
    selector, times = selectors.DefaultSelector(), list[float]()
    wires = [Wire(host) for _ in range(connections)]
    for wire in wires:
        selector.register(wire.socket, selectors.EVENT_READ, wire)
        wire.send(request)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for found, _ in selector.select():
            wire = found.data
            if wire.receive():
                times.append(time.perf_counter() - wire.begin)
                if wire.ended:
                    selector.unregister(wire.socket)
                    wire.socket.close()
                    wire.open()
                    selector.register(wire.socket, selectors.EVENT_READ, wire)
                wire.send(request)
    took_s = time.perf_counter() - begin
    for wire in wires:
        wire.socket.close()
    return figures(times, took_s)


def figures(times: list[float], took_s: float) -> dict[str, float]:
    ranked = sorted(times)
    return {
        "per_s": round(len(times) / took_s),
        "p50_ms": round(1e3 * statistics.median(ranked), 2),
        "p99_ms": round(1e3 * ranked[int(len(ranked) * 0.99)], 2),
    }


def with_boto3(peer: Peer, action: str, threads: int, seconds: float) -> dict[str, float]:
    """Return requests per second of so many threads that share a client."""
    kms, times, lock = peer.client(threads), list[float](), threading.Lock()
    words = {"Encrypt": "encrypt", "Decrypt": "decrypt", "GenerateDataKey": "generate_data_key"}
    call, parameters = getattr(kms, words[action]), peer.calls[action]
    call(**parameters)
    end = time.perf_counter() + seconds

    def work() -> None:
        mine = []
        while (begin := time.perf_counter()) < end:
            call(**parameters)
            mine.append(time.perf_counter() - begin)
        with lock:
            times.extend(mine)

    begin = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return figures(times, time.perf_counter() - begin)


def measured(peer: Peer, seconds: float, actions: tuple[str, ...] = ACTIONS) -> dict[str, Any]:
    """Return all figures of one server."""
    peer.prepare()
    found: dict[str, Any] = {}
    for action in actions:
        found[action] = {
            "raw_1": raw(peer.host, peer.requests[action], 1, seconds),
            "raw_8": raw(peer.host, peer.requests[action], 8, seconds),
            "boto3_1": with_boto3(peer, action, 1, seconds),
            "boto3_8": with_boto3(peer, action, 8, seconds),
        }
    return found


def resident_mib(process: subprocess.Popen[str]) -> int:
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) // 1024


def create_keys(peer: Peer, process: subprocess.Popen[str], count: int) -> dict[str, float]:
    """Return how long so many CreateKey take on one connection, and the memory after them."""
    wire, request = Wire(peer.host), peer.signed("CreateKey", {})
    begin = time.perf_counter()
    for _ in range(count):
        wire.send(request)
        while not wire.receive():
            pass
        if wire.ended:
            wire.socket.close()
            wire.open()
    took_s = time.perf_counter() - begin
    wire.socket.close()
    return {"keys": count, "seconds": round(took_s, 2), "resident_mib": resident_mib(process)}


def sync_us(folder: Path) -> float:
    """Return the median time of one write and fdatasync of the drive."""
    fd, times = os.open(folder / "bare", os.O_RDWR | os.O_CREAT), []
    for number in range(200):
        begin = time.perf_counter()
        os.pwrite(fd, b"r" * 700, number * 700)
        os.fdatasync(fd)
        times.append(time.perf_counter() - begin)
    os.close(fd)
    return round(statistics.median(times) * 1e6)


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    seconds = 0.2 if quick else 4.0
    actions = ACTIONS[:1] if quick else ACTIONS
    result: dict[str, Any] = {"fdatasync_us": sync_us(folder)}
    for fsync in ("always", "batch"):
        with ours(folder / fsync, fsync) as (process, peer):
            result[fsync] = measured(peer, seconds, actions)
            if fsync == "always":
                count = 50 if quick else KEYS_MADE
                result["create_keys"] = create_keys(peer, process, count)
    with started("-c", ECHO) as (_, lines):
        host = f"127.0.0.1:{lines[0]}"
        request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n" + b"x" * 200
        result["echo"] = {
            "raw_1": raw(host, request, 1, seconds),
            "raw_8": raw(host, request, 8, seconds),
        }
    result["moto"] = None
    with started("-c", MOTO) as (process, lines):
        if lines:
            peer = Peer(f"http://127.0.0.1:{lines[0]}")
            result["moto"] = measured(peer, seconds, actions)
            count = 10 if quick else 300
            result["moto_create_keys"] = create_keys(peer, process, count)
    if result["moto"] is not None:
        theirs = result["moto"]["Encrypt"]
        for fsync in ("always", "batch"):
            mine = result[fsync]["Encrypt"]
            result[f"ratio_{fsync}"] = {
                way: round(mine[way]["per_s"] / max(1, theirs[way]["per_s"]), 2) for way in mine
            }
    result["sync_us_after"] = sync_us(folder)
    return result


def shown(result: dict[str, Any]) -> str:
    before, after = result["fdatasync_us"], result["sync_us_after"]
    ways = "".join(way.rjust(22) for way in ("raw, 1", "raw, 8", "boto3, 1", "boto3, 8"))
    lines = [
        f"fdatasync of this drive: {before:,} us before, {after:,} us after",
        "",
        f"{'requests/s (p50, p99 ms)':<28}{ways}",
    ]
    for name in ("always", "batch", "moto", "echo"):
        found = result[name]
        if found is None:
            lines.append(f"{name:<28}not installed: pip install -e '.[bench]'")
            continue
        for action, ways in found.items() if name != "echo" else [("", found)]:
            cells = "".join(
                f"{one['per_s']:>8,} ({one['p50_ms']:.2f}, {one['p99_ms']:.2f})".rjust(22)
                for one in ways.values()
            )
            lines.append(f"{name + ' ' + action:<28}{cells}")
    for fsync in ("always", "batch"):
        ratios = result.get(f"ratio_{fsync}")
        if ratios:
            cells = "".join(f"{ratio:.2f} x".rjust(22) for ratio in ratios.values())
            lines.append(f"{'ratio to moto, ' + fsync:<28}{cells}")
    made = result["create_keys"]
    theirs = result.get("moto_create_keys")
    lines += ["", "CreateKey on one connection"]
    for name, one in (("always", made), ("moto", theirs)):
        if one is not None:
            memory = f"{one['resident_mib']} MiB resident"
            lines.append(f"{name:<10}{one['keys']:>8,} keys in {one['seconds']} s, {memory}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, help="on the drive to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        result = run(Path(name), quick=options.quick)
    print(json.dumps(result) if options.json else shown(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
