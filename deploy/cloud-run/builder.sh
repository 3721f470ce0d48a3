# shellcheck shell=bash
# The account that the images are built as. The scripts of all dependencies run with it, so it may read the source, push
# to the one repository and write logs, and nothing else. A project's default account often is an editor.

# Logs are written to a project: there is nothing smaller to bind that role to. The rest goes with the bucket and the
# repository.
bind_builder() {
  local member
  member=serviceAccount:$(email "$BUILDER")
  patiently change storage buckets add-iam-policy-binding "gs://$BUCKET" --member="$member" \
    --role=roles/storage.objectViewer --condition=None --format=none
  patiently change artifacts repositories add-iam-policy-binding "$REPOSITORY" --location="$REGION" --member="$member" \
    --role=roles/artifactregistry.writer --format=none
  patiently change projects add-iam-policy-binding "$PROJECT" --member="$member" \
    --role=roles/logging.logWriter --condition=None --format=none
}

# A policy would go on naming the deleted account.
unbind_builder() {
  local member there
  member=serviceAccount:$(email "$BUILDER")
  there=$(bindings projects get-iam-policy "$PROJECT")
  if is_there "roles/logging.logWriter $member" "$there"; then
    change projects remove-iam-policy-binding "$PROJECT" --member="$member" \
      --role=roles/logging.logWriter --condition=None --format=none
  fi
}
