"""What the real service was seen to answer, and what the model answers to the same.

Goal: codes and texts are the service's own. Method: every observation in the list beside the
checkout is brought about (observed.py) and compared. Of two that exclude each other the later one
counts; lists of enum values come from botocore's model, which is newer than all observations.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from observed import CASES, Row, Stage

from regions.errors import ServiceError

LIST = Path(__file__).parents[4] / "shared" / "facts" / "aws_kms_observed.json"
#: Rows that a later one excludes, by operation and text, with the scenario of the later one.
SUPERSEDED = {
    # Imported material can be rotated on demand since 2025.
    ("RotateKeyOnDemand", "<key-arn> origin is EXTERNAL which is not valid for this operation."): (
        "rotate-key-on-demand-error-response-SYMMETRIC_DEFAULT"
    ),
}
_ENUM = re.compile(r"(.* enum value set: )\[(.*)\]")


def observations() -> list[Row]:
    if not LIST.exists():
        return []
    rows: list[Row] = json.loads(LIST.read_text())["facts"]
    # Those of S3 belong to its own front.
    return [row for row in rows if not row["operation"].startswith("S3:")]


ROWS = observations()
needs_the_list = pytest.mark.skipif(not ROWS, reason=f"there is no {LIST.name} beside the checkout")


def name(row: Row) -> str:
    return f"{row['operation']}-{row['scenario']}"


def expected(row: Row, said: dict[str, str]) -> str:
    text = row["message"] or ""
    for placeholder, value in said.items():
        text = text.replace(placeholder, value)
    return text


def enum_values(member: str) -> set[str]:
    shapes = Loader().load_service_model("kms", "service-2")["shapes"]
    spec = {
        "keySpec": "KeySpec",
        "keyUsage": "KeyUsageType",
        "macAlgorithm": "MacAlgorithmSpec",
        "keyAgreementAlgorithm": "KeyAgreementAlgorithmSpec",
    }[member]
    return set(shapes[spec]["enum"])


@needs_the_list
@pytest.mark.parametrize("row", ROWS, ids=name)
def test_an_observed_error_is_answered_alike(desk: Any, kit: Any, row: Row) -> None:
    if (row["operation"], row["message"]) in SUPERSEDED:
        pytest.skip("a later observation excludes it")
    account = {"<partition>": "aws", "<region>": desk.region, "111111111111": kit.account}
    stage = Stage(kit, desk, account)
    call = CASES[row["operation"], row["scenario"]](stage, row)
    parameters, place = call if isinstance(call, tuple) else (call, desk)
    answer = place.outcome(row["operation"], **parameters).answer
    assert isinstance(answer, ServiceError), answer
    assert (answer.code, answer.status) == (row["error_code"], row["http_status"] or 400)
    if row["message"] is None:
        return  # Nobody wrote the text down.
    text, wanted = answer.message, expected(row, stage.said)
    listed, seen = _ENUM.fullmatch(wanted), _ENUM.fullmatch(text)
    if listed and seen:
        member = re.findall("'([^']*)'", wanted)[1]
        assert set(seen[2].split(", ")) == enum_values(member)
        text, wanted = seen[1], listed[1]
    if "<key-material-id>" in wanted:  # New material's id is told by the refusal alone.
        wanted = re.sub("<key-material-id>", re.findall("[0-9a-f]{64}", text)[0], wanted)
    assert text == wanted


@needs_the_list
def test_every_observation_has_its_case_and_every_case_an_observation() -> None:
    assert set(CASES) == {(row["operation"], row["scenario"]) for row in ROWS}


@needs_the_list
def test_an_observation_is_left_out_only_for_a_later_one() -> None:
    for (operation, text), scenario in SUPERSEDED.items():
        [old] = [r for r in ROWS if (r["operation"], r["message"]) == (operation, text)]
        [new] = [r for r in ROWS if (r["operation"], r["scenario"]) == (operation, scenario)]
        assert old["observed"] < new["observed"]
