
import django.db.models.deletion
import shuqiao.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('opening', '0002_reviews'),
        ('organizations', '0002_parties'),
        ('resources', '0004_openings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenApplication',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='受理号')),
                ('title', models.CharField(max_length=200, verbose_name='申请的数据')),
                ('status', models.CharField(choices=[('submitted', '待答复'), ('supplement_asked', '待补正'), ('agreed', '已同意，待签协议'), ('opened', '已开放'), ('refused', '未同意'), ('withdrawn', '已撤回'), ('revoked', '已收回'), ('ended', '已到期')], default='submitted', max_length=20, verbose_name='状态')),
                ('items', models.JSONField(verbose_name='信息项')),
                ('purpose_kind', models.CharField(choices=[('general', '一般利用'), ('innovation', '创新发展'), ('governance', '城市治理'), ('service', '社会服务'), ('research', '科研教育'), ('commercial', '商业开发')], max_length=16, verbose_name='用途类别')),
                ('purpose', models.CharField(max_length=300, verbose_name='用途')),
                ('scenario', models.CharField(max_length=1000, verbose_name='使用场景')),
                ('safeguards', models.CharField(max_length=1000, verbose_name='安全保障措施')),
                ('valid_until', models.DateField(verbose_name='使用期限')),
                ('public_benefit', models.BooleanField(default=False, verbose_name='承诺仅用于公益')),
                ('written_reply', models.BooleanField(default=False, verbose_name='要求书面答复')),
                ('submitted_on', models.DateField(verbose_name='提出日期')),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('supplements', models.JSONField(default=list, verbose_name='补正')),
                ('answered_by_name', models.CharField(blank=True, max_length=64, verbose_name='答复人')),
                ('answered_on', models.DateField(null=True, verbose_name='答复日期')),
                ('answer_reason', models.CharField(blank=True, max_length=1000, verbose_name='理由')),
                ('answer_ground', models.CharField(blank=True, max_length=500, verbose_name='依据')),
                ('given_json', models.JSONField(null=True, verbose_name='给予的范围')),
                ('decision_json', models.JSONField(null=True, verbose_name='决定')),
                ('opened_on', models.DateField(null=True, verbose_name='开放日期')),
                ('next_follow_up_on', models.DateField(null=True, verbose_name='下次跟踪')),
                ('ended_on', models.DateField(null=True, verbose_name='终止日期')),
                ('end_reason', models.CharField(blank=True, max_length=500, verbose_name='终止的原因')),
                ('end_ground', models.CharField(blank=True, max_length=500, verbose_name='终止的依据')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.division')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.entry')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.party')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.department')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resources.resource')),
            ],
            options={
                'ordering': ['-submitted_on', '-number'],
            },
        ),
        migrations.CreateModel(
            name='OfficialReply',
            fields=[
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reply', serialize=False, to='opening.openapplication')),
                ('content', models.JSONField(verbose_name='内容')),
                ('issued_on', models.DateField(verbose_name='制发日期')),
            ],
        ),
        migrations.CreateModel(
            name='OpenCompetition',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200, verbose_name='数据')),
                ('number', models.CharField(max_length=64, verbose_name='竞争记录编号')),
                ('method', models.CharField(max_length=64, verbose_name='方式')),
                ('held_on', models.DateField(verbose_name='确定日期')),
                ('recorded_on', models.DateField(verbose_name='登记日期')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.division')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.entry')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.department')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('winner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.party')),
            ],
            options={
                'ordering': ['-held_on', '-id'],
            },
        ),
        migrations.AddField(
            model_name='openapplication',
            name='competition',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opening.opencompetition'),
        ),
        migrations.CreateModel(
            name='OpenAgreement',
            fields=[
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='agreement', serialize=False, to='opening.openapplication')),
                ('template', models.CharField(max_length=32, verbose_name='文本版本')),
                ('text', models.TextField(verbose_name='协议文本')),
                ('digest', models.CharField(max_length=64, verbose_name='文本摘要（SM3）')),
                ('made_on', models.DateField(verbose_name='生成日期')),
                ('party_by_name', models.CharField(blank=True, max_length=64, verbose_name='利用方确认人')),
                ('party_at', models.DateTimeField(null=True, verbose_name='利用方确认于')),
                ('department_by_name', models.CharField(blank=True, max_length=64, verbose_name='提供方确认人')),
                ('department_at', models.DateTimeField(null=True, verbose_name='提供方确认于')),
                ('department_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.UUIDField(default=shuqiao.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='次数')),
                ('status', models.CharField(choices=[('waiting', '待报告'), ('reported', '已报告'), ('seen', '已查阅'), ('lapsed', '已终止')], default='waiting', max_length=16)),
                ('asked_on', models.DateField(verbose_name='请求日期')),
                ('usage', models.CharField(blank=True, max_length=2000, verbose_name='利用情况')),
                ('products', models.CharField(blank=True, max_length=1000, verbose_name='开发的产品')),
                ('cited', models.BooleanField(default=False, verbose_name='产品已注明来源和获取日期')),
                ('reported_on', models.DateField(null=True, verbose_name='报告日期')),
                ('seen_by_name', models.CharField(blank=True, max_length=64, verbose_name='查阅人')),
                ('seen_on', models.DateField(null=True, verbose_name='查阅日期')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='opening.openapplication')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('application', 'number'), name='one_follow_up_per_number'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['reported', 'seen']), _negated=True), models.Q(('usage', ''), _negated=True), _connector='OR'), name='follow_up_reported_in_words')],
            },
        ),
        migrations.AddConstraint(
            model_name='opencompetition',
            constraint=models.UniqueConstraint(fields=('division', 'number'), name='one_competition_per_number'),
        ),
        migrations.AddConstraint(
            model_name='opencompetition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('method', ''), _negated=True)), name='competition_is_recorded_whole'),
        ),
        migrations.AddIndex(
            model_name='openapplication',
            index=models.Index(fields=['party', '-submitted_on'], name='opening_ope_party_i_6d498f_idx'),
        ),
        migrations.AddIndex(
            model_name='openapplication',
            index=models.Index(fields=['provider', '-submitted_on'], name='opening_ope_provide_faffc8_idx'),
        ),
        migrations.AddIndex(
            model_name='openapplication',
            index=models.Index(condition=models.Q(('status', 'opened')), fields=['next_follow_up_on'], name='application_follow_up'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['submitted', 'supplement_asked', 'agreed', 'opened', 'refused', 'withdrawn', 'revoked', 'ended'])), name='application_status_known'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='application_has_number'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['agreed', 'ended', 'opened', 'refused', 'revoked']), _negated=True), models.Q(('answered_on__isnull', False), ('decision_json__isnull', False), models.Q(('answer_reason', ''), _negated=True)), _connector='OR'), name='application_answered_by_rule'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('answer_ground', ''), _negated=True), _connector='OR'), name='application_refused_with_ground'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['agreed', 'ended', 'opened', 'revoked']), _negated=True), ('given_json__isnull', False), _connector='OR'), name='application_yes_has_scope'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['opened', 'revoked', 'ended']), _negated=True), ('opened_on__isnull', False), _connector='OR'), name='application_opened_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='openapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'revoked'), _negated=True), models.Q(models.Q(('end_reason', ''), _negated=True), models.Q(('end_ground', ''), _negated=True)), _connector='OR'), name='application_revoked_with_ground'),
        ),
        migrations.AddConstraint(
            model_name='openagreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('digest', ''), _negated=True)), name='agreement_has_text'),
        ),
    ]
