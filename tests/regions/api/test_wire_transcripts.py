"""Golden transcripts of the wire: exact requests as they are read, exact answers as they are written.

Goal: the bytes of every protocol are pinned, and a change shows as a diff that a person reads.
Method: tests/golden/api/*.txt. An entry is a command, ``----`` and what came of it; NINES_REWRITE=1
writes what is observed. Commands: ``request SERVICE`` with an HTTP request below it, ``answer
SERVICE ACTION BODY`` and ``error SERVICE CLASS MESSAGE``, with a request below if there is one.
"""

import ast
import os
from pathlib import Path

import pytest

from regions.api import errors as wire_errors
from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols import protocol_of
from regions.errors import ERRORS, ServiceError

GOLDEN = Path(__file__).parents[2] / "golden" / "api"
REQUEST_ID = "b5b3ac9c-4a0a-4d1c-a5a6-0a8a3b9e8d11"


def read_request(lines: list[str]) -> HttpRequest:
    method, target = lines[0].split(" ")
    blank = lines.index("") if "" in lines else len(lines)
    fields = [line.partition(": ") for line in lines[1:blank]]
    headers = tuple((name.lower(), value) for name, _, value in fields)
    body = "\n".join(lines[blank + 1 :]).encode("utf-8")
    return HttpRequest(method, target, headers, body, "127.0.0.1")


def shown(answer: HttpAnswer) -> list[str]:
    lines = [str(answer.status), *(f"{name}: {value}" for name, value in answer.headers), ""]
    return lines + answer.body.decode("utf-8").split("\n")


def run(command: list[str]) -> list[str]:
    verb, service, *words = command[0].split(" ", 3)
    protocol = protocol_of(service)
    request = read_request(command[1:]) if len(command) > 1 else None
    if verb == "answer":
        return shown(protocol.answer(words[0], ast.literal_eval(words[1]), REQUEST_ID))
    if verb == "error":
        kind: type[ServiceError] = ERRORS.get(words[0]) or getattr(wire_errors, words[0])
        error = kind(words[1] if len(words) > 1 else "")
        return shown(protocol.error(error, REQUEST_ID, None, request))
    assert verb == "request"
    assert request is not None
    try:
        parsed = protocol.parse(request)
    except ServiceError as error:
        return [f"{error.code}: {error.message}"]
    return [parsed.action, *(f"  {name} = {value!r}" for name, value in parsed.parameters.items())]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_the_wire_is_as_it_was(path: Path) -> None:
    entries = path.read_text(encoding="utf-8").rstrip("\n").split("\n\n\n")
    commands = [entry.split("\n----")[0].split("\n") for entry in entries]
    observed = ["\n".join([*command, "----", *run(command)]).rstrip() for command in commands]
    text = "\n\n\n".join(observed) + "\n"
    if os.environ.get("NINES_REWRITE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
