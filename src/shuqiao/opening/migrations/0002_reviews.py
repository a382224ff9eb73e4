
import django.db.models.deletion
import shuqiao.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_duplicate_places'),
        ('opening', '0001_feedback_and_works'),
        ('organizations', '0004_substitutions'),
        ('resources', '0004_openings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpeningReview',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='案号')),
                ('title', models.CharField(max_length=200, verbose_name='数据')),
                ('opening_type', models.CharField(max_length=16, verbose_name='开放属性')),
                ('status', models.CharField(choices=[('preparing', '待提交'), ('submitted', '待审查'), ('returned', '审查未通过'), ('opened', '已开放'), ('stopped', '已停止开放'), ('replaced', '已由新的审查代替'), ('cancelled', '已取消')], default='preparing', max_length=16, verbose_name='状态')),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='为什么要审查')),
                ('columns', models.JSONField(default=list, verbose_name='逐列决定')),
                ('licence', models.CharField(blank=True, choices=[('open-attribution', '署名利用许可'), ('cc-by-4.0', '知识共享 署名 4.0 国际'), ('open-unrestricted', '无附加条件许可')], max_length=32, verbose_name='开放许可')),
                ('secrecy_checked', models.BooleanField(default=False, verbose_name='已作保密审查')),
                ('secrecy_note', models.CharField(blank=True, max_length=300, verbose_name='保密审查情况')),
                ('personal_checked', models.BooleanField(default=False, verbose_name='已作个人信息审查')),
                ('personal_note', models.CharField(blank=True, max_length=300, verbose_name='个人信息审查情况')),
                ('begun_on', models.DateField(verbose_name='开始日期')),
                ('submitted_by_name', models.CharField(blank=True, max_length=64, verbose_name='提交人')),
                ('submitted_on', models.DateField(null=True, verbose_name='提交日期')),
                ('decided_by_name', models.CharField(blank=True, max_length=64, verbose_name='审查人')),
                ('decided_on', models.DateField(null=True, verbose_name='审查日期')),
                ('decision_json', models.JSONField(null=True, verbose_name='决定')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
                ('ground', models.CharField(blank=True, max_length=500, verbose_name='依据')),
                ('ended_on', models.DateField(null=True, verbose_name='停止或代替日期')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.department')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.division')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.entry')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resources.resource')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resources.version')),
            ],
            options={
                'ordering': ['-begun_on', '-number'],
            },
        ),
        migrations.CreateModel(
            name='ReviewDomain',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('domain', models.CharField(choices=[('credit', '信用'), ('transport', '交通'), ('health', '医疗'), ('employment', '就业'), ('social_security', '社保'), ('education', '教育'), ('environment', '环境'), ('meteorology', '气象'), ('enterprise', '企业登记监管')], max_length=32, verbose_name='优先领域')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='domains', to='opening.openingreview')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='openingreview',
            index=models.Index(fields=['department', '-begun_on'], name='opening_ope_departm_ab4aa6_idx'),
        ),
        migrations.AddIndex(
            model_name='openingreview',
            index=models.Index(fields=['status', 'opening_type'], name='opening_ope_status_4b7073_idx'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['preparing', 'submitted', 'returned'])), fields=('resource',), name='one_review_under_way'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'opened')), fields=('resource',), name='one_review_in_force'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['preparing', 'submitted', 'returned', 'opened', 'stopped', 'replaced', 'cancelled'])), name='review_status_known'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['submitted', 'opened', 'stopped', 'replaced']), _negated=True), models.Q(('personal_checked', True), ('secrecy_checked', True), ('submitted_on__isnull', False), models.Q(('licence', ''), _negated=True)), _connector='OR'), name='review_submitted_with_checks'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['opened', 'stopped', 'replaced', 'returned']), _negated=True), models.Q(('decided_on__isnull', False), ('decision_json__isnull', False)), _connector='OR'), name='review_decided_by_rule'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['returned', 'stopped']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='review_no_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'stopped'), _negated=True), models.Q(('ground', ''), _negated=True), _connector='OR'), name='review_stop_has_ground'),
        ),
        migrations.AddConstraint(
            model_name='openingreview',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('submitted_by', None), models.Q(('decided_by', models.F('submitted_by')), _negated=True), _connector='OR'), name='reviewer_is_not_submitter'),
        ),
        migrations.AddConstraint(
            model_name='reviewdomain',
            constraint=models.UniqueConstraint(fields=('review', 'domain'), name='one_domain_per_review'),
        ),
    ]
