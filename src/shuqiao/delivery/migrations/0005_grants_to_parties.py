import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_duplicate_places'),
        ('delivery', '0004_kinds_of_procedures'),
        ('organizations', '0002_parties'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='applicationkey',
            name='party',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.party'),
        ),
        migrations.AddField(
            model_name='grant',
            name='changes',
            field=models.PositiveIntegerField(default=0, verbose_name='变更次数'),
        ),
        migrations.AddField(
            model_name='grant',
            name='party',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.party'),
        ),
        migrations.AlterField(
            model_name='applicationkey',
            name='department',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.department'),
        ),
        migrations.AlterField(
            model_name='grant',
            name='grantee',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.department'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(condition=models.Q(('party__isnull', False)), fields=['party', '-issued_at'], name='grant_of_party'),
        ),
        migrations.AddConstraint(
            model_name='applicationkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('department', None), ('party__isnull', False)), models.Q(('department__isnull', False), ('party', None)), _connector='OR'), name='key_has_one_holder'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grantee', None), ('party__isnull', False)), models.Q(('grantee__isnull', False), ('party', None)), _connector='OR'), name='grant_has_one_holder'),
        ),
    ]
