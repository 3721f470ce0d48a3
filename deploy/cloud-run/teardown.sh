#!/usr/bin/env bash
# Removes what deploy.sh made, by its mark (the bucket: by its name), and nothing else. What is gone already is passed
# over: after a step that failed, run it once more. The APIs stay enabled: other things in the project may use them.
set -euo pipefail
cd "$(dirname "$0")/../.."
for part in settings gcloud elsewhere builder source; do
  # shellcheck source=/dev/null
  . "deploy/cloud-run/$part.sh"
done

TRIES=1 refuse_another_region

step 'Services, with their bindings'
made=$(ask run services list --region="$REGION" --filter="metadata.labels.$MARK" --format='value(metadata.name)')
for service in $SERVICES; do
  if is_there "$service" "$made"; then change run services delete "$service" --region="$REGION"; fi
done

step 'Secrets, with their bindings'
made=$(ask secrets list --filter="labels.$MARK" --format='value(name.basename())')
for service in $SERVICES; do
  secret=$(secret "$service")
  if [[ -n $secret ]] && is_there "$secret" "$made"; then change secrets delete "$secret"; fi
done

step 'Service accounts, with the bindings on them'
made=$(ask iam service-accounts list --filter="description:$MARK" --format='value(email)')
if is_there "$(email "$BUILDER")" "$made"; then unbind_builder; fi
for account in $ACCOUNTS $BUILDER; do
  account=$(email "$account")
  if is_there "$account" "$made"; then change iam service-accounts delete "$account"; fi
done

step 'Images'
made=$(ask artifacts repositories list --location="$REGION" --filter="labels.$MARK" --format='value(name.basename())')
if is_there "$REPOSITORY" "$made"; then change artifacts repositories delete "$REPOSITORY" --location="$REGION"; fi

step 'The source, if a build left it behind'
remove_source_bucket

if ! is_dry; then
  rm -f "$SECRETS_HERE/users.json" "$SECRETS_HERE/password"
  rmdir "$SECRETS_HERE" 2>/dev/null || true # something of yours is in it, or it was never made
  step "Nothing is left of it in project $PROJECT but the enabled APIs, and the history of builds and logs"
fi
