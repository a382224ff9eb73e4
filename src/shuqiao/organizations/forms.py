"""The filing form (联络人备案)."""

from django import forms


class FilingForm(forms.Form):
    """Leader and contact person of a department (Yingkou 7)."""

    leader_name = forms.CharField(label="负责领导", max_length=64)
    leader_phone = forms.CharField(label="负责领导电话", max_length=32)
    contact_name = forms.CharField(label="联络人", max_length=64)
    contact_phone = forms.CharField(label="联络人电话", max_length=32)
