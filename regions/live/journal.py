"""A live world's log for people and machines: one JSON object a line, and no secret in any.

What does not belong here: audit records (trail/), which are the service's own.
Source: structlog's documentation, "Logging Best Practices": JSON lines with an ISO 8601 time.
"""

from collections.abc import Callable
from typing import Any, TextIO


class Journal:
    """Writes what happens to a stream, if there is one.

    Args:
      stream: gets the lines; None: nobody wants them.

    Raises:
      ModuleNotFoundError: the extra ``serve`` is not installed.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.shows_answers = stream is not None
        self._say: Callable[..., Any] = _nothing
        if stream is not None:
            import structlog  # noqa: PLC0415 - an extra, and only for those who want a log

            logger = structlog.wrap_logger(
                structlog.PrintLogger(stream),
                processors=[
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.JSONRenderer(),
                ],
            )
            self._say = logger.msg

    def happened(self, event: str, **fields: Any) -> None:
        """Log one thing that happened to the world."""
        self._say(event, **fields)

    def answered(
        self,
        service: str,
        region: str,
        action: str,
        code: str,
        account: str,
        request_id: str,
        took_s: float,
    ) -> None:
        """Log one answer; never what was asked or answered."""
        self._say(
            "answered",
            service=service,
            region=region,
            action=action,
            outcome=code,
            account=account,
            request_id=request_id,
            ms=round(took_s * 1e3, 3),
        )


def _nothing(_event: str, **_fields: Any) -> None:
    """Say nothing."""
