"""A history as other checkers read it: two lines a call, processes that end with a lost call."""

import json
from pathlib import Path

import pytest

from scenarios import history_file
from scenarios.__main__ import main
from scenarios.witness import KeyUse
from sim.check.history import OK, TIMEOUT, Call, History


def history(*calls: tuple[str, str, int, int, str, bool, KeyUse | None]) -> History:
    made = History()
    for number, (caller, action, begin_ns, end_ns, outcome, definite, use) in enumerate(calls):
        one = Call(caller, "us-east-1", "kms", action, f"id-{number}", begin_ns, detail=use)
        made.begin(one)
        if outcome:
            made.end(one, now_ns=end_ns, outcome=outcome, definite=definite)
    return made


def test_each_call_is_two_lines_in_order_of_time() -> None:
    found = list(
        history_file.rows(
            history(
                ("a", "DescribeKey", 10, 30, OK, True, KeyUse("k1", "Enabled")),
                ("b", "DisableKey", 20, 40, "KMSInvalidStateException", True, KeyUse("k1")),
                ("b", "GenerateRandom", 40, 0, "", True, None),
            )
        )
    )
    about = {"region": "us-east-1", "service": "kms"}
    key, nothing = {"key": "k1", "state": None}, {"key": None, "state": None}
    shown = {"key": "k1", "state": "Enabled"}
    a = {**about, "process": 0, "caller": "a", "f": "DescribeKey", "request_id": "id-0"}
    b = {**about, "process": 1, "caller": "b", "f": "DisableKey", "request_id": "id-1"}
    last = {**b, "f": "GenerateRandom", "request_id": "id-2"}
    refused = "KMSInvalidStateException"
    assert found == [
        {**a, "index": 0, "type": "invoke", "value": key, "time": 10, "error": None},
        {**b, "index": 1, "type": "invoke", "value": key, "time": 20, "error": None},
        {**a, "index": 2, "type": "ok", "value": shown, "time": 30, "error": None},
        {**b, "index": 3, "type": "fail", "value": key, "time": 40, "error": refused},
        {**last, "index": 4, "type": "invoke", "value": nothing, "time": 40, "error": None},
    ]


def test_a_caller_whose_call_was_lost_goes_on_as_another_process() -> None:
    found = history_file.rows(
        history(
            ("a", "EnableKey", 0, 5, TIMEOUT, False, None),
            ("b", "EnableKey", 1, 2, OK, True, None),
            ("a", "EnableKey", 6, 7, OK, True, None),
        )
    )
    assert [(row["caller"], row["process"], row["type"]) for row in found] == [
        ("a", 0, "invoke"),
        ("b", 1, "invoke"),
        ("b", 1, "ok"),
        ("a", 0, "info"),
        ("a", 2, "invoke"),
        ("a", 2, "ok"),
    ]


@pytest.mark.parametrize(
    ("parameters", "body", "expected"),
    [
        ({"KeyId": "k1"}, {}, KeyUse("k1")),
        ({"KeyId": "arn:aws:kms:us-east-1:111122223333:key/k1"}, {}, KeyUse("k1")),
        ({"KeyId": "alias/a"}, {}, KeyUse()),
        ({"KeyId": 7}, {}, KeyUse()),
        (
            {"KeyId": "alias/a"},
            {"KeyMetadata": {"KeyId": "k1", "KeyState": "Disabled"}},
            KeyUse("k1", "Disabled"),
        ),
        (
            {"KeyId": "k1", "PendingWindowInDays": 7},
            {"KeyId": "arn:aws:kms:us-east-1:111122223333:key/k1", "KeyState": "PendingDeletion"},
            KeyUse("k1", "PendingDeletion", 7),
        ),
        ({"CiphertextBlob": b"x"}, {"KeyId": "arn:aws:kms:r:1:key/k1"}, KeyUse("k1")),
    ],
)
def test_a_call_tells_of_the_key_that_its_request_or_answer_names(
    parameters: dict[str, object], body: dict[str, object], expected: KeyUse
) -> None:
    use = KeyUse.of(parameters)
    use.learn(body)
    assert use == expected


def test_the_history_of_a_scenario_is_written_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = tmp_path / "short.toml"
    scenario.write_text(
        'name = "short"\nsummary = "a minute of two callers"\nlength = "1m"\n'
        "[topology.regions]\nus-east-1 = ['use1-az1', 'use1-az2', 'use1-az4']\n"
        "[[workload]]\nkind = 'key-states'\nclients = 2\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    for name in ("one.jsonl", "two.jsonl"):
        arguments = ["history", "short.toml", "--seed", "4", "--out", name, "--quiet"]
        assert main(arguments) == 0
    text = (tmp_path / "one.jsonl").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    assert sorted(row["time"] for row in rows) == [row["time"] for row in rows]
    assert {row["type"] for row in rows} >= {"invoke", "ok", "fail"}
    assert {row["f"] for row in rows} >= {"CreateKey", "DescribeKey", "DisableKey"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "unknown scenario 'no-such'; expected a scenario file, a kept run or one of"),
        (
            ["steady-state", "--out", "nowhere/file"],
            "file 'nowhere/file' cannot be written: its folder does not exist; expected a file",
        ),
    ],
)
def test_a_history_of_nothing_is_refused_with_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["history", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"nines: {message}")
