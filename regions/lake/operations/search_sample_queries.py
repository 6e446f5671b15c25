"""SearchSampleQueries: samples of our own that have words of a phrase, the most relevant first.

Source: CloudTrail API Reference, SearchSampleQueries.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_any
from regions.lake.pages import page
from regions.lake.samples import search
from regions.service.operation import Values


def _perform(_: LakeDesk, parameters: Values) -> dict[str, Any]:
    found = [
        {
            "Name": sample.name,
            "Description": sample.description,
            "SQL": sample.sql,
            "Relevance": relevance,
        }
        for relevance, sample in search(parameters["SearchPhrase"])
    ]
    return page(found, parameters, "SearchResults", most=50)


OPERATION = on_any("SearchSampleQueries", _perform, read_only=True)
