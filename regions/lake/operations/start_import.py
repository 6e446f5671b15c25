"""StartImport: copy log files of a bucket into an event data store, or go on with a copy.

Source: CloudTrail API Reference, StartImport.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterException
from regions.lake.changes import EventDataStore, Import
from regions.lake.desk import LakeDesk, LakeOperation, wanted
from regions.lake.errors import (
    AccountHasOngoingImportException,
    InvalidEventDataStoreCategoryException,
    InvalidImportSourceException,
)
from regions.lake.imports import find_import, show_import
from regions.lake.sites import split_uri
from regions.lake.stores import OF_CALLS, category_of
from regions.service.operation import Values, Wanted

_NAME = "StartImport"


def _store(desk: LakeDesk, parameters: Values) -> EventDataStore:
    if "ImportId" in parameters:
        found = find_import(desk, parameters["ImportId"])
        return desk.store(found.store_id)
    if not parameters.get("Destinations") or not parameters.get("ImportSource"):
        raise InvalidParameterException(
            "Destinations and ImportSource must be given, or the ImportId of an import."
        )
    return desk.store(parameters["Destinations"][0])


def _wants(desk: LakeDesk, parameters: Values) -> Iterable[Wanted]:
    yield wanted(desk, _NAME, _store(desk, parameters))


def _fresh(desk: LakeDesk, parameters: Values, store: EventDataStore) -> Import:
    if category_of(store) not in OF_CALLS:
        raise InvalidEventDataStoreCategoryException(
            f"Event data store {store.name} is for events of category {category_of(store)}."
        )
    source = parameters["ImportSource"]["S3"]
    start, end = parameters.get("StartEventTime", 0), parameters.get("EndEventTime", 0)
    if end and start > end:
        raise InvalidParameterException("StartEventTime must not be later than EndEventTime.")
    return Import(
        import_id=desk.rng("import").uuid(),
        account=desk.account,
        store_id=store.store_id,
        location=source["S3LocationUri"],
        bucket_region=source["S3BucketRegion"],
        role_arn=source["S3BucketAccessRoleArn"],
        bucket_site=desk.bucket_site,
        status="IN_PROGRESS",
        created_ns=desk.now_ns,
        updated_ns=desk.now_ns,
        start=int(start),
        end=int(end),
    )


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = _store(desk, parameters)
    if desk.state.ongoing_import(account=desk.account) is not None:
        raise AccountHasOngoingImportException(f"User: {desk.account} has an ongoing import.")
    if "ImportId" in parameters:
        # One that failed begins with its failures forgotten; what it has copied stays.
        found = find_import(desk, parameters["ImportId"])
        after = "" if found.failures else found.after
        found = replace(
            found, status="IN_PROGRESS", updated_ns=desk.now_ns, failures=(), after=after
        )
    else:
        found = _fresh(desk, parameters, store)
    desk.change(found)
    return show_import(desk, found)


def _bucket(parameters: Values) -> str:
    source = parameters.get("ImportSource")
    uri: str = source["S3"]["S3LocationUri"] if source else ""
    if uri and (not uri.startswith("s3://") or not split_uri(uri)[0]):
        raise InvalidImportSourceException(f"S3LocationUri {uri}: expected s3://BUCKET/PREFIX.")
    return uri


OPERATION = LakeOperation(
    name=_NAME, perform=_perform, read_only=False, wants_all=_wants, reads_from=_bucket
)
