"""Start-up checks of where versions are kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from shuqiao.kernel import ShuqiaoError


@register("storage")
def objects_address(**_: Any) -> list[CheckMessage]:
    """The object store's address can be read and its credentials are there. Asks nothing of the network."""
    from shuqiao.store.objects import open_objects  # loaded only where it is needed

    if settings.CACHE_BYTES < 0:
        return [Error("SHUQIAO_CACHE_BYTES must not be negative", id="shuqiao.E020")]
    if not settings.OBJECTS:
        return []
    try:
        open_objects(settings.OBJECTS)
    except ShuqiaoError as error:
        return [Error(str(error), hint="docs/how-to/object-store.md", id="shuqiao.E021")]
    return []


@register("storage")
def years_kept(**_: Any) -> list[CheckMessage]:
    """Versions are kept for at least as many years as evidence, so that every record of a read names a version that
    is still there."""
    if settings.VERSIONS_KEPT_YEARS >= settings.JOURNAL_YEARS:
        return []
    said = (
        f"SHUQIAO_VERSIONS_KEPT_YEARS ({settings.VERSIONS_KEPT_YEARS}) is less than SHUQIAO_JOURNAL_YEARS "
        f"({settings.JOURNAL_YEARS}): evidence would name versions that are gone"
    )
    return [Error(said, id="shuqiao.E023")]


@register("storage", deploy=True)
def objects_answer(**_: Any) -> list[CheckMessage]:
    """`check --deploy`: the object store takes, gives back and removes an object."""
    from shuqiao.store.objects import open_objects

    if not settings.OBJECTS or objects_address():
        return []
    try:
        open_objects(settings.OBJECTS).check()
    except ShuqiaoError as error:
        return [Error(str(error), hint="docs/how-to/object-store.md", id="shuqiao.E022")]
    return []
