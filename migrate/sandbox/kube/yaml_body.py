"""YAML bodies of requests, as the API server takes them."""

from typing import Any

from migrate.sandbox.kube import failures


def yaml_body(body: bytes) -> Any:
    """The document as JSON would have it; ``ApiFailure`` for what is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(body.decode())
    except (YAMLError, UnicodeDecodeError) as error:
        raise failures.bad_request(f"error decoding YAML: {error}") from error
    return _string_keys(document)


def _string_keys(value: Any) -> Any:
    """YAML to JSON: ``50001: x`` has a string key there (recorded)."""
    if isinstance(value, dict):
        return {str(key): _string_keys(item) for key, item in value.items()}
    return [_string_keys(item) for item in value] if isinstance(value, list) else value
