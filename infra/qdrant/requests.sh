# shellcheck shell=bash
# How the scripts of this folder ask over HTTP, and how they speak. Sourced by them; the addresses can be set from outside, by tests.
# No secret is ever an argument of a program, where `ps` would show it: headers come from a file descriptor (printf is bash's own).

: "${METADATA_URL:=http://169.254.169.254/metadata}"
: "${QDRANT_ADDRESS:=https://localhost:6333}"
: "${SECRETS:=/run/qdrant-secrets}"
: "${RETRIES:=8}"

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

# Says what happened and what to do next, and ends the script.
fail() {
  say "$*" >&2
  exit 1
}

# curl that fails on any 4xx and 5xx and tries again after 1, 2, 4, ... seconds: also after 403 and 404, since a new identity and its
# roles take minutes until all of Azure knows them. `--retry 0` for what must not be sent, or piped on, twice.
request() { curl --silent --show-error --fail --connect-timeout 10 --retry "$RETRIES" --retry-all-errors "$@"; }

bearer() { printf 'Authorization: Bearer %s\n' "$1"; }

# metadata PATH [curl's options]: the VM's instance metadata service, which only the VM itself reaches.
metadata() { request --noproxy '*' --max-time 10 --header 'Metadata: true' "$METADATA_URL/$1" "${@:2}"; }

# token RESOURCE: prints an access token of the VM's identity. Microsoft's "managed identities on a VM, acquire a token by HTTP".
token() {
  metadata identity/oauth2/token --get --data api-version=2018-02-01 --data-urlencode "resource=$1" \
    --data-urlencode "client_id=$IDENTITY_CLIENT_ID" | jq --exit-status --raw-output .access_token ||
    fail "No token for $1. Is the identity of $IDENTITY_CLIENT_ID assigned to this VM?"
}

# qdrant PATH [curl's options]: the Qdrant of this VM. Its API key is in the environment, as Qdrant itself reads it. HTTP/1.1: over
# HTTP/2 an upload that is refused early shows as a broken connection.
qdrant() {
  request --http1.1 --cacert "$SECRETS/certificate.pem" --header @<(printf 'api-key: %s\n' "$QDRANT__SERVICE__API_KEY") \
    "$QDRANT_ADDRESS$1" "${@:2}"
}

# blob PATH [curl's options]: the container of snapshots; STORAGE_TOKEN is a token for https://storage.azure.com/.
blob() {
  request --header 'x-ms-version: 2021-12-02' --header @<(bearer "$STORAGE_TOKEN") "$SNAPSHOT_CONTAINER_URL$1" "${@:2}"
}
