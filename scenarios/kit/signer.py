"""Signs what boto3 sends in a cloud, as botocore does and in a quarter of the time.

A signature is a sixth of a call inside a cloud. For the requests of JSON services, which are most
of them, botocore's own signer is replaced by one that makes the same headers, byte for byte, from
the pure functions that verify them; whatever else there is goes to botocore's.
What does not belong here: verifying (regions/api/sigv4.py).
Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; botocore/auth.py.
"""

import datetime as dt
from hashlib import sha256
from typing import Any, Final

from botocore import auth
from botocore.awsrequest import AWSRequest

from regions.api.canonical import canonical_request, sign, signing_key, string_to_sign
from regions.api.sigv4_values import ALGORITHM, TERMINATOR

#: Under this name botocore finds it, for clients that are told to choose it.
NAME: Final = "nines-v4"
_PLAIN: Final = "v4"
_LEFT_OUT: Final = frozenset(auth.SIGNED_HEADERS_BLACKLIST)
#: Headers with which botocore's own signer does something else.
_SPECIAL: Final = frozenset({"authorization", "date", "host", "x-amz-content-sha256"})
#: What this signer sets, so that a second attempt does not sign the first one's.
_SET: Final = frozenset({"x-amz-date", "x-amz-security-token"})


class Signer(auth.SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signature Version 4 of requests whose body is bytes and whose path is ``/``."""

    def add_auth(self, request: AWSRequest) -> None:
        """Sign a request: set its date, its token and its authorization."""
        headers, host = request.headers, _host_of(request)
        folded: dict[str, str] | None = {} if host else None
        if folded is not None and self.credentials is not None:
            for name, value in headers.raw_items():
                lower = name.lower()
                if lower in _SPECIAL or not isinstance(value, str) or lower in folded:
                    folded = None
                    break
                if lower not in _LEFT_OUT and lower not in _SET:
                    folded[lower] = " ".join(value.split())
        if folded is None or self.credentials is None:
            super().add_auth(request)
            return
        self._sign_plainly(request, host, folded)

    def _sign_plainly(self, request: AWSRequest, host: str, folded: dict[str, str]) -> None:
        headers, token = request.headers, self.credentials.token
        timestamp = now().strftime(auth.SIGV4_TIMESTAMP)
        request.context["timestamp"] = timestamp
        folded["host"], folded["x-amz-date"] = host, timestamp
        del headers["X-Amz-Date"]
        headers["X-Amz-Date"] = timestamp
        if token:
            folded["x-amz-security-token"] = token
            del headers["X-Amz-Security-Token"]
            headers["X-Amz-Security-Token"] = token
        names, payload = ";".join(sorted(folded)), sha256(request.data).hexdigest()
        canonical = canonical_request(request.method, "/", "", folded, names, payload)
        date, region, service = timestamp[:8], self._region_name, self._service_name
        scope = f"{date}/{region}/{service}/{TERMINATOR}"
        key = signing_key(self.credentials.secret_key, date, region, service)
        signature = sign(key, string_to_sign(timestamp, scope, canonical))
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={self.credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )


def now() -> dt.datetime:
    """Return the real time, which signatures have: a library that replaces it is heeded."""
    return dt.datetime.now(dt.UTC)


def _host_of(request: AWSRequest) -> str:
    """Return the host of a request that can be signed plainly; "" of any other."""
    scheme, _, rest = request.url.partition("://")
    host, _, path = rest.partition("/")
    plain = scheme == "https" and not path and not set(host) & set("?#@:")
    if not plain or request.params or request.data.__class__ is not bytes:
        return ""
    return host if request.context.get("payload_signing_enabled", True) else ""


def choose(signature_version: Any = None, **_: object) -> str | None:
    """Answer botocore's question which signer to take: this one for what it would sign itself."""
    return NAME if signature_version == _PLAIN else None


auth.AUTH_TYPE_MAPS[NAME] = Signer
