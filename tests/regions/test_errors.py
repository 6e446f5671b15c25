"""Service errors: one class per wire code, and every one travels."""

from regions.errors import ERROR_FRAMES, ERRORS, AccessDeniedException, ServiceError
from sim.wire import Codec


def test_every_error_has_its_own_code_and_frame_id() -> None:
    assert len(ERRORS) == len(ERROR_FRAMES) == len(set(ERROR_FRAMES.values()))
    assert all(300 <= number <= 399 for number in ERROR_FRAMES)
    for code, error in ERRORS.items():
        assert (error.code, error.__name__) == (code, code)
        assert error.status in (400, 500, 503)


def test_every_subclass_stands_in_the_table() -> None:
    travelling = {error.__name__ for error in ServiceError.__subclasses__()} - {"EdgeError"}
    assert sorted(travelling) == sorted(ERRORS), "only errors of the edge never travel"


def test_an_error_travels_with_text_and_request_id() -> None:
    codec = Codec(ERROR_FRAMES)
    for error in ERRORS.values():
        sent = error("some text").answering("request-1")
        received = codec.decode(codec.encode(sent))
        assert (type(received), received.message, received.request_id) == (
            error,
            "some text",
            "request-1",
        )
        assert str(received) == f"{error.code}: some text"


def test_what_is_definite_surely_did_not_happen() -> None:
    uncertain = sorted(code for code, error in ERRORS.items() if not error.definite)
    assert uncertain == ["DependencyTimeoutException", "KMSInternalException"]
    faults = sorted(code for code, error in ERRORS.items() if error.status >= 500)
    assert faults == [
        *("DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException"),
        "ServiceUnavailableException",
    ]


def test_the_audit_record_writes_access_denied_without_its_suffix() -> None:
    assert AccessDeniedException.record_code == "AccessDenied"
    others = [e for e in ERRORS.values() if e is not AccessDeniedException]
    assert all(error.record_code == error.code for error in others)
