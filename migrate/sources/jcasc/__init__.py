"""Configuration as code of Jenkins, found and edited in its sources. Pure but for ``checkout``."""
