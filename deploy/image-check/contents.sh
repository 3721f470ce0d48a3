#!/usr/bin/env bash
# Checks an image in buildah's storage: contents.sh SERVICE ROOT BASE, with the folders where it and its base are mounted.
set -euo pipefail
service=$1 root=$2 base=$3

same() { # WHAT EXPECTED GOT
    [ "$2" = "$3" ] || { printf 'image-check: %s: %s is\n%s\ninstead of\n%s\n' "$service" "$1" "$3" "$2" >&2; exit 1; }
}
config() { buildah inspect --type image "$service" | jq -cr ".OCIv1.config.$1"; }
files() { (cd "$1" && find . -not -path './proc/*' -printf '%p %M %U:%G\n' | sort); }

same "the user" 65532:65532 "$(config User)"
same "the entry point" '["/service"]' "$(config Entrypoint)"
same "the command" null "$(config Cmd)"
same "what it adds to its base" "./service -rwxr-xr-x 0:0" "$(comm -13 <(files "$base") <(files "$root"))"
same "what it takes from its base" "" "$(comm -23 <(files "$base") <(files "$root"))"
same "a shell, a package manager, a compiler or a source" "" "$(find "$root" \( -type f -o -type l \) \( \
    -name '*sh' -o -name busybox -o -name 'apt*' -o -name 'dpkg*' -o -name '*gcc' -o -name cargo -o -name '*.rs' \
    \) -printf '/%P\n')"
test -s "$root/etc/ssl/certs/ca-certificates.crt" || same "the file of CA roots" there missing
