#!/usr/bin/env bash
# Builds the image of one service with the engine that works here, or with the one that ENGINE names:
# image.sh SERVICE [FLAG OF THE ENGINE'S BUILD…]. Its last line is `image SERVICE SIZE MB`.
set -euo pipefail
cd "$(dirname "$0")/.."
service=${1:?which service?}

engine=${ENGINE-}
for candidate in docker podman buildah; do
    # One that is installed may still have no daemon to talk to.
    if [ -z "$engine" ] && "$candidate" info > /dev/null 2>&1; then engine=$candidate; fi
done
[ -n "$engine" ] || { echo "image: neither docker nor podman nor buildah works on this machine" >&2; exit 1; }

# buildah keeps no layers unless told to.
BUILDAH_LAYERS=true "$engine" build -f deploy/Dockerfile --build-arg SERVICE="$service" -t "$service" "${@:2}" .
if [ "$engine" = buildah ]; then
    # Whose `inspect` does not know the size.
    printf 'image %s %s\n' "$service" "$(buildah images --format '{{.Size}}' "$service")"
else
    "$engine" image inspect --format '{{.Size}}' "$service" |
        awk -v service="$service" '{ printf "image %s %.1f MB\n", service, $1 / 1000000 }'
fi
