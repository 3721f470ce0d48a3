# shellcheck shell=bash
# What the images are called: the commit, or a hash of the source where there is no git, or more than is committed.
# The same source has the same tag, so it is built once.

source_tag() {
  if [[ -z $(git status --porcelain 2>&1) ]]; then
    git rev-parse HEAD
  else
    echo "source-$(source_files | LC_ALL=C sort -z | xargs -0 cksum | cksum | tr -d ' ')"
  fi
}

source_files() { find . \( -name target -o -name .git -o -name .terraform \) -prune -o -type f -print0; }
