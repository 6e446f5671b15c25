"""The table of CloudTrail API actions."""

import ast
from pathlib import Path

import regions.trail.operations as package
from regions.api.shapes import shapes
from regions.trail.operation import lower, shown
from regions.trail.operations import OPERATIONS


def test_every_file_of_the_folder_is_in_the_table_and_named_like_its_action() -> None:
    folder = Path(package.__file__).parent
    files = sorted(f.stem for f in folder.glob("*.py") if f.stem != "__init__")
    names = sorted("".join(part.title() for part in stem.split("_")) for stem in files)
    assert names == sorted(OPERATIONS)
    assert all(OPERATIONS[name].name == name for name in names)
    for file in folder.glob("*.py"):
        assert ast.get_docstring(ast.parse(file.read_text())), f"{file.name} says nothing"


def test_every_action_and_its_bucket_member_are_in_the_service_model() -> None:
    known = shapes("cloudtrail").requests
    assert set(OPERATIONS) <= set(known)


def test_members_are_shown_as_records_show_them() -> None:
    assert lower("TrailARN") == "trailARN"
    assert shown({"TagsList": [{"Key": "a"}], "StartTime": 1688990082, "MaxResults": 5}) == {
        "tagsList": [{"key": "a"}],
        "startTime": "Jul 10, 2023, 11:54:42 AM",
        "maxResults": 5,
    }
