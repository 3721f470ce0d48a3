#!/usr/bin/env bash
# Makes stand-ins for the Dockerfile's two base images, for a machine that reaches Debian's packages and no registry of
# images: base-images.sh FOLDER. They hold what the real ones do, as far as the build and the services can tell.
# Run by check.sh, which says where buildah keeps images.
set -euo pipefail

tree=$1/debian
runtime=$1/runtime

# The same packages as in Rust's image: a build that needs one more must fail here, too.
debootstrap --variant=minbase --include=ca-certificates,gcc,libc6-dev trixie "$tree" > "$1/debootstrap.log"
# The network of this machine may have a CA of its own.
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"
rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*

# Rust itself is mounted when building, see check.sh: it is half a gigabyte.
builder=$(buildah from scratch)
buildah copy --quiet "$builder" "$tree" / > /dev/null
buildah config --env PATH=/usr/local/rust/bin:/usr/bin:/bin --env CARGO_HOME=/usr/local/cargo \
    --env CARGO_BUILD_JOBS="${CARGO_BUILD_JOBS:-$(nproc)}" "$builder"
buildah commit --quiet --rm "$builder" localhost/stand-in/rust > /dev/null

mkdir -p "$runtime/etc/ssl/certs"
# Relative paths: tar would read the others from this machine.
sed -n -e '\:^/usr/share/:d' -e 's:^/::p' "$tree"/var/lib/dpkg/info/{libc6,libgcc-s1}:*.list |
    tar -C "$tree" -c --no-recursion -T - | tar -C "$runtime" -x
cp -P "$tree"/lib "$tree"/lib64 "$runtime"
cp "$tree/etc/ssl/certs/ca-certificates.crt" "$runtime/etc/ssl/certs"
echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' > "$runtime/etc/passwd"
echo 'hosts: files dns' > "$runtime/etc/nsswitch.conf"

base=$(buildah from scratch)
buildah copy --quiet "$base" "$runtime" / > /dev/null
buildah config --user 65532 "$base"
buildah commit --quiet --rm "$base" localhost/stand-in/runtime > /dev/null
rm -rf "$tree" "$runtime"
