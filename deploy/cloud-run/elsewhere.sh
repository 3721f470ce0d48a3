# shellcheck shell=bash
# Accounts and secrets belong to the project, services and images to a region. So a project has one deployment: a second
# one in another region would share the accounts, and its teardown would take them from services that still run.

refuse_another_region() {
  local places place
  places=$(services_regions)
  places+=$'\n'$(repositories_regions)
  for place in $places; do
    if [[ $place != "$REGION" ]]; then stop 64 "it is deployed in $place: say REGION=$place, or remove that first"; fi
  done
}

services_regions() { patiently ask run services list --filter="metadata.labels.$MARK" --format='value(region)'; }

repositories_regions() {
  patiently ask artifacts repositories list --location=all --filter="labels.$MARK" --format='value(name.segment(3))'
}
