#!/usr/bin/env bash
# Runs a mounted image without an engine, as its user and as the first process, which only a signal that it handles can
# end: run.sh SERVICE ROOT LOG. It has to answer on 0.0.0.0, and to end with 0 when told to.
set -euo pipefail
service=$1 root=$2 log=$3

fail() { echo "image-check: $service $1; its log:" >&2; cat "$log" >&2; exit 1; }

# Mounted as secrets are on Cloud Run. The certs are nowhere, but over TLS: without CA roots there is no start.
install -D -m 444 deploy/local/users.json "$root/etc/login-service/users.json"
install -D -m 444 deploy/local/profiles.json "$root/etc/profile-service/profiles.json"
true > "$log"
env -i PORT=0 LOG_FORMAT=json AUDIENCES=https://receiver.example ALLOWED_CALLERS=100000000000000000001 \
    GOOGLE_CERTS_URL=https://127.0.0.1:1/ PROFILE_URL=https://127.0.0.1:1 GCE_METADATA_HOST=127.0.0.1:1 \
    USERS_FILE=/etc/login-service/users.json PROFILES_FILE=/etc/profile-service/profiles.json \
    "$(command -v unshare)" --pid --fork --kill-child \
    "$(command -v chroot)" --userspec=65532:65532 --groups= "$root" /service > "$log" 2>&1 &
started=$!
# What fails must not go on running; unshare takes the service with it.
trap 'kill -KILL "$started" 2> /dev/null || true' EXIT

timeout 20 grep -qm1 '"listening"' <(tail -f -n +1 --pid "$started" "$log") || fail "does not start"
port=$(jq -r 'select(.message == "listening").address | capture("^0\\.0\\.0\\.0:(?<port>[0-9]+)$").port' "$log")
[ -n "$port" ] || fail "does not listen on 0.0.0.0"
process=$(pgrep --parent "$started")
[ "$(ps -o uid=,gid= -p "$process" | xargs)" = "65532 65532" ] || fail "runs as somebody else"
curl -sSf --noproxy '*' -o /dev/null "http://127.0.0.1:$port/health/live" || fail "does not answer"
kill -TERM "$process"
wait "$started" || fail "ends with $?"
