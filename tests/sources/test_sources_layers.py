"""Which chart a map is for, and whether a file of values is deployed."""

import pytest

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.kept import Kept, read
from migrate.sources.layers import chart_of, names_chart, not_deployed


def _kept(**files: str) -> Kept:
    texts = [SourceText(f"{name.replace('_', '.')}", text) for name, text in files.items()]
    return read(texts, LookOptions())


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec: {source: {chart: jenkins, helm: {valuesObject: {a: 1}}}}",
         "spec source helm valuesObject"),
        ("spec: {chart: {spec: {chart: jenkins}}, values: {a: 1}}", "spec values"),
        ("spec: {chart: repo/jenkins, set: {a: 1}}", "spec set"),
        ("helmCharts: [{name: jenkins, valuesInline: {a: 1}}]", "helmCharts 0 valuesInline"),
    ],
)  # fmt: skip
def test_the_chart_that_the_holder_names(text: str, path: str) -> None:
    spot = _kept(a_yaml=text).docs[0].root.get(*path.split())
    assert spot is not None
    assert chart_of(spot) == "jenkins"


def test_an_alias_of_a_dependency() -> None:
    kept = _kept(
        Chart_yaml="dependencies: [{name: jenkins, alias: ci}, {name: sonarqube}]",
        values_yaml="ci: {agent: {}}\nsonarqube: {agent: {}}\n",
    )
    doc = next(doc for doc in kept.docs if doc.file.path == "values.yaml")
    ci, other = doc.root.get("ci"), doc.root.get("sonarqube")
    assert ci is not None and other is not None
    assert names_chart(kept, doc, ci, "jenkins")
    assert not names_chart(kept, doc, other, "jenkins")


def test_values_that_nothing_names() -> None:
    app = "spec: {source: {helm: {valueFiles: [values.yaml]}}}"
    kept = _kept(app_yaml=app, values_yaml="a: 1", values_old_yaml="a: 1")
    told = {doc.file.path: not_deployed(kept, doc) for doc in kept.docs}
    assert told == {"app.yaml": False, "values.yaml": False, "values.old.yaml": True}
