"""How many reads a minute a grant allows; none for those that are there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="rate_per_minute",
            field=models.PositiveIntegerField(null=True, verbose_name="每分钟限额（次）"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_per_minute", None), ("rate_per_minute__gt", 0), _connector="OR"),
                name="grant_rate_positive",
            ),
        ),
    ]
