"""An HTTP server on this machine that keeps what it is sent, and may refuse it first."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from serving import PATIENCE_S


@dataclass
class Receiver:
    """What came, in order."""

    url: str = ""
    refuses: int = 0  #: answers so many requests with 500 first
    came: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def bodies(self, count: int, timeout_s: float = PATIENCE_S) -> list[Any]:
        """Wait for so many requests, and return their bodies as JSON."""
        deadline = time.monotonic() + timeout_s
        while len(self.came) < count:
            assert time.monotonic() < deadline, f"{len(self.came)} of {count} came"
            time.sleep(0.01)
        return [json.loads(body) for _, body in self.came]


@contextmanager
def receiving(refuses: int = 0) -> Iterator[Receiver]:
    """Listen on a free port of the loopback interface."""
    receiver = Receiver(refuses=refuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = 500 if receiver.refuses > 0 else 200
            receiver.refuses -= 1
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()
            receiver.came.append((headers, body))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/in"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)
