"""Imports as calls see them: where from, where to, and how far they are.

What does not belong here: copying (importer.py).
Source: CloudTrail API Reference, StartImport, GetImport and ImportStatistics.
"""

from typing import Any

from regions.lake.changes import Import
from regions.lake.desk import LakeDesk
from regions.lake.errors import ImportNotFoundException
from regions.lake.shapes import seconds_of
from regions.lake.stores import store_arn


def find_import(desk: LakeDesk, import_id: str) -> Import:
    """Return an import of the caller's account.

    Raises:
      ImportNotFoundException: there is no such import.
    """
    found = desk.state.imports.get(import_id)
    if found is None or found.account != desk.account:
        raise ImportNotFoundException(f"Import {import_id} does not exist.")
    return found


def show_import(desk: LakeDesk, found: Import, *, statistics: bool = False) -> dict[str, Any]:
    """Return an import as Start-, Stop- and GetImport answer."""
    source = {
        "S3LocationUri": found.location,
        "S3BucketRegion": found.bucket_region,
        "S3BucketAccessRoleArn": found.role_arn,
    }
    shown: dict[str, Any] = {**show_item(desk, found), "ImportSource": {"S3": source}}
    if found.start:
        shown["StartEventTime"] = found.start
    if found.end:
        shown["EndEventTime"] = found.end
    if statistics:
        shown["ImportStatistics"] = {
            "PrefixesFound": found.prefixes,
            "PrefixesCompleted": found.prefixes,
            "FilesCompleted": found.files,
            "EventsCompleted": found.events,
            "FailedEntries": len(found.failures),
        }
    return shown


def show_item(desk: LakeDesk, found: Import) -> dict[str, Any]:
    """Return an import as ListImports shows it."""
    return {
        "ImportId": found.import_id,
        "ImportStatus": found.status,
        "Destinations": [store_arn(desk.region, found.account, found.store_id)],
        "CreatedTimestamp": seconds_of(found.created_ns),
        "UpdatedTimestamp": seconds_of(found.updated_ns),
    }
