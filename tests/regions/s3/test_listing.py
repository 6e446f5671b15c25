"""Walks over keys, against a plain model of what S3's lists show."""

from hypothesis import given
from hypothesis import strategies as st
from shop import Shop

from regions.s3.listing import walk

KEYS = st.lists(st.text(alphabet="ab/é\U0010ffff", min_size=1, max_size=5), unique=True)
PREFIXES = st.text(alphabet="ab/\U0010ffff", max_size=2)
DELIMITERS = st.sampled_from(["", "/", "a", "b/", "\U0010ffff"])


def shown(keys: list[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    """The model: look at every key, roll it up or not, name everything once."""
    found: dict[tuple[str, bool], None] = {}
    for key in sorted(keys):
        if not key.startswith(prefix):
            continue
        head, mark, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        found[(prefix + head + mark, True) if mark else (key, False)] = None
    return list(found)


@given(KEYS, PREFIXES, DELIMITERS, st.sets(st.integers(0, 9)))
def test_a_walk_shows_each_key_or_its_common_prefix_once(
    keys: list[str], prefix: str, delimiter: str, hidden: set[int]
) -> None:
    there = [key for number, key in enumerate(sorted(keys)) if number not in hidden]
    found = walk(sorted(keys), there.__contains__, prefix=prefix, delimiter=delimiter)
    assert list(found) == shown(there, prefix, delimiter)


@given(KEYS, PREFIXES, DELIMITERS, st.integers(1, 3))
def test_pages_of_any_size_together_show_what_one_page_shows(
    keys: list[str], prefix: str, delimiter: str, size: int
) -> None:
    keys = sorted(keys)
    found: list[tuple[str, bool]] = []
    after = ""
    while True:
        walked = walk(keys, lambda _: True, prefix=prefix, delimiter=delimiter, after=after)
        page = [entry for entry, _ in zip(walked, range(size), strict=False)]
        if not page:
            break
        found += page
        after = page[-1][0]
    assert found == shown(keys, prefix, delimiter)


@given(KEYS, PREFIXES, DELIMITERS, st.integers(1, 3))
def test_all_three_lists_give_the_same_objects_page_by_page(
    keys: list[str], prefix: str, delimiter: str, size: int
) -> None:
    shop = Shop()
    shop.bucket()
    for key in keys:
        shop.put(key)
    wanted = {"Bucket": "logs", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": size}
    for action, begin, end in (
        ("ListObjects", "Marker", "NextMarker"),
        ("ListObjectsV2", "ContinuationToken", "NextContinuationToken"),
        ("ListObjectVersions", "KeyMarker", "NextKeyMarker"),
    ):
        objects: list[str] = []
        prefixes: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = shop.call(action, **wanted, **more)
            contents = page.get("Contents", page.get("Versions", []))
            objects += [entry["Key"] for entry in contents]
            prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
            if not page["IsTruncated"]:
                break
            assert len(contents) + len(page.get("CommonPrefixes", [])) == size
            last = page.get(end) or contents[-1]["Key"]
            more = {begin: last}
            if "NextVersionIdMarker" in page:
                more["VersionIdMarker"] = page["NextVersionIdMarker"]
        model = shown(keys, prefix, delimiter)
        assert objects == [text for text, is_common in model if not is_common]
        assert prefixes == [text for text, is_common in model if is_common]


def test_a_page_of_no_keys_is_not_truncated_and_a_foreign_token_is_refused() -> None:
    shop = Shop()
    shop.bucket()
    shop.put("a")
    page = shop.call("ListObjectsV2", Bucket="logs", MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)
    assert shop.said("ListObjectsV2", Bucket="logs", ContinuationToken="YQ==") == (
        "InvalidArgument", 400, "The continuation token provided is incorrect",
    )  # fmt: skip
    assert shop.said("ListObjectsV2", Bucket="logs", MaxKeys=-1)[0] == "InvalidArgument"
