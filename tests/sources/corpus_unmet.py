"""Cases of the corpus that are not yet met, each with its reason. They must fail."""

UNMET: dict[str, str] = {}
