"""One file per step kind: describe, diff, check, apply, verify, rollback."""
