from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_published_counts'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('published__isnull', False)), fields=['code', 'id'], name='entry_published_code'),
        ),
    ]
