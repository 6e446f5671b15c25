"""Wildcards, ARNs and resources: what matches what."""

import pytest

from regions.policy.patterns import arn, resource, template, wildcard


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("kms:Encrypt", "kms:Encrypt", True),
        ("kms:.ncrypt", "kms:Encrypt", False),
        ("*", "", True),
        ("a*", "a\nb", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*a*b", "xxaxxab", True),
        ("*a*b*", "b a", False),
        ("a**b", "ab", True),
        ("*aa*a", "aa", False),
        ("*aa*a", "aaa", True),
        ("back\\slash*", "back\\slashes", True),
        ("back\\*", "back\\anything", True),
    ],
)
def test_wildcards_match_as_written(pattern: str, text: str, expected: bool) -> None:
    assert wildcard(pattern)(text) is expected


def test_no_pattern_makes_the_search_explode() -> None:
    # Goal: a policy of thirty stars is answered; a search that tries all places would not end.
    assert wildcard("*a" * 30 + "*b")("a" * 10_000) is False


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:sns:*:1:t", "arn:aws:sns:eu-west-1:1:t", True),
        # A star at the end of a segment reaches over the colon, one inside does not.
        ("arn:aws:s*:t", "arn:aws:sns:eu-west-1:1:t", True),
        ("arn:aws:s*s:t", "arn:aws:sns:eu-west-1:s:t", False),
        ("arn:a*s:sns:eu-west-1:1:t", "arn:aws:sns:eu-west-1:1:t", True),
        ("arn:a*1:1:t:u:v", "arn:aws:sns:eu-west-1:1:t:u:v", False),
        ("arn:aws:?ns:eu-west-1:1:t", "arn:aws:sns:eu-west-1:1:t", True),
        ("arn:aws?sns:eu-west-1:1:t", "arn:aws:sns:eu-west-1:1:t", False),
        ("arn:a*s:sns:*:1:t*u", "arn:aws:sns:a:b:1:t:u", True),
        ("arn:a*s:sns:*:1:t?u", "arn:aws:sns:a:b:1:t:u", True),
        ("arn:a*s:sns:*:1:t", "arn:aws:sns:a:b:1:t:u", False),
    ],
)
def test_wildcards_of_a_resource_keep_to_its_segments(
    pattern: str, text: str, expected: bool
) -> None:
    assert resource(pattern)(text) is expected


def test_the_documented_arn_matches_as_a_text_and_not_as_an_arn() -> None:
    # Source: IAM User Guide, "Condition operators", ARN operators; with values of our own.
    pattern = "arn:aws:shop:*:111122223333:books/*"
    value = "arn:aws:shop:eu-west-1:999988887777:shelf/a:111122223333:books/b.txt"
    assert (wildcard(pattern)(value), arn(pattern)(value)) == (True, False)
    assert arn(pattern)("arn:aws:shop:eu-west-1:111122223333:books/a:b") is True


def test_what_only_looks_like_a_variable_is_text() -> None:
    assert [template(text) for text in ("", "a", "${", "${}", "${a", "$a", "{a}")] == [None] * 7
