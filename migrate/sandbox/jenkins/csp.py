"""Content-Security-Policy-Report-Only and Reporting-Endpoints (jenkins/security/csp)."""

import base64
import hashlib
import hmac

from migrate.sandbox.jenkins.security import Caller
from migrate.sandbox.jenkins.state import Installation

_POLICY = (
    "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'self';"
    " img-src 'self' data:; script-src 'report-sample' 'self' usage.jenkins.io;"
    " style-src 'report-sample' 'self' 'unsafe-inline';"
)


def headers(home: Installation, caller: Caller, path: str) -> dict[str, str]:
    """The headers of an answer; without a configured URL there is nowhere to report to.

    The endpoint holds a MAC, the caller's name and the path (09-whoami.txt). A page that shows an
    object names that and the view instead; here it has the path, too.
    """
    if home.configured_url is None:
        return {"Content-Security-Policy-Report-Only": _POLICY}
    told = f"{_encoded(caller.name)}::{_encoded(path)}"
    mac = hmac.new(home.session.encode(), told.encode(), hashlib.sha256).digest()
    code = f"{base64.urlsafe_b64encode(mac).decode()}:{told}"
    endpoint = f"{home.configured_url}content-security-policy-reporting-endpoint/{code}"
    return {
        "Reporting-Endpoints": f"content-security-policy: {endpoint}",
        "Content-Security-Policy-Report-Only": (
            f"{_POLICY} report-to content-security-policy; report-uri {endpoint}"
        ),
    }


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()
