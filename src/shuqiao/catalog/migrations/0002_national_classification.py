"""The national list of classes, items and sub-items, from data/classification-2017.toml."""

import tomllib
import uuid
from pathlib import Path

from django.db import migrations

SOURCE = Path(__file__).parent.parent / "data" / "classification-2017.toml"
# Ids follow from the code, so that every installation has the same.
NAMESPACE = uuid.UUID("8f1c0a8e-6d0b-5a55-9f0e-2b7c1d3e4f50")


def _nodes():
    """(level, code, name, parent's code), parents first."""
    for kind in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["class"]:
        yield 1, kind["code"], kind["name"], None
        for item in kind["item"]:
            yield 2, item["code"], item["name"], kind["code"]
            for sub in item["sub"]:
                yield 3, sub["code"], sub["name"], item["code"]


def forward(apps, schema_editor):
    classification = apps.get_model("catalog", "Classification")
    rows = [
        classification(
            id=uuid.uuid5(NAMESPACE, code),
            level=level,
            code=code,
            name=name,
            parent_id=uuid.uuid5(NAMESPACE, parent) if parent else None,
        )
        for level, code, name, parent in _nodes()
    ]
    for level in (1, 2, 3):
        classification.objects.bulk_create([row for row in rows if row.level == level])


def backward(apps, schema_editor):
    classification = apps.get_model("catalog", "Classification")
    ids = [uuid.uuid5(NAMESPACE, code) for _, code, _, _ in _nodes()]
    for level in (3, 2, 1):
        classification.objects.filter(id__in=ids, level=level).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    replaces = [("catalog", "0004_national_classification")]
    operations = [migrations.RunPython(forward, backward)]
