"""HTTP as values."""

from regions.api.http_values import HttpRequest


def test_a_header_is_found_by_its_lower_case_name_and_the_first_one_counts() -> None:
    request = HttpRequest("GET", "/", (("a", "1"), ("b", "2"), ("a", "3")), b"", "127.0.0.1")
    assert (request.header("a"), request.header("b"), request.header("c")) == ("1", "2", "")
    assert request.header("c", "none") == "none"


def test_what_a_request_carries_stays_out_of_its_repr() -> None:
    request = HttpRequest("POST", "/", (("authorization", "secret"),), b"secret", "127.0.0.1")
    assert "secret" not in repr(request)
