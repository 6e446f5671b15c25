"""Every way to sign wrongly gets the words, the code and the status that AWS answers with."""

import time
from dataclasses import replace

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from signing import (
    KEY,
    KEY_ID,
    REGION,
    SECRETS,
    TIME_S,
    TOKEN,
    check,
    http,
    received,
    refusal,
    shown,
    signed,
)

from regions.api.edge_errors import FAMILIES, EdgeError, Members
from regions.api.http_values import HttpRequest
from regions.api.sigv4 import Scope, is_signed, scope_of
from regions.api.sigv4_values import Secret

CREDENTIALS = Credentials(KEY_ID, KEY)
HASH = "(Hashed with SHA-256 and encoded with Base64) Authorization="


def encrypt(credentials: Credentials = CREDENTIALS, now_s: int = TIME_S) -> HttpRequest:
    """Return an Encrypt as botocore signs it."""
    headers = {"X-Amz-Target": "TrentService.Encrypt", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", "https://kms.us-east-1.amazonaws.com/", headers, b'{"KeyId":"1"}')
    return signed(SigV4Auth(credentials, "kms", REGION), request, now_s)


def get_object(credentials: Credentials = CREDENTIALS, now_s: int = TIME_S) -> HttpRequest:
    request = AWSRequest("GET", "https://b.s3.us-east-1.amazonaws.com/key")
    return signed(S3SigV4Auth(credentials, "s3", REGION), request, now_s)


def presigned(
    credentials: Credentials = CREDENTIALS, now_s: int = TIME_S, expires_s: int = 3600
) -> HttpRequest:
    request = AWSRequest("GET", "https://b.s3.us-east-1.amazonaws.com/key")
    return signed(S3SigV4QueryAuth(credentials, "s3", REGION, expires=expires_s), request, now_s)


def caller_identity_url(now_s: int = TIME_S) -> HttpRequest:
    url = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    return signed(SigV4QueryAuth(CREDENTIALS, "sts", REGION, 60), AWSRequest("GET", url), now_s)


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    rest = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=rest if value is None else (*rest, (name, value)))


def edited(request: HttpRequest, old: str, new: str, name: str = "authorization") -> HttpRequest:
    value = request.header(name)
    assert old in value
    return with_header(request, name, value.replace(old, new))


def retargeted(request: HttpRequest, old: str, new: str) -> HttpRequest:
    assert old in request.target
    return replace(request, target=request.target.replace(old, new))


INVALID = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
MISMATCH = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
CORAL = [
    (with_header(encrypt(), "authorization", None),
     "MissingAuthenticationTokenException", "Missing Authentication Token"),
    (with_header(encrypt(), "authorization", "Bearer abc"),
     "MissingAuthenticationTokenException", "Missing Authentication Token"),
    (replace(encrypt(), target="/?X-Amz-Algorithm=AWS4-HMAC-SHA256"), INVALID,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
    (with_header(encrypt(), "authorization", "AWS4-HMAC-SHA256"), INCOMPLETE,
     f"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. {HASH}YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0="),
    (with_header(encrypt(), "authorization", "AWS4-HMAC-SHA256 Credential"), INCOMPLETE,
     "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'KfSoC26UaBDGXxo5AUFS45c1cmAbyLKDOxOTKcZYWt4='."),
    (edited(encrypt(), "20150830T123600Z", "", "x-amz-date"), INCOMPLETE, None),
    (edited(encrypt(), "20150830T123600Z", "2015", "x-amz-date"), INCOMPLETE,
     "Date must be in ISO-8601 'basic format'. Got '2015'. See http://en.wikipedia.org/wiki/ISO_8601"),
    (edited(encrypt(), "20150830T123600Z", "20151330T123600Z", "x-amz-date"), INCOMPLETE,
     "Date must be in ISO-8601 'basic format'. Got '20151330T123600Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
    (edited(encrypt(), "host;", ""), INVALID,
     "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
    (edited(encrypt(), "HMAC-SHA256", "HMAC-SHA25"), INCOMPLETE,
     "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "),
    (edited(encrypt(), "/aws4_request", ""), INCOMPLETE,
     "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/us-east-1/kms'"),
    (edited(encrypt(), "us-east-1", "us-west-2"), INVALID, "Credential should be scoped to a valid region. "),
    (edited(encrypt(), "kms", "s3"), INVALID, "Credential should be scoped to correct service: 'kms'. "),
    (edited(encrypt(), "20150830/us-east-1/kms/aws4_request", "b/c/d/e"), INVALID,
     "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'kms'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'."),
    (edited(encrypt(), "/20150830/", "/2015083/"), INVALID,
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '2015083' != '20150830', from '20150830T123600Z'."),
    (edited(encrypt(), KEY_ID, "AKIDUNKNOWN"), "UnrecognizedClientException",
     "The security token included in the request is invalid."),
    (with_header(encrypt(), "x-amz-security-token", TOKEN), "UnrecognizedClientException",
     "The security token included in the request is invalid"),
    (replace(encrypt(), body=b'{"KeyId":"2"}'), INVALID, MISMATCH),
    (edited(encrypt(), "Encrypt", "Decrypt", "x-amz-target"), INVALID, MISMATCH),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "message"), CORAL)
def test_a_json_service_refuses_a_bad_signature(
    request_: HttpRequest, code: str, message: str | None
) -> None:
    error = refusal(request_, "kms")
    if message is None:
        authorization = request_.header("authorization")
        assert authorization not in error.message, "nobody's signature belongs in an error"
        message = error.message
        assert message.startswith(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
            + HASH
        )
    assert shown(error) == (code, 400, message)


def test_a_signature_is_refused_when_it_is_more_than_15_minutes_old_or_early() -> None:
    assert check(encrypt(), "kms", TIME_S + 900).access_key_id == KEY_ID
    assert check(encrypt(), "kms", TIME_S - 900).access_key_id == KEY_ID
    assert shown(refusal(encrypt(), "kms", TIME_S + 901)) == (
        INVALID, 400, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)",
    )  # fmt: skip
    assert shown(refusal(encrypt(), "kms", TIME_S - 901)) == (
        INVALID, 400, "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)",
    )  # fmt: skip


def test_a_presigned_url_of_a_query_service_lives_15_minutes_whatever_it_says() -> None:
    request = caller_identity_url()
    assert "X-Amz-Expires=60&" in request.target
    verified = check(request, "sts", TIME_S + 900)
    assert (verified.access_key_id, verified.presigned) == (KEY_ID, True)
    assert shown(refusal(request, "sts", TIME_S + 901)) == (
        "SignatureDoesNotMatch", 403, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (http("POST", "/"), ("MissingAuthenticationToken", 403, "Request is missing Authentication Token")),
        (retargeted(caller_identity_url(), "X-Amz-Date", "Date"),
         ("IncompleteSignature", 400, "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.")),
        (http("GET", "/?X-Amz-Algorithm=x"),
         ("IncompleteSignature", 400, "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.")),
        (retargeted(caller_identity_url(), KEY_ID, "AKIDUNKNOWN"),
         ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")),
        (retargeted(caller_identity_url(), "GetCallerIdentity", "AssumeRole"),
         ("SignatureDoesNotMatch", 403, MISMATCH)),
    ],
)  # fmt: skip
def test_a_query_service_refuses_a_bad_signature(
    request_: HttpRequest, error: tuple[str, int, str]
) -> None:
    assert shown(refusal(request_, "sts")) == error


SESSION = Credentials(KEY_ID, KEY, TOKEN)
LIVING = {KEY_ID: Secret(KEY, TOKEN, TIME_S + 1)}
OVER = {KEY_ID: Secret(KEY, TOKEN, TIME_S)}
GONE = "The AWS Access Key Id you provided does not exist in our records."


def test_a_session_is_accepted_with_its_own_token_until_it_is_over() -> None:
    for service, request in (
        ("kms", encrypt(SESSION)),
        ("s3", get_object(SESSION)),
        ("s3", presigned(SESSION)),
    ):
        assert check(request, service, secrets=LIVING).access_key_id == KEY_ID


@pytest.mark.parametrize(
    ("request_", "service", "secrets", "error"),
    [
        (encrypt(), "kms", LIVING, ("UnrecognizedClientException", 400, "The security token included in the request is invalid.")),
        (encrypt(SESSION), "kms", OVER, ("ExpiredTokenException", 400, "The security token included in the request is expired")),
        (encrypt(SESSION), "kms", SECRETS, ("UnrecognizedClientException", 400, "The security token included in the request is invalid")),
        (get_object(), "s3", LIVING, ("InvalidAccessKeyId", 403, GONE)),
        (get_object(), "s3", {}, ("InvalidAccessKeyId", 403, GONE)),
        (get_object(SESSION), "s3", OVER, ("ExpiredToken", 400, "The provided token has expired.")),
        (get_object(SESSION), "s3", SECRETS, ("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")),
        (presigned(SESSION), "s3", OVER, ("ExpiredToken", 400, "The provided token has expired.")),
    ],
)  # fmt: skip
def test_a_session_token_must_be_there_and_be_the_right_one(
    request_: HttpRequest, service: str, secrets: dict[str, Secret], error: tuple[str, int, str]
) -> None:
    refused = refusal(request_, service, secrets=secrets)
    assert shown(refused) == error
    if error[0] in ("ExpiredToken", "InvalidToken"):
        assert refused.members == (("Token-0", TOKEN),)


MALFORMED = "The authorization header is malformed; "
QUERY_ERROR = "AuthorizationQueryParametersError"
CREDENTIAL = "Error parsing the X-Amz-Credential parameter; "
SHAPE = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
S3 = [
    (http(), ("AccessDenied", 403, "Access Denied")),
    (with_header(get_object(), "authorization", "AWS4-HMAC-SHA256"),
     ("InvalidArgument", 400, "Authorization header is invalid -- one and only one ' ' (space) required")),
    (with_header(get_object(), "authorization", "Bearer abc"), ("InvalidArgument", 400, "Unsupported Authorization Type")),
    (with_header(get_object(), "authorization", "AWS key:signature"),
     ("InvalidRequest", 400, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")),
    (edited(get_object(), "Credential=", ""),
     ("AuthorizationHeaderMalformed", 400, f'{MALFORMED}the authorization component "AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request" is malformed.')),
    (edited(get_object(), "Signature=", "Sign="), ("AuthorizationHeaderMalformed", 400, None)),
    (edited(get_object(), "SignedHeaders=host;x-amz-content-sha256;x-amz-date, ", ""),
     ("AuthorizationHeaderMalformed", 400, f"{MALFORMED}missing SignedHeaders.")),
    (edited(get_object(), "/aws4_request", ""), ("AuthorizationHeaderMalformed", 400, MALFORMED + SHAPE)),
    (edited(get_object(), "aws4_request", "e"),
     ("AuthorizationHeaderMalformed", 400, f'{MALFORMED}incorrect terminal "e". This endpoint uses "aws4_request".')),
    (edited(get_object(), "/s3/", "/kms/"),
     ("AuthorizationHeaderMalformed", 400, f'{MALFORMED}incorrect service "kms". This endpoint belongs to "s3".')),
    (edited(get_object(), "20150830/", "2015-08-30/"),
     ("AuthorizationHeaderMalformed", 400, f'{MALFORMED}incorrect date format "2015-08-30". This date in the credential must be in the format "yyyyMMdd".')),
    (edited(get_object(), "20150830/", "20150829/"),
     ("AuthorizationHeaderMalformed", 400, f'{MALFORMED}Invalid credential date "20150829". This date is not the same as X-Amz-Date: "20150830".')),
    (edited(get_object(), "us-east-1", "eu-west-1"),
     ("AuthorizationHeaderMalformed", 400, f"{MALFORMED}the region 'eu-west-1' is wrong; expecting 'us-east-1'")),
    (with_header(get_object(), "x-amz-date", None), ("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")),
    (with_header(get_object(), "x-amz-content-sha256", None),
     ("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")),
    (with_header(get_object(), "x-amz-content-sha256", "unsigned-payload"),
     ("InvalidArgument", 400, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")),
    (with_header(get_object(), "x-amz-acl", "public-read"), ("AccessDenied", 403, "There were headers present in the request which were not signed")),
    (edited(get_object(), "host;", ""), ("AccessDenied", 403, "There were headers present in the request which were not signed")),
    (edited(get_object(), KEY_ID, "AKIDUNKNOWN"), ("InvalidAccessKeyId", 403, GONE)),
    (replace(get_object(), method="DELETE"),
     ("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")),
    (replace(get_object(), body=b"more"),
     ("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")),
    (with_header(presigned(), "authorization", "Basic dXNlcjpwYXNz"),
     ("InvalidArgument", 400, "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified")),
    (retargeted(presigned(), "X-Amz-Expires", "Expires"),
     (QUERY_ERROR, 400, "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")),
    (retargeted(presigned(), "HMAC-SHA256", "HMAC-SHA1"),
     (QUERY_ERROR, 400, 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')),
    (retargeted(presigned(), "%2Faws4_request", ""), (QUERY_ERROR, 400, CREDENTIAL + SHAPE)),
    (retargeted(presigned(), "us-east-1", "eu-west-1"),
     (QUERY_ERROR, 400, f"{CREDENTIAL}the region 'eu-west-1' is wrong; expecting 'us-east-1'")),
    (retargeted(presigned(), "20150830T123600Z", "20150830"),
     (QUERY_ERROR, 400, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")),
    (retargeted(presigned(), "20150830T", "20150831T"),
     (QUERY_ERROR, 400, 'Invalid credential date "20150830". This date is not the same as X-Amz-Date: "20150831".')),
    (retargeted(presigned(), "Expires=3600", "Expires=soon"), (QUERY_ERROR, 400, "X-Amz-Expires should be a number")),
    (retargeted(presigned(), "Expires=3600", "Expires=-1"), (QUERY_ERROR, 400, "X-Amz-Expires must be non-negative")),
    (retargeted(presigned(), "Expires=3600", "Expires=604801"),
     (QUERY_ERROR, 400, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")),
    (retargeted(presigned(), "Expires=3600", "Expires=3601"),
     ("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "error"), S3)
def test_s3_refuses_a_bad_signature(
    request_: HttpRequest, error: tuple[str, int, str | None]
) -> None:
    code, status, message = error
    refused = refusal(request_, "s3")
    if message is None:
        signature = request_.header("authorization").rpartition("=")[2]
        message = f'{MALFORMED}the authorization component "Sign={signature}" is malformed.'
    assert shown(refused) == (code, status, message)


@pytest.mark.parametrize(
    ("request_", "members"),
    [
        (with_header(get_object(), "authorization", "Bearer abc"),
         (("ArgumentName", "Authorization"), ("ArgumentValue", "Bearer abc"))),
        (edited(get_object(), "us-east-1", "eu-west-1"), (("Region", "us-east-1"),)),
        (with_header(get_object(), "x-amz-acl", "private"), (("HeadersNotSigned", "x-amz-acl"),)),
        (edited(get_object(), "host;", ""), (("HeadersNotSigned", "host"),)),
        (edited(with_header(get_object(), "host", None), "host;", ""), (("HeadersNotSigned", "host"),)),
        (edited(get_object(), KEY_ID, "AKIDUNKNOWN"), (("AWSAccessKeyId", "AKIDUNKNOWN"),)),
        (with_header(get_object(), "x-amz-content-sha256", "x"),
         (("ArgumentName", "x-amz-content-sha256"), ("ArgumentValue", "x"))),
        (replace(get_object(), body=b"123456789"),
         (("ClientComputedContentSHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
          ("S3ComputedContentSHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"))),
    ],
)  # fmt: skip
def test_s3_says_beside_its_message_what_was_wrong(
    request_: HttpRequest, members: Members
) -> None:
    assert refusal(request_, "s3").members == members


def test_s3_shows_what_it_signed_itself() -> None:
    members = dict(refusal(replace(get_object(), target="/kez"), "s3").members)
    assert members["CanonicalRequest"].startswith("GET\n/kez\n\nhost:b.s3.us-east-1.amazonaws.com\n")
    assert members["SignatureProvided"] == get_object().header("authorization")[-64:]


def test_s3_refuses_a_request_that_is_more_than_15_minutes_off() -> None:
    for now_s, server_time in ((TIME_S + 901, "12:51:01"), (TIME_S - 901, "12:20:59")):
        error = refusal(get_object(), "s3", now_s)
        assert shown(error) == (
            "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.",
        )  # fmt: skip
        assert error.members == (
            ("RequestTime", "20150830T123600Z"),
            ("ServerTime", f"2015-08-30T{server_time}Z"),
            ("MaxAllowedSkewMilliseconds", "900000"),
        )
    assert check(get_object(), "s3", TIME_S + 900).access_key_id == KEY_ID


def test_a_presigned_url_of_s3_lives_as_long_as_it_says() -> None:
    assert check(presigned(), "s3", TIME_S + 3600).presigned
    expired = refusal(presigned(), "s3", TIME_S + 3601)
    assert shown(expired) == ("AccessDenied", 403, "Request has expired")
    assert expired.members == (
        ("X-Amz-Expires", "3600"), ("Expires", "2015-08-30T13:36:00Z"), ("ServerTime", "2015-08-30T13:36:01Z"),
    )  # fmt: skip
    early = refusal(presigned(), "s3", TIME_S - 901)
    assert shown(early) == ("AccessDenied", 403, "Request is not yet valid")
    assert early.members == (
        ("X-Amz-Date", "1440938160000"), ("Expires", "2015-08-30T13:36:00Z"), ("ServerTime", "2015-08-30T12:20:59Z"),
    )  # fmt: skip


def test_a_presigned_url_of_the_last_day_of_time_is_only_not_yet_valid() -> None:
    request = retargeted(presigned(), "20150830", "99991231")
    error = refusal(retargeted(request, "T123600Z", "T235959Z"), "s3")
    assert dict(error.members)["Expires"] == "9999-12-31T23:59:59Z"


def test_a_malformed_digest_is_noticed_before_a_wrong_body() -> None:
    request = AWSRequest("PUT", "https://b.s3.us-east-1.amazonaws.com/key", {"Content-MD5": "no"}, b"1")
    wrong = replace(signed(S3SigV4Auth(CREDENTIALS, "s3", REGION), request), body=b"2")
    assert refusal(wrong, "s3").code == "InvalidDigest"


def test_the_old_secret_of_a_key_does_not_open_after_it_was_replaced() -> None:
    assert check(encrypt(), "kms").access_key_id == KEY_ID
    assert refusal(encrypt(), "kms", secrets={KEY_ID: Secret("another")}).code == INVALID


def test_a_path_that_begins_with_no_slash_equals_no_other() -> None:
    for target in ("", ".", "?", "*"):
        assert refusal(replace(encrypt(), target=target), "kms").code == INVALID


def test_characters_that_http_does_not_allow_are_only_a_wrong_signature() -> None:
    for target in ("/\ud800", "/?\udfff=%", "/%zz", "/?a=%f"):
        assert refusal(replace(encrypt(), target=target), "kms").code == INVALID
        assert refusal(replace(get_object(), target=target), "s3").code == "SignatureDoesNotMatch"
    strange = edited(encrypt(), "TrentService", "\u1234\ud800\xe9", "x-amz-target")
    assert refusal(strange, "kms").code == INVALID


@pytest.mark.parametrize("zone", ["UTC", "EST5"])
def test_a_date_header_may_stand_for_x_amz_date_wherever_we_are(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    url = "https://kms.us-east-1.amazonaws.com/"
    request = AWSRequest("POST", url, {"Date": "to be replaced"}, b"{}")
    by_date = signed(SigV4Auth(CREDENTIALS, "kms", REGION), request)
    assert by_date.header("date") == "Sun, 30 Aug 2015 12:36:00 -0000"
    assert check(by_date, "kms").access_key_id == KEY_ID
    monkeypatch.undo()
    time.tzset()


def test_the_scope_of_a_request_is_read_without_believing_it() -> None:
    expected = Scope(KEY_ID, REGION, "kms")
    assert scope_of(edited(encrypt(), "Signature=", "Signature=0")) == expected
    assert scope_of(presigned()) == Scope(KEY_ID, REGION, "s3")
    assert scope_of(http()) is None
    assert scope_of(edited(encrypt(), "/aws4_request", "")) is None


def test_an_anonymous_request_is_told_from_a_signed_one() -> None:
    assert [is_signed(r) for r in (encrypt(), presigned(), http("GET", "/b/k?versions"))] == [
        True, True, False,
    ]  # fmt: skip


def test_an_error_keeps_all_it_says_when_it_answers_a_request() -> None:
    error = refusal(edited(get_object(), "us-east-1", "eu-west-1"), "s3")
    answer = error.answering("request-1")
    assert isinstance(answer, EdgeError)
    assert (type(answer), answer.request_id, answer.message, answer.members) == (
        type(error), "request-1", error.message, error.members,
    )  # fmt: skip


def test_only_three_services_speak_the_query_protocol() -> None:
    assert sorted(FAMILIES) == ["iam", "sns", "sts"]


def test_what_botocore_prepares_is_read_as_a_server_reads_it() -> None:
    prepared = AWSRequest("PUT", "https://h/a?b=c", {"X": "y"}, b"body").prepare()
    request = received(prepared)
    assert (request.method, request.target, request.header("host"), request.body) == (
        "PUT", "/a?b=c", "h", b"body",
    )  # fmt: skip
