"""The normalised name of every data item, by which the check before collecting finds it."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """Write it to the rows there are, name by name through the index: names are few compared with items."""
    from shuqiao.catalog.duplicates import normal_title

    items = apps.get_model("catalog", "DataItem").objects
    for name in list(items.order_by().values_list("name", flat=True).distinct()):
        items.filter(name=name).update(datum=normal_title(name)[:128])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_published_codes")]

    operations = [
        migrations.AddField(
            model_name="dataitem",
            name="datum",
            field=models.CharField(default="", editable=False, max_length=128, verbose_name="数据项"),
        ),
        migrations.AddIndex(model_name="dataitem", index=models.Index(fields=["datum"], name="item_by_datum")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
