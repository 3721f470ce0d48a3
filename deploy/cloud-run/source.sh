# shellcheck shell=bash
# The source on its way to the images: what they are called, and the bucket that holds it while they are built.

# The commit, or a hash of the source where there is no git, or more than is committed. The same source has the same tag,
# so it is built once.
source_tag() {
  if [[ -z $(git status --porcelain 2>&1) ]]; then
    git rev-parse HEAD
  else
    echo "source-$(source_files | LC_ALL=C sort -z | xargs -0 cksum | cksum | tr -d ' ')"
  fi
}

source_files() { find . \( -name target -o -name .git -o -name .terraform \) -prune -o -type f -print0; }

# Not the bucket that gcloud would choose: that one is for all builds of the project, and stays.
make_source_bucket() {
  local made
  made=$(list_source_bucket)
  if is_missing "$BUCKET" "$made"; then
    # Without the duration, what is deleted would be kept for a week, and charged for.
    change storage buckets create "gs://$BUCKET" --location="$REGION" --uniform-bucket-level-access \
      --public-access-prevention --soft-delete-duration=0
  fi
}

remove_source_bucket() {
  local made
  made=$(list_source_bucket)
  if is_there "$BUCKET" "$made"; then change storage rm "gs://$BUCKET" --recursive; fi
}

# A list has this project's buckets only. Somebody else could have a bucket of that name.
list_source_bucket() { ask storage buckets list --filter="name=$BUCKET" --format='value(name)'; }
