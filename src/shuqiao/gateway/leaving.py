"""Noticing that a client has left, so that nobody works for it any more."""

from __future__ import annotations

import asyncio

from shuqiao.gateway.requests import Receive


class ClientLeft(Exception):
    """The client closed the connection before it was answered."""


class Leaving:
    """Watches one connection once its request has been read. Costs nothing until `watch`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> asyncio.Task[None]:
        """A task that is done when the client has left."""
        if self._task is None:
            self._task = asyncio.create_task(self._wait())
        return self._task

    def end(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)  # what was left of a body that nobody read
