"""Distances between places are those that were measured."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from regions.latency import RTT_MS, az_of, latency, region_of
from sim.units import ms, us

MEASURED = sorted({region for pair in RTT_MS for region in pair})


def test_the_matrix_covers_every_pair_of_nineteen_regions() -> None:
    assert len(MEASURED) == 19
    assert all((a, b) in RTT_MS and (b, a) in RTT_MS for a, b in combinations(MEASURED, 2))


def test_known_round_trips_stand_where_they_were_measured() -> None:
    assert RTT_MS["us-east-1", "eu-west-1"] == 71
    assert RTT_MS["us-east-1", "ap-northeast-1"] == 152
    assert RTT_MS["eu-west-1", "ap-northeast-1"] == 204
    assert RTT_MS["ap-northeast-1", "ap-east-1"] == 51
    assert RTT_MS["eu-west-2", "eu-west-3"] == 7.8


@given(st.sampled_from(MEASURED), st.sampled_from(MEASURED))
def test_one_way_is_half_a_round_trip_and_the_same_both_ways(one: str, other: str) -> None:
    spec = latency(f"{one}/clients", f"{other}/x")
    assert spec == latency(f"{other}/x", f"{one}/clients")
    if one != other:
        assert spec.base_ns == ms(RTT_MS[one, other] / 2)


def test_azs_of_a_region_are_less_than_a_millisecond_and_a_half_apart() -> None:
    spec = latency("us-east-1/use1-az1", "us-east-1/use1-az2")
    assert spec.base_ns == ms(0.33)
    assert spec.base_ns + spec.jitter_ns < ms(1.5)


def test_actors_of_one_az_are_fifty_microseconds_apart() -> None:
    assert latency("us-east-1/use1-az1", "us-east-1/use1-az1").base_ns == us(50)


def test_places_name_their_region_and_az() -> None:
    assert region_of("safe/us-east-1/hsm") == "us-east-1"
    assert region_of("host") == "host"
    assert az_of("us-east-1/use1-az1/az") == "us-east-1/use1-az1"
    assert az_of("us-east-1/clients/app-1") == ""
