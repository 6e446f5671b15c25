"""Which trails there may be, where they may be changed, and what they want."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_at import ACCOUNT, Event

from regions.errors import (
    CloudTrailARNInvalidException,
    InvalidHomeRegionException,
    InvalidTrailNameException,
    MaximumNumberOfTrailsExceededException,
    TrailAlreadyExistsException,
    TrailNotFoundException,
)
from regions.trail.selectors import BasicSelector, Selectors
from regions.trail.trails import (
    Registry,
    TrailSettings,
    check_name,
    started,
    stopped,
    trail_arn,
    wants,
)

REGIONS = ["ap-northeast-1", "eu-west-1", "us-east-1"]


def trail(name: str = "audit", home: str = "us-east-1", *, multi: bool = False) -> TrailSettings:
    return TrailSettings(
        arn=trail_arn(home, ACCOUNT, name),
        name=name,
        account=ACCOUNT,
        home_region=home,
        bucket="logs",
        bucket_site=f"{home}/bucket",
        multi_region=multi,
    )


def registry(region: str, *trails: TrailSettings) -> Registry:
    known = Registry(region)
    for one in trails:
        known.put(one)
    return known


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (
            "ab",
            (
                "Trail name too short. Minimum allowed length: 3 characters. "
                "Specified name length: 2 characters."
            ),
        ),
        (
            "a" * 129,
            (
                "Trail name too long. Maximum allowed length: 128 characters. "
                "Specified name length: 129 characters."
            ),
        ),
        (
            "my trail",
            (
                "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, "
                "periods (.), hyphens (-), and underscores (_)."
            ),
        ),
        ("-trail", "Trail name must starts with a letter or number."),
        ("trail-", "Trail name must ends with a letter or number."),
        ("my-_trail", "Trail name must have no adjacent periods, hyphens or underscores."),
        ("192.168.5.4", "Trail name must not be in IP address format."),
    ],
)
def test_a_bad_name_is_refused_with_its_reason(name: str, complaint: str) -> None:
    with pytest.raises(InvalidTrailNameException) as caught:
        check_name(name)
    assert caught.value.message == complaint


def test_good_names_pass() -> None:
    for name in ("abc", "a" * 128, "My.trail_1-x", "1.2.3.4.5"):
        check_name(name)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=8), st.integers(0, 90))
def test_a_record_is_wanted_iff_logging_was_on_at_its_time(
    steps: list[tuple[int, bool]], at: int
) -> None:
    """CT-17: whatever the order of switching, and when it is judged. Both switching calls count."""
    one, now, on = trail(), 0, [False] * 100
    for gap, switch in steps:
        later = now + gap
        for moment in range(now + 1, later):
            on[moment] = on[moment] or one.is_logging
        # The call that switches is itself delivered: StopLogging, and StartLogging.
        on[later] = one.is_logging or switch
        one = started(one, later) if switch else stopped(one, later)
        now = later
    for moment in range(now + 1, 100):
        on[moment] = one.is_logging
    assert wants(one, Event(time_ns=at)) == on[at]


def test_selectors_choose_by_kind_and_source_from_their_moment_on() -> None:
    """CT-18."""
    one = started(trail(), 0)
    basic = BasicSelector(write=False, excluded_sources=("rdsdata.amazonaws.com",))
    read_only = Selectors(since_ns=50, basic=(basic,))
    one = replace(one, selectors=(*one.selectors, read_only))
    write = Event(read_only=False)
    assert wants(one, replace(write, time_ns=49))
    assert not wants(one, replace(write, time_ns=50))
    assert wants(one, Event(time_ns=50))
    assert not wants(one, Event(time_ns=50, source="rdsdata.amazonaws.com"))
    assert not wants(one, Event(time_ns=49, management=False, category="Data"))
    none = replace(one, selectors=(Selectors(basic=(BasicSelector(management=False),)),))
    assert not wants(none, Event())


def test_other_accounts_and_unwanted_global_events_are_left_out() -> None:
    one = started(trail(), 0)
    iam = Event(source="iam.amazonaws.com")
    assert not wants(one, Event(account="999988887777"))
    assert wants(one, iam)
    assert not wants(replace(one, global_events=False), iam)
    assert not wants(replace(one, deleted=True), Event())


def test_the_sixth_trail_of_a_region_is_refused_and_other_accounts_are_not_counted() -> None:
    """LIM-02."""
    five = [trail(f"trail{n}") for n in range(5)]
    known = registry("us-east-1", *five)
    with pytest.raises(
        MaximumNumberOfTrailsExceededException,
        match=r"^MaximumNumberOfTrailsExceededException: "
        r"User: 111122223333 already has 5 trails in us-east-1\.$",
    ):
        known.admit(ACCOUNT, "sixth", multi_region=False, regions=REGIONS)
    assert known.admit("999988887777", "sixth", multi_region=False, regions=REGIONS) == 1


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([*REGIONS, "all"]), max_size=12),
    st.sampled_from(REGIONS),
    st.booleans(),
)
def test_an_all_regions_trail_counts_one_in_every_region(
    homes: list[str], home: str, multi: bool
) -> None:
    """LIM-03: combinations of single-region and all-regions trails, against plain counting."""
    trails = [
        trail(f"trail{n}", "eu-west-1" if where == "all" else where, multi=where == "all")
        for n, where in enumerate(homes)
    ]
    counts = {r: sum(where in (r, "all") for where in homes) for r in REGIONS}
    touched = REGIONS if multi else [home]
    known = registry(home, *trails)
    if any(counts[region] >= 5 for region in touched):
        with pytest.raises(MaximumNumberOfTrailsExceededException):
            known.admit(ACCOUNT, "one-more", multi_region=multi, regions=REGIONS)
    else:
        assert known.admit(ACCOUNT, "one-more", multi_region=multi, regions=REGIONS) == 1


def test_a_name_is_taken_once_in_a_region_and_free_again_after_deletion() -> None:
    one = trail()
    known = registry("us-east-1", one)
    with pytest.raises(
        TrailAlreadyExistsException,
        match=r"^TrailAlreadyExistsException: Trail audit already exists for customer: 111122223333$",
    ):
        known.admit(ACCOUNT, "audit", multi_region=False, regions=REGIONS)
    known.put(replace(one, deleted=True, version=2))
    assert known.admit(ACCOUNT, "audit", multi_region=False, regions=REGIONS) == 3


def test_an_older_version_never_replaces_a_newer_one() -> None:
    """CT-28: shadows may be told in any order, and more than once."""
    newer = replace(trail(multi=True), version=2, bucket="newer")
    known = registry("eu-west-1", newer)
    assert not known.put(trail(multi=True))
    assert not known.put(newer)
    assert known.get(newer.arn) == newer


def test_a_shadow_is_seen_by_its_arn_and_changed_only_at_home() -> None:
    """CT-30."""
    shadow, elsewhere = trail(multi=True), trail("far", "ap-northeast-1")
    known = registry("eu-west-1", shadow, elsewhere)
    assert known.here(ACCOUNT) == (shadow,)
    assert known.find(ACCOUNT, shadow.arn) == shadow
    for name in (shadow.arn, shadow.name):
        with pytest.raises(
            InvalidHomeRegionException,
            match="^InvalidHomeRegionException: Trail "
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit "
            r"can only be changed in its home region us-east-1\.$",
        ):
            known.find_at_home(ACCOUNT, name)
    with pytest.raises(
        TrailNotFoundException,
        match=r"^TrailNotFoundException: Unknown trail: "
        r"arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit for the user: 111122223333$",
    ):
        known.find(ACCOUNT, "audit")
    with pytest.raises(TrailNotFoundException):
        known.find(ACCOUNT, elsewhere.arn)
    with pytest.raises(CloudTrailARNInvalidException):
        known.find(ACCOUNT, "arn:aws:kms:us-east-1:111122223333:key/1")
