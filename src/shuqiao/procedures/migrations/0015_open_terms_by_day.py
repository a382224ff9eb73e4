from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('procedures', '0014_events_of_withdrawn_entries'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='term',
            index=models.Index(condition=models.Q(('closed_on', None)), fields=['division', 'due_on', 'id'], name='term_open'),
        ),
    ]
