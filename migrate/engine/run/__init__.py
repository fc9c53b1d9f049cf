"""Stages, waves and steps, in order, up to the end of a run."""
