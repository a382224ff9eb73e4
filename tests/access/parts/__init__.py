"""One module for each procedure. `ROWS` are its rows; `build(city, folder, world)`, where the common world lacks its
things, makes them in every state, through the services, and returns them by name; an address of several arguments is
about a tuple."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

PARTS: tuple[ModuleType, ...] = tuple(
    importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
)
