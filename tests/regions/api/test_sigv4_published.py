"""Signatures that AWS has published are right, to the byte."""

import pytest
from signing import KEY, KEY_ID, S3_KEY_ID, S3_TIME, S3_TIME_S, TIME, check, http

from regions.api.canonical import canonical_query, query_pairs, signing_key
from regions.api.http_values import Headers
from regions.api.sigv4_values import Secret

SUITE_TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeo"
    "IYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5V"
    "SXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yj"
    "c8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
LETTERS = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM = ("content-type", "application/x-www-form-urlencoded")
FORM_UTF8 = ("content-type", "application/x-www-form-urlencoded; charset=utf-8")

#: Case of the published suite -> method, target, headers beside Host and X-Amz-Date, signed names
#: beside them, body, signature. get-header-value-multiline is left out: it folds one header over
#: lines, which HTTP has given up.
SUITE: dict[str, tuple[str, str, Headers, str, bytes, str]] = {
    "get-header-key-duplicate": (
        "GET", "/", (("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")),
        "my-header1", b"", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    "get-header-value-order": (
        "GET", "/", tuple(("my-header1", f"value{n}") for n in (4, 1, 3, 2)),
        "my-header1", b"", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
    "get-header-value-trim": (
        "GET", "/", (("my-header1", " value1"), ("my-header2", ' "a   b   c"')),
        "my-header1;my-header2", b"", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    "get-unreserved": (
        "GET", f"/{LETTERS}", (), "", b"", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    "get-utf8": (
        "GET", "/\u1234", (), "", b"", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    "get-vanilla": (
        "GET", "/", (), "", b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "get-vanilla-empty-query-key": (
        "GET", "/?Param1=value1", (), "", b"", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    "get-vanilla-query-order-key": (
        "GET", "/?Param1=value2&Param1=Value1", (), "", b"", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
    "get-vanilla-query-order-key-case": (
        "GET", "/?Param2=value2&Param1=value1", (), "", b"", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    "get-vanilla-query-order-value": (
        "GET", "/?Param1=value2&Param1=value1", (), "", b"", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
    "get-vanilla-query-unreserved": (
        "GET", f"/?{LETTERS}={LETTERS}", (), "", b"", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
    "get-vanilla-utf8-query": (
        "GET", "/?\u1234=bar", (), "", b"", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
    "post-vanilla": (
        "POST", "/", (), "", b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-header-key-sort": (
        "POST", "/", (("my-header1", "value1"),), "my-header1", b"", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    "post-header-value-case": (
        "POST", "/", (("my-header1", "VALUE1"),), "my-header1", b"", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
    "post-vanilla-query": (
        "POST", "/?Param1=value1", (), "", b"", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    "post-x-www-form-urlencoded": (
        "POST", "/", (FORM,), "content-type", b"Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    "post-x-www-form-urlencoded-parameters": (
        "POST", "/", (("content-type", f"{FORM[1]}; charset=utf8"),), "content-type", b"Param1=value1", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
    "normalize-path/get-relative": (
        "GET", "/example/..", (), "", b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "normalize-path/get-relative-relative": (
        "GET", "/example1/example2/../..", (), "", b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "normalize-path/get-slash": (
        "GET", "//", (), "", b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "normalize-path/get-slash-dot-slash": (
        "GET", "/./", (), "", b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "normalize-path/get-slash-pointless-dot": (
        "GET", "/./example", (), "", b"", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
    "normalize-path/get-slashes": (
        "GET", "//example//", (), "", b"", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    "normalize-path/get-space": (
        "GET", "/example space/", (), "", b"", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
}  # fmt: skip


@pytest.mark.parametrize("case", SUITE)
def test_a_case_of_the_published_suite_is_accepted(case: str) -> None:
    method, target, more, more_signed, body, signature = SUITE[case]
    names = sorted(filter(None, ["host", "x-amz-date", *more_signed.split(";")]))
    headers = (
        *(("host", "example.amazonaws.com"), *more, ("x-amz-date", TIME)),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request, SignedHeaders={';'.join(names)}, Signature={signature}"),
    )
    verified = check(http(method, target, headers, body))
    assert (verified.access_key_id, verified.presigned, list(verified.signed_headers)) == (
        KEY_ID, False, names,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("names", "signature"),
    [
        ("host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("host;x-amz-date;x-amz-security-token", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
    ],
    ids=["post-sts-header-after", "post-sts-header-before"],
)
def test_a_session_token_may_be_added_before_or_after_signing(names: str, signature: str) -> None:
    headers = (
        *(("host", "example.amazonaws.com"), ("x-amz-date", TIME), ("x-amz-security-token", SUITE_TOKEN)),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature={signature}"),
    )
    secrets = {KEY_ID: Secret(KEY, SUITE_TOKEN)}
    assert check(http("POST", "/", headers), secrets=secrets).access_key_id == KEY_ID


def test_the_list_users_request_of_the_iam_guide_is_accepted() -> None:
    headers = (
        *(FORM_UTF8, ("host", "iam.amazonaws.com"), ("x-amz-date", TIME)),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
    )
    request = http("GET", "/?Action=ListUsers&Version=2010-05-08", headers)
    assert check(request, "iam").access_key_id == KEY_ID


def test_the_signing_key_of_the_iam_guide_is_derived() -> None:
    key = signing_key(KEY, "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
S3_HOST = ("host", "examplebucket.s3.amazonaws.com")

#: Example of the S3 API reference -> method, target, other headers, x-amz-content-sha256, signed
#: names, body, signature.
S3_EXAMPLES: dict[str, tuple[str, str, Headers, str, str, bytes, str]] = {
    "GET Object": (
        "GET", "/test.txt", (("range", "bytes=0-9"),), EMPTY, "host;range;x-amz-content-sha256;x-amz-date", b"",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    "PUT Object": (
        "PUT", "/test%24file.text",
        (("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")),
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", b"Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    "GET Bucket Lifecycle": (
        "GET", "/?lifecycle", (), EMPTY, "host;x-amz-content-sha256;x-amz-date", b"",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    "Get Bucket (List Objects)": (
        "GET", "/?max-keys=2&prefix=J", (), EMPTY, "host;x-amz-content-sha256;x-amz-date", b"",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
}  # fmt: skip


@pytest.mark.parametrize("example", S3_EXAMPLES)
def test_an_example_of_the_s3_reference_is_accepted(example: str) -> None:
    method, target, more, payload, names, body, signature = S3_EXAMPLES[example]
    headers = (
        *(S3_HOST, *more, ("x-amz-content-sha256", payload), ("x-amz-date", S3_TIME)),
        ("authorization", f"AWS4-HMAC-SHA256 Credential={S3_KEY_ID}/20130524/us-east-1/s3/aws4_request,SignedHeaders={names},Signature={signature}"),
    )
    verified = check(http(method, target, headers, body), "s3", S3_TIME_S)
    assert (verified.access_key_id, verified.payload, verified.seal) == (S3_KEY_ID, payload, None)


def test_the_presigned_url_of_the_s3_reference_is_accepted_for_its_whole_day() -> None:
    target = (
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    for now_s in (S3_TIME_S - 900, S3_TIME_S, S3_TIME_S + 86_400):
        verified = check(http("GET", target, (S3_HOST,)), "s3", now_s)
        assert (verified.presigned, verified.signed_headers, verified.payload) == (
            True, ("host",), "UNSIGNED-PAYLOAD",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("a=b+c", "a=b%20c"),
        ("a=%7e%2f%C3%A9", "a=~%2F%C3%A9"),
        ("a", "a="),
        ("b=1&a=2=3&a=10", "a=10&a=2%3D3&b=1"),
        ("prefix=a&", "=&prefix=a"),
    ],
)
def test_a_query_is_encoded_anew_and_sorted(query: str, canonical: str) -> None:
    assert canonical_query(query_pairs(query)) == canonical
