"""How to call the gateway with a key: commands that a developer copies. Nothing here is kept."""

from __future__ import annotations

from urllib.parse import quote, urlsplit


def rows_url(gateway: str, resource_id: str) -> str:
    """The address of a table's rows."""
    return f"{gateway}/v1/resources/{resource_id}/rows"


def lookup_url(gateway: str, resource_id: str, key: str) -> str:
    """The address of one row by its lookup key."""
    return f"{rows_url(gateway, resource_id)}/{quote(key, safe='')}"


def bearer_call(url: str, bearer: str) -> str:
    """A read with the bearer form of a key."""
    return f"curl -H 'Authorization: Bearer {bearer}' '{url}'"


def signed_call(url: str, key_id: str, secret: str) -> str:
    """A read signed by HTTP Message Signatures (RFC 9421, HMAC-SHA256) in plain Python, without any package."""
    parts = urlsplit(url)
    return f"""\
import base64, hmac, secrets, time, urllib.request

key_id, secret = "{key_id}", "{secret}"
scheme, host, path, query = "{parts.scheme}", "{parts.netloc}", "{parts.path}", "{parts.query}"
params = (
    '("@method" "@authority" "@path" "@query")'
    f';created={{int(time.time())}};nonce="{{secrets.token_urlsafe(18)}}";keyid="{{key_id}}";alg="hmac-sha256"'
)
base = (
    f'"@method": GET\\n"@authority": {{host}}\\n"@path": {{path}}\\n"@query": ?{{query}}\\n'
    f'"@signature-params": {{params}}'
)
signature = base64.b64encode(hmac.digest(secret.encode(), base.encode(), "sha256")).decode()
request = urllib.request.Request(f"{{scheme}}://{{host}}{{path}}" + (f"?{{query}}" if query else ""))
request.add_header("Signature-Input", f"sig={{params}}")
request.add_header("Signature", f"sig=:{{signature}}:")
print(urllib.request.urlopen(request).read().decode())
"""
