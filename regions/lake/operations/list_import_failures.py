"""ListImportFailures: which files an import could not copy, and why.

Source: CloudTrail API Reference, ListImportFailures.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_any
from regions.lake.imports import find_import
from regions.lake.pages import page
from regions.lake.shapes import seconds_of
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    found = find_import(desk, parameters["ImportId"])
    failures = [
        {
            "Location": location,
            "Status": "FAILED",
            "ErrorType": kind,
            "ErrorMessage": message,
            "LastUpdatedTime": seconds_of(found.updated_ns),
        }
        for location, kind, message in found.failures
    ]
    return page(failures, parameters, "Failures")


OPERATION = on_any("ListImportFailures", _perform, read_only=True)
