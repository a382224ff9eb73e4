#!/bin/sh
# One row by its key, signed with HTTP Message Signatures (RFC 9421): curl, openssl and coreutils.
# Usage: GATEWAY=https://host KEY_ID=… SECRET=… sh lookup.sh RESOURCE KEY [hmac-sha256|hmac-sm3]
# Not for a machine with other users: openssl takes the secret as an argument, which `ps` shows.
set -eu

resource=$1
key=$2
algorithm=${3:-hmac-sha256}
case $algorithm in
hmac-sha256) hash=sha256 ;;
hmac-sm3) hash=sm3 ;;
*) echo "unknown algorithm: $algorithm" >&2; exit 2 ;;
esac

# Every byte of the key is percent-encoded: then it needs no thought, whatever it holds.
encoded=$(printf %s "$key" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')
authority=$(printf %s "${GATEWAY#*://}" | tr 'A-Z' 'a-z')
path=/v1/resources/$resource/rows/$encoded

created=$(date +%s)
nonce=$(openssl rand -hex 16)
parameters="(\"@method\" \"@authority\" \"@path\" \"@query\");created=$created;nonce=\"$nonce\";keyid=\"$KEY_ID\";alg=\"$algorithm\""
base="\"@method\": GET
\"@authority\": $authority
\"@path\": $path
\"@query\": ?
\"@signature-params\": $parameters"
signature=$(printf %s "$base" | openssl dgst "-$hash" -mac HMAC -macopt "key:$SECRET" -binary | openssl base64 -A)

curl --silent --show-error --fail-with-body \
    -H "Signature-Input: sig=$parameters" \
    -H "Signature: sig=:$signature:" \
    "$GATEWAY$path"
