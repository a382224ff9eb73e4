"""The box in which a form asks for a day."""

from __future__ import annotations

from django import forms


class DayInput(forms.DateInput):
    """A day as browsers read it, 2026-06-02: written as pages show days, they would take the box for empty and send
    nothing back."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
