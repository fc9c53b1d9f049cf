"""What the driver ``ssh`` reads of the host's curl, as the script on an agent says it. Pure."""

CURL_SAYS = {
    5: "the proxy's name cannot be resolved (unknownhost)",
    6: "the host name cannot be resolved (unknownhost)",
    7: "connection refused",
    28: "timed out",
    35: "curl: the TLS handshake fails (sslhandshake)",
    51: "curl: the certificate is for another host name",
    52: "connection reset",
    56: "connection reset",
    60: "curl: the certificate cannot be verified by this host's CA file",
    77: "curl: the certificate file that it should trust cannot be read",
}
"""Exit statuses of curl (its manual, EXIT CODES) in words that the judge of Java's texts knows."""


def curl_result(out: str) -> dict[str, object]:
    """Lines ``NAME CODE STATUS TUNNEL [X-CLI-Error]`` as the result of ``probe-from-host``.

    A code of 000 is no answer; what a proxy said to CONNECT, or curl's exit status, then says why.
    A line ``ways LOGIN|CLI`` tells by which way each was asked.
    """
    result: dict[str, object] = {}
    for line in out.splitlines():
        name, _, rest = line.partition(" ")
        if name == "ways":
            result["login_via"], _, result["via"] = rest.partition("|")
            continue
        code, status, tunnel, said = [*rest.split(" ", 3), "", "", "", ""][:4]
        answered = int(code) if code.isdigit() else 0
        why = CURL_SAYS.get(int(status) if status.isdigit() else 0, "no answer")
        if tunnel.isdigit() and int(tunnel) and not 200 <= int(tunnel) < 300:
            why = f"a proxy answers {int(tunnel)} to CONNECT"
        result[name] = {
            "status": answered or None,
            "error": None if answered else why,
            "headers": {"x-cli-error": said} if said else {},
        }
    return result
