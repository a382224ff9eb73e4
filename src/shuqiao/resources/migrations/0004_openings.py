import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("resources", "0003_profile_is_the_stores"),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "resource",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="opening",
                        serialize=False,
                        to="resources.resource",
                    ),
                ),
                ("kind", models.CharField(max_length=16, verbose_name="开放属性")),
                ("columns", models.JSONField(verbose_name="开放的列与脱敏方式")),
                ("reviewed", models.JSONField(verbose_name="审查时的列")),
                ("review_id", models.UUIDField(verbose_name="开放审查")),
                ("since", models.DateField(verbose_name="自")),
                ("ended_on", models.DateField(null=True, verbose_name="止")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["unconditional", "conditional"])),
                        name="opening_of_a_known_kind",
                    )
                ],
            },
        ),
    ]
