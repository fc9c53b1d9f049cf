"""Prometheus' text format 0.0.4, for the textfile collector of a node exporter.

No timestamps: the collector refuses files that have some. What was when stands in a metric.
"""

from migrate.model.text import prometheus_label
from migrate.report.machine.facts import Facts, Metric, Sample


def render(facts: Facts) -> str:
    """All metrics, each with its HELP and TYPE."""
    return "".join(_metric(metric) for metric in facts.metrics if metric.samples)


def _metric(metric: Metric) -> str:
    rows = "".join(f"{metric.name}{_labels(s)} {_number(s.value)}\n" for s in metric.samples)
    return f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n{rows}"


def _labels(sample: Sample) -> str:
    pairs = (f'{name}="{prometheus_label(value)}"' for name, value in sample.labels.items())
    told = ",".join(pairs)
    return f"{{{told}}}" if told else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
