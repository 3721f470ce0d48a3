#!/usr/bin/env bash
# Builds the image of each service, or of those named, with buildah, and checks what is in it and how it runs. Needs no
# engine and no registry of images: where the pinned base images cannot be had, stand-ins are made (base-images.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- *-service

skip() { echo "skipped: the images are not checked: $1"; exit 0; }

for tool in buildah curl jq pgrep unshare; do
    command -v "$tool" > /dev/null || skip "$tool is not on this machine"
done
[ "$(id -u)" = 0 ] || skip "only root can start one without an engine"

# Everything that buildah stores is in a folder of its own, and gone at the end.
work=$PWD/target/image-check
export ENGINE=buildah BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$work/storage.conf
trap 'buildah rm --all > /dev/null; rm -rf --one-file-system "$work"' EXIT
mkdir -p "$work"
cat > "$work/storage.conf" << END
[storage]
driver = "overlay"
graphroot = "$work/images"
runroot = "$work/run"
[storage.options.overlay]
skip_mount_home = "true" # a mount that would outlive this script
END

pinned() { sed -n "s/^ARG $1=//p" deploy/Dockerfile; }
pull() { buildah pull --quiet "$(pinned "$1")" > /dev/null 2>&1; }
if pull RUNTIME_IMAGE && pull RUST_IMAGE; then
    runtime=$(pinned RUNTIME_IMAGE)
    flags=()
else
    command -v debootstrap > /dev/null || skip "their base images cannot be had, nor made without debootstrap"
    echo "The pinned base images cannot be had here: stand-ins are made. Sizes below are with them."
    deploy/image-check/base-images.sh "$work"
    runtime=localhost/stand-in/runtime
    flags=(--build-arg RUST_IMAGE=localhost/stand-in/rust --build-arg "RUNTIME_IMAGE=$runtime"
        --volume "$(rustc --print sysroot):/usr/local/rust:ro")
    # Crates that this machine has need not be fetched. As an overlay: nothing of the build gets into the folder.
    registry=${CARGO_HOME:-$HOME/.cargo}/registry
    if [ -d "$registry" ]; then flags+=(--volume "$registry:/usr/local/cargo/registry:O"); fi
fi

build() { deploy/image.sh "$1" "${flags[@]}" > "$work/build.log" 2>&1; }
fail() { cat "$work/build.log" >&2; echo "image-check: $1" >&2; exit 1; }
if build no-service; then fail "there is an image of a service that there is not"; fi
grep -q "^SERVICE is 'no-service'" "$work/build.log" || fail "an unknown service is refused for another reason"

base=$(buildah mount "$(buildah from "$runtime")")
for service; do
    echo "Building the image of $service"
    build "$service" || fail "$service is not built"
    root=$(buildah mount "$(buildah from "localhost/$service")")
    deploy/image-check/contents.sh "$service" "$root" "$base"
    deploy/image-check/run.sh "$service" "$root" "$work/run.log"
    stat --format %s "$root/service" | awk -v service="$service" '{ printf "program %s %.1f MB\n", service, $1 / 1000000 }'
    tail -n 1 "$work/build.log"
done
echo "image-check: passed for $*: what they hold, as whom they run, how they start and end"
