import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0021_draft_revisions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='seenchange',
            name='connection',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='seen_changes', to='integrations.connection'),
        ),
        migrations.AddIndex(
            model_name='recordlink',
            index=models.Index(fields=['sync', 'destination_id'], name='link_there'),
        ),
        migrations.AddIndex(
            model_name='syncjob',
            index=models.Index(condition=models.Q(('failures_open__gt', 0)), fields=['sync', 'failures_open'], name='job_to_fix'),
        ),
        migrations.AddIndex(
            model_name='syncjob',
            index=models.Index(condition=models.Q(('failures_retrying__gt', 0)), fields=['status', '-id'], name='job_to_repair'),
        ),
        migrations.AddIndex(
            model_name='mappingsample',
            index=models.Index(condition=models.Q(('is_made_up', False)), fields=['fetched_at'], name='sample_to_forget'),
        ),
        migrations.AddIndex(
            model_name='mappingtask',
            index=models.Index(condition=models.Q(('kind__one_of', ('sample', 'rehearse'))), fields=['finished_at'], name='mapping_task_to_forget'),
        ),
    ]
