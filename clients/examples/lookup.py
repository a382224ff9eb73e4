"""One row by its key, signed with HTTP Message Signatures (RFC 9421), with nothing but Python's own library.

GATEWAY=https://host KEY_ID=… SECRET=… python lookup.py RESOURCE KEY [hmac-sha256|hmac-sm3]
"""

import base64
import hmac
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import quote

gateway, key_id, secret = (os.environ[name] for name in ("GATEWAY", "KEY_ID", "SECRET"))
resource, key, *algorithm = sys.argv[1:]
alg = algorithm[0] if algorithm else "hmac-sha256"

path = f"/v1/resources/{resource}/rows/{quote(key, safe='')}"
parameters = (
    '("@method" "@authority" "@path" "@query")'
    f';created={int(time.time())};nonce="{secrets.token_urlsafe(18)}";keyid="{key_id}";alg="{alg}"'
)
signature_base = "\n".join(
    [
        '"@method": GET',
        f'"@authority": {gateway.split("://")[1].lower()}',
        f'"@path": {path}',
        '"@query": ?',
        f'"@signature-params": {parameters}',
    ]
)
mark = hmac.digest(secret.encode(), signature_base.encode(), alg.removeprefix("hmac-"))

request = urllib.request.Request(gateway + path)
request.add_header("Signature-Input", f"sig={parameters}")
request.add_header("Signature", f"sig=:{base64.b64encode(mark).decode()}:")
try:
    with urllib.request.urlopen(request, timeout=30) as answer:
        sys.stdout.buffer.write(answer.read())
except urllib.error.HTTPError as refusal:
    sys.stdout.buffer.write(refusal.read())
    sys.exit(1)
