"""A client of the Shuqiao gateway: signs requests, turns answers into rows, pandas or Arrow, refusals into errors.

Depends on httpx; Arrow and pandas only where asked for. Knows the wire, and nothing of the server's code.
"""

from shuqiao_client.asynchronous import AsyncClient, AsyncTable
from shuqiao_client.client import Client, Table
from shuqiao_client.errors import BrokenOff, GatewayError, Refused
from shuqiao_client.replies import Basis, Page
from shuqiao_client.signing import ALGORITHMS, Signer

__all__ = [
    "ALGORITHMS",
    "AsyncClient",
    "AsyncTable",
    "Basis",
    "BrokenOff",
    "Client",
    "GatewayError",
    "Page",
    "Refused",
    "Signer",
    "Table",
]
