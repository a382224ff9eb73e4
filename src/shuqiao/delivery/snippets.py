"""How to call the gateway with a key: commands that a developer copies. Nothing here is kept."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

DIGESTS = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}


def client_call(gateway: str, resource_id: str, key_id: str, secret: str) -> str:
    """A read with the package shuqiao-client, which signs by itself."""
    return f"""\
# pip install shuqiao-client（源码在 clients/python）
from shuqiao_client import Client

with Client("{gateway}", "{key_id}", "{secret}") as client:  # 国密：algorithm="hmac-sm3"
    table = client.table("{resource_id}")
    print(table.page(limit=10).rows)
"""


def rows_url(gateway: str, resource_id: str) -> str:
    """The address of a table's rows."""
    return f"{gateway}/v1/resources/{resource_id}/rows"


def lookup_url(gateway: str, resource_id: str, key: str) -> str:
    """The address of one row by its lookup key."""
    return f"{rows_url(gateway, resource_id)}/{quote(key, safe='')}"


def bearer_call(url: str, bearer: str) -> str:
    """A read with the bearer form of a key."""
    return f"curl -H 'Authorization: Bearer {bearer}' '{url}'"


def signed_call(url: str, key_id: str, secret: str, algorithm: str = "hmac-sha256") -> str:
    """A read signed by HTTP Message Signatures (RFC 9421, "hmac-sha256" or "hmac-sm3") in plain Python, without any
    package."""
    parts = urlsplit(url)
    digest = DIGESTS[algorithm]
    return f"""\
import base64, hmac, secrets, time, urllib.request

key_id, secret = "{key_id}", "{secret}"
scheme, host, path, query = "{parts.scheme}", "{parts.netloc}", "{parts.path}", "{parts.query}"
params = (
    '("@method" "@authority" "@path" "@query")'
    f';created={{int(time.time())}};nonce="{{secrets.token_urlsafe(18)}}";keyid="{{key_id}}";alg="{algorithm}"'
)
base = (
    f'"@method": GET\\n"@authority": {{host}}\\n"@path": {{path}}\\n"@query": ?{{query}}\\n'
    f'"@signature-params": {{params}}'
)
signature = base64.b64encode(hmac.digest(secret.encode(), base.encode(), "{digest}")).decode()
request = urllib.request.Request(f"{{scheme}}://{{host}}{{path}}" + (f"?{{query}}" if query else ""))
request.add_header("Signature-Input", f"sig={{params}}")
request.add_header("Signature", f"sig=:{{signature}}:")
print(urllib.request.urlopen(request).read().decode())
"""
