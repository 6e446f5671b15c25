"""Every file of a folder of kinds stands in that folder's table."""

from pathlib import Path

import pytest
from botocore.loaders import Loader

from regions.api.shapes import shapes
from regions.kms import jobs, operations
from regions.kms.jobs import JOBS
from regions.kms.operations import OPERATIONS


@pytest.mark.parametrize(
    ("package", "table"), [(operations, OPERATIONS), (jobs, JOBS)], ids=["operations", "jobs"]
)
def test_every_file_is_registered(package: object, table: dict[str, object]) -> None:
    folder = Path(str(package.__file__)).parent  # type: ignore[attr-defined]
    files = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    registered = sorted(type(entry).__module__.rpartition(".")[2] for entry in table.values())
    assert registered == files


def test_every_action_is_one_of_the_service_model() -> None:
    assert OPERATIONS.keys() <= shapes("kms").requests.keys()
    for name, operation in OPERATIONS.items():
        assert operation.action == name
        assert operation.permission == ("kms:ReEncryptTo" if name == "ReEncrypt" else f"kms:{name}")


def test_recorded_members_are_members_of_the_request_and_never_blobs() -> None:
    model = Loader().load_service_model("kms", "service-2")
    for operation in OPERATIONS.values():
        request = model["shapes"][model["operations"][operation.action]["input"]["shape"]]
        for member, _ in operation.shown:
            shape = model["shapes"][request["members"][member]["shape"]]
            assert shape["type"] != "blob"
            assert not shape.get("sensitive")
