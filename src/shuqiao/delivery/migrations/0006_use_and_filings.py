import django.db.models.deletion
import shuqiao.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0005_grants_to_parties'),
        ('procedures', '0011_events_of_use'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UseRecord',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='案号')),
                ('state', models.CharField(choices=[('running', '使用中'), ('report_due', '待报告使用情况'), ('disposal_due', '待处置数据'), ('closed', '数据已处置'), ('continued', '随续期授权继续使用')], default='running', max_length=16, verbose_name='状态')),
                ('report_due_on', models.DateField(verbose_name='下次报告')),
                ('disposal_demand', models.CharField(blank=True, max_length=500, verbose_name='处置要求')),
                ('way', models.CharField(blank=True, choices=[('deleted', '已删除'), ('archived', '依法归档留存'), ('not_stored', '只在线查询，没有存下数据')], max_length=16, verbose_name='处置方式')),
                ('detail', models.CharField(blank=True, max_length=1000, verbose_name='处置情况')),
                ('archive_basis', models.CharField(blank=True, max_length=300, verbose_name='留存依据')),
                ('done_by', models.CharField(blank=True, max_length=64, verbose_name='处置人')),
                ('done_on', models.DateField(null=True, verbose_name='处置日期')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认于')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='use', to='delivery.grant')),
            ],
        ),
        migrations.CreateModel(
            name='OnwardConsent',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('consent_of', models.CharField(choices=[('provider', '提供部门'), ('data_subject', '当事人')], max_length=16, verbose_name='谁同意')),
                ('to_whom', models.CharField(max_length=200, verbose_name='提供给')),
                ('purpose', models.CharField(max_length=300, verbose_name='用途')),
                ('evidence', models.CharField(max_length=500, verbose_name='同意的凭据')),
                ('basis', models.JSONField(verbose_name='决定')),
                ('recorded_on', models.DateField(verbose_name='记录日期')),
                ('recorder_name', models.CharField(max_length=64, verbose_name='记录人')),
                ('at', models.DateTimeField()),
                ('withdrawn_on', models.DateField(null=True, verbose_name='收回日期')),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300, verbose_name='收回原因')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='delivery.userecord')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('ordered', '限期整改中'), ('reported', '已报告，待核实'), ('accepted', '整改通过'), ('failed', '授权已终止')], default='ordered', max_length=16)),
                ('demand', models.CharField(max_length=500, verbose_name='整改要求')),
                ('ordered_on', models.DateField(verbose_name='责令日期')),
                ('due_on', models.DateField(verbose_name='整改期限')),
                ('report', models.CharField(blank=True, max_length=1000, verbose_name='整改情况')),
                ('reported_on', models.DateField(null=True, verbose_name='报告日期')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='核实意见')),
                ('closed_on', models.DateField(null=True)),
                ('late_told_at', models.DateTimeField(null=True)),
                ('term', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='procedures.term')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='delivery.userecord')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='UseReport',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('scenario', models.TextField(max_length=2000, verbose_name='使用场景')),
                ('process', models.TextField(max_length=2000, verbose_name='使用过程')),
                ('effect', models.TextField(max_length=2000, verbose_name='应用成效')),
                ('storage', models.TextField(max_length=2000, verbose_name='存储情况')),
                ('disposal', models.TextField(blank=True, max_length=2000, verbose_name='销毁情况')),
                ('reported_on', models.DateField(verbose_name='报告日期')),
                ('keep_until', models.DateField(verbose_name='至少保存到')),
                ('reporter_name', models.CharField(max_length=64, verbose_name='报告人')),
                ('at', models.DateTimeField()),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='delivery.userecord')),
                ('reported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ExpiryReminder',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('until', models.DateField()),
                ('days', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.grant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('grant', 'until', 'days'), name='one_reminder_each')],
            },
        ),
        migrations.CreateModel(
            name='StopFiling',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('end', '终止服务'), ('change', '变更服务')], max_length=16, verbose_name='事项')),
                ('state', models.CharField(choices=[('filed', '已备案'), ('carried_out', '已执行'), ('withdrawn', '已撤回')], default='filed', max_length=16, verbose_name='状态')),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('negotiation', models.CharField(max_length=500, verbose_name='协商情况')),
                ('effective_on', models.DateField(verbose_name='生效日期')),
                ('filed_on', models.DateField(verbose_name='备案日期')),
                ('filed_by_name', models.CharField(max_length=64, verbose_name='报送人')),
                ('at', models.DateTimeField()),
                ('closed_on', models.DateField(null=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filings', to='delivery.grant')),
            ],
            options={
                'ordering': ['-at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'filed')), fields=('grant', 'kind'), name='one_open_filing'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('negotiation', ''), _negated=True)), name='filing_says_why_and_how'), models.CheckConstraint(condition=models.Q(('effective_on__gte', models.F('filed_on'))), name='filing_before_effect'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('state', 'filed')), models.Q(models.Q(('state', 'filed'), _negated=True), ('closed_on__isnull', False)), _connector='OR'), name='filing_closed_on_a_day')],
            },
        ),
        migrations.AddIndex(
            model_name='userecord',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['report_due_on'], name='use_report_due'),
        ),
        migrations.AddConstraint(
            model_name='userecord',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['running', 'report_due', 'disposal_due', 'closed', 'continued'])), name='use_state_known'),
        ),
        migrations.AddConstraint(
            model_name='userecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state', 'closed'), _negated=True), ('confirmed_at', None), ('way', '')), models.Q(('confirmed_at__isnull', False), ('done_on__isnull', False), ('state', 'closed'), models.Q(('way', ''), _negated=True)), _connector='OR'), name='use_closed_by_disposal'),
        ),
        migrations.AddConstraint(
            model_name='userecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('way', 'archived'), _negated=True), models.Q(('archive_basis', ''), _negated=True), _connector='OR'), name='use_archived_with_basis'),
        ),
        migrations.AddConstraint(
            model_name='onwardconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('to_whom', ''), _negated=True), models.Q(('purpose', ''), _negated=True), models.Q(('evidence', ''), _negated=True)), name='onward_says_all'),
        ),
        migrations.AddConstraint(
            model_name='onwardconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_on', None), ('withdrawn_reason', '')), models.Q(('withdrawn_on__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='onward_withdrawn_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['ordered', 'reported'])), fields=('record',), name='one_open_correction'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('ordered_on'))), name='correction_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'reported'), _negated=True), models.Q(models.Q(('report', ''), _negated=True), ('reported_on__isnull', False)), _connector='OR'), name='correction_reported_in_words'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('state__in', ['ordered', 'reported'])), models.Q(('closed_on__isnull', False), ('state__in', ['accepted', 'failed'])), _connector='OR'), name='correction_closed_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='usereport',
            constraint=models.CheckConstraint(condition=models.Q(('keep_until__gt', models.F('reported_on'))), name='use_report_is_kept'),
        ),
    ]
