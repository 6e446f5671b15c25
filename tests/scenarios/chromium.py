"""A headless Chromium, driven over a pipe in the DevTools protocol: open, look, click, type.

What does not belong here: what a page should show (test_browser.py).
Source: Chromium, ``--remote-debugging-pipe``: JSON messages, each ended by a zero byte, read from
file descriptor 3 and written to 4; Chrome DevTools Protocol, domains Target, Page, Runtime, Input
and Emulation.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: No answer takes so long on a healthy machine; chosen.
PATIENCE_SECONDS = 300.0
#: The browser reads its descriptor 3 and writes its descriptor 4, whatever ours are.
_BECOME = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for number, end in enumerate(ends, start=3):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""


def found() -> str | None:
    """Return the path of an installed Chromium, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """One browser with one page; ends with the block.

    Args:
      profile: an empty folder for its files.
    """

    def __init__(self, profile: Path, *, width: int, height: int, dark: bool = False) -> None:
        program = found()
        assert program is not None, "no Chromium is installed"
        from_us, self._write = os.pipe()
        self._read, to_us = os.pipe()
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BECOME, str(from_us), str(to_us), program, *options],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._buffer, self._number, self._session = b"", 0, ""
        self.messages: list[str] = []  #: errors of the page and what it wrote to the console
        self.requests: list[str] = []  #: every address that the page asked for
        try:
            self._attach(width, height, dark=dark)
        except BaseException:
            self.close()
            raise

    def _attach(self, width: int, height: int, *, dark: bool) -> None:
        targets = self._send("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attach = {"targetId": page["targetId"], "flatten": True}
        self._session = self._send("Target.attachToTarget", attach)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self._send(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._send("Emulation.setEmulatedMedia", {"features": [scheme]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)
        os.close(self._read)
        os.close(self._write)

    def _send(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters or {}}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._notice(answer)

    def _receive(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._read, 1 << 20) if ready else b""
            assert data, "the browser does not answer"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(line)

    def _notice(self, event: dict[str, Any]) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.messages.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.messages.append(str(parameters["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self._send("Page.navigate", {"url": path.absolute().as_uri()})
        end = time.monotonic() + PATIENCE_SECONDS
        while self.evaluate("document.readyState") != "complete":
            assert time.monotonic() < end, f"{path} does not load"
        self.settle()

    def settle(self) -> None:
        """Wait until everything asked for has been drawn."""
        frames = "new Promise(d => requestAnimationFrame(() => requestAnimationFrame(() => d(1))))"
        self.evaluate(frames)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        options = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self._send("Runtime.evaluate", options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        """Make the window that large."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._send("Emulation.setDeviceMetricsOverride", metrics)

    def click(self, selector: str, *, share: float = 0.5) -> None:
        """Scroll to an element and press the mouse on it, so far from its left end."""
        element = f"document.querySelector({json.dumps(selector)})"
        assert self.evaluate(f"{element} !== null"), f"nothing is at {selector}"
        self.evaluate(f"{element}.scrollIntoView({{block: 'center'}})")
        box = self.evaluate(
            f"(b => [b.left, b.top, b.width, b.height])({element}.getBoundingClientRect())"
        )
        x, y = box[0] + box[2] * share, box[1] + box[3] / 2
        for kind in ("mousePressed", "mouseReleased"):
            self._mouse(kind, x, y, button="left", clickCount=1)
        self.settle()

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self._send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})

    def drag(self, x: float, y: float, by: float) -> None:
        """Press the mouse at a place of the window, move it to the right, let go."""
        self._mouse("mousePressed", x, y, button="left", clickCount=1)
        for share in (0.3, 0.7, 1.0):
            self._mouse("mouseMoved", x + by * share, y, button="left", buttons=1)
        self._mouse("mouseReleased", x + by, y, button="left", clickCount=1)
        self.settle()

    def wheel(self, x: float, y: float, by: float, *, control: bool = False) -> None:
        """Turn the wheel over a place of the window, perhaps with the control key held."""
        modifiers = 2 if control else 0
        self._mouse("mouseWheel", x, y, deltaX=0, deltaY=by, modifiers=modifiers)
        self.settle()

    def press(self, key: str) -> None:
        """Press one key where the focus is."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        down = {"type": "keyDown", "key": key, **({"text": text} if text else {})}
        self._send("Input.dispatchKeyEvent", down)
        self._send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key})
        self.settle()

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as a PNG file."""
        options = {"format": "png", "captureBeyondViewport": whole}
        if whole:
            size = self._send("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {**size, "scale": 1}
        path.write_bytes(base64.b64decode(self._send("Page.captureScreenshot", options)["data"]))
