"""YAML and nginx files of a GitOps checkout."""
