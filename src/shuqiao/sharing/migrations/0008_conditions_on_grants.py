"""Grants opened before they carried the conditions of the yes get those of their request."""

from django.db import migrations


def copy_conditions(apps, schema_editor):
    requests = apps.get_model("sharing", "SharingRequest")
    grants = apps.get_model("delivery", "Grant")
    for request_id, conditions in requests.objects.exclude(conditions=[]).values_list("id", "conditions"):
        grants.objects.filter(case_id=request_id).update(conditions=conditions)


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0007_requests_outlive_their_entry"),
        ("delivery", "0008_conditions_of_a_grant"),
    ]

    operations = [migrations.RunPython(copy_conditions, migrations.RunPython.noop)]
