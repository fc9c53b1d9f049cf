"""One exchange with the API server: what is tried again, what is read of the answer, what a failure
means."""

from dataclasses import dataclass
from typing import Any

from migrate.cluster.connect import Connection
from migrate.cluster.errors import (
    AnswerLost,
    ClusterUnreachable,
    Request,
    not_kubernetes,
    too_much,
)
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.net.answers import NotJson, TooManyValues, parse_json, whole_values
from migrate.net.bounded import MOST_BODY, BadPacking, TooLarge, read_body

MOST_OF_AN_ERROR = 256 << 10
"""Bytes of a refusal that are looked at; a Status has some KiB."""
_READ_RETRIES = 3


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked."""

    status: int
    kind: str
    """Content-Type."""
    data: bytes


def read_answer(request: Request, response: Any, lost_by: str | None) -> Answer:
    """Its body within its bounds; closes it where there is more. ``HTTPError`` when it ends early
    or late. ``lost_by``: the server, where what was asked may have been done."""
    good = 200 <= response.status < 300
    body = b""
    whole = False
    try:
        body = read_body(
            lambda count: response.read(count, decode_content=False),
            MOST_BODY if good else MOST_OF_AN_ERROR,
            response.headers.get("Content-Encoding", ""),
            cut=not good,
        )
        whole = good
    except TooLarge as error:
        if lost_by is not None:
            raise answer_lost(request, lost_by, str(error)) from None
        raise too_much(request, str(error)) from None
    except BadPacking as error:
        raise not_kubernetes(str(error)) from None
    finally:
        if whole:
            response.release_conn()
        else:
            response.close()
    return Answer(response.status, response.headers.get("Content-Type", ""), body)


def parsed(request: Request, data: bytes) -> dict[str, Any]:
    """The object that an answer holds; ``NotKubernetes`` for anything else."""
    try:
        body = parse_json(data)
    except TooManyValues as error:
        raise too_much(request, str(error)) from None
    except NotJson as error:
        raise not_kubernetes(f"an answer that can't be read: {error}") from None
    if b"\\u" in data:
        body = whole_values(body)
    if not isinstance(body, dict):
        raise not_kubernetes("an answer that is not an object")
    return body


def retries() -> Any:
    """For what may be repeated: a connection that failed, a server that is overloaded."""
    from migrate.net.pools import Retries

    return Retries(
        total=_READ_RETRIES,
        status_forcelist=(429, 502, 503, 504),
        allowed_methods=None,
        backoff_factor=0.2,
        backoff_max=2,
        # A hostile or mistaken Retry-After must not hold the tool for hours.
        respect_retry_after_header=False,
        raise_on_status=False,
        raise_on_redirect=False,
    )


def lost(request: Request, by: Connection, error: Exception, *, safe: bool) -> ClusterUnreachable:
    """What a failed exchange means; urllib3 wraps the reason once or twice."""
    import urllib3

    inner: BaseException = error
    while True:
        reason = getattr(inner, "reason", None)
        if not isinstance(reason, BaseException):
            break
        inner = reason
    failed = urllib3.exceptions
    # A connection error, or a certificate refused, comes before anything was sent.
    never_sent = isinstance(inner, failed.NewConnectionError | failed.ConnectTimeoutError) or (
        isinstance(inner, failed.SSLError) and "certificate" in str(inner).lower()
    )
    why = visible(mask(_reason(inner)))
    where = by.told
    if safe or never_sent:
        return ClusterUnreachable(
            f"the Kubernetes API at {where} can't be reached: {why}",
            next_command="migrate doctor    # after a look at the kubeconfig and your network",
        )
    return answer_lost(request, where, why)


def answer_lost(request: Request, server: str, why: str) -> AnswerLost:
    """A change whose answer did not come."""
    return AnswerLost(
        f"no answer to {request} from {server}: {why}; it may or may not have been done",
        next_command="migrate apply PLAN --resume    # it looks first; see migrate status",
    )


def _reason(error: BaseException) -> str:
    text = str(error)
    # "HTTPSConnection(host=..., port=...): Failed to establish ...: [Errno 111] Connection refused"
    tail = text.rsplit(": ", 1)[-1] if "onnection" in text.split(":", 1)[0] else text
    return (tail or type(error).__name__)[:300]
