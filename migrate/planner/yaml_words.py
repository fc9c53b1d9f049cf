"""A word as a YAML value, for instructions. Pure."""

import json


def yaml_word(text: str) -> str:
    """A plain name as it is, anything else in double quotes (JSON strings are YAML)."""
    plain = text.replace("-", "").replace("_", "").isalnum() and text[:1].isalpha()
    return text if plain and text.isascii() else json.dumps(text)
