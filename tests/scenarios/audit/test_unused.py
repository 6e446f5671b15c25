"""Keys that nobody uses, and regions where nobody called before."""

import json
from pathlib import Path

import pytest
from records import ANA, at, event, key_arn, record, write_log

from scenarios.__main__ import main
from scenarios.audit.unused import KeyListError, Unused, UnusedKeys, key_list

BUSY, IDLE, NEVER, GONE = (key_arn(number) for number in range(1, 5))
DAY = 1_440
NOW = at(200 * DAY)
Capture = pytest.CaptureFixture[str]


def known() -> UnusedKeys:
    keys = UnusedKeys()
    for one in (
        event("CreateKey", key=BUSY),
        event("CreateKey", key=IDLE),
        event("CreateKey", 5, key=NEVER),
        event("CreateKey", key=GONE),
        event("DisableKey", DAY, key=NEVER),
        event("DescribeKey", 199 * DAY, key=NEVER),
        event("Decrypt", 199 * DAY, key=NEVER, errorCode="DisabledException"),
        event("Encrypt", 2 * DAY, key=IDLE),
        event("CreateAlias", DAY, key=IDLE,
              requestParameters={"aliasName": "alias/old", "targetKeyId": IDLE}),
        event("Decrypt", 3 * DAY, requestParameters={"keyId": "alias/old"}),
        event("Sign", 150 * DAY, key=BUSY),
        event("DeleteKey", 9 * DAY, key=GONE, eventType="AwsServiceEvent"),
    ):  # fmt: skip
        keys.see(one)
    return keys


def test_a_key_is_unused_without_an_accepted_cryptographic_operation() -> None:
    assert known().unused(NOW, 90) == [
        Unused(key=NEVER, aliases=[], made=at(5), last="", idle_days=None, state="Disabled"),
        Unused(key=IDLE, aliases=["alias/old"], made=at(0), last=at(3 * DAY), idle_days=197,
               state="Enabled"),
    ]  # fmt: skip


def test_lately_is_as_long_as_is_asked() -> None:
    unused = known().unused(NOW, 49)
    assert [one.key for one in unused] == [NEVER, IDLE, BUSY]
    assert [one.key for one in known().unused(NOW, 50)] == [NEVER, IDLE]


def test_a_list_of_keys_is_judged_whether_records_name_them_or_not() -> None:
    stranger, busy_id = key_arn(9), BUSY.rpartition("/")[2]
    unused = known().unused(NOW, 90, [busy_id, IDLE, stranger])
    assert [(one.key, one.idle_days) for one in unused] == [(stranger, None), (IDLE, 197)]


@pytest.mark.parametrize(
    "text",
    [f"{BUSY}\n{IDLE}\n", json.dumps({"Keys": [{"KeyId": "1", "KeyArn": BUSY}, {"KeyId": IDLE}]})],
)
def test_a_list_comes_as_the_cli_prints_it_or_one_a_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    assert key_list(tmp_path / "keys") == [BUSY, IDLE]


@pytest.mark.parametrize("text", ["", '{"Aliases": []}', '{"Keys": [1]}', "{"])
def test_a_file_that_lists_no_keys_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    with pytest.raises(KeyListError) as refusal:
        key_list(path)
    assert str(refusal.value) == (
        f"file {str(path)!r} holds no list of keys; expected what `aws kms list-keys` prints, or"
        " one ARN or id of a key a line"
    )


def test_the_command_says_since_when_nobody_used_a_key(tmp_path: Path, capsys: Capture) -> None:
    write_log(tmp_path, record("CreateKey", key=NEVER), record("Sign", DAY, key=BUSY))
    assert main(["audit", str(tmp_path), "--unused", "--days", "30"]) == 0
    assert capsys.readouterr().out.partition("\n\n")[2] == (
        f"Keys without a use in 30 days before {at(DAY)}: 1\n"
        f"  records begin at {at(0)}; what was before is not known\n"
        f"  {NEVER}\n"
        f"    Enabled, made {at(0)}, no use in these records\n"
    )


def test_calls_where_nobody_called_before_are_shown(tmp_path: Path, capsys: Capture) -> None:
    odd = record("ListKeys", DAY, awsRegion="sa-east-1")
    write_log(tmp_path, record("Sign", key=BUSY), record("Sign", DAY, key=BUSY), odd)
    words = ["audit", str(tmp_path), "--unusual-regions"]
    assert main(words) == 1
    assert capsys.readouterr().out.partition("\n\n")[2] == (
        f"Regions that were busy before {at(DAY / 2)}\n"
        "  us-east-1 (1 call)\n"
        "\n"
        "What deserves a look: 1\n"
        f"  judged from {at(DAY / 2)}; what was before shows what is usual\n"
        "  high   idle-region: 1 call in sa-east-1, idle before: kms:ListKeys\n"
        f"         {ANA}, sa-east-1, {at(DAY)}\n"
        "         sa-east-1\n"
    )
    assert main([*words, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["busy_regions"] == {"us-east-1": 1}
    (tmp_path / "log.json.gz").unlink()
    write_log(tmp_path, record("Sign", key=BUSY), record("Sign", DAY, key=BUSY))
    assert main(words) == 0
