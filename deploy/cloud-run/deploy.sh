#!/usr/bin/env bash
# Brings the three services to Cloud Run. What is there already is left or made the same again: after a step that failed,
# run it once more.
set -euo pipefail
cd "$(dirname "$0")/../.."
for part in settings gcloud elsewhere builder source users; do
  # shellcheck source=/dev/null
  . "deploy/cloud-run/$part.sh"
done

main() {
  TAG=$(source_tag)
  refuse_demo_passwords
  enable_apis
  find_project_number
  look_around
  make_accounts
  make_secrets # before the images: IAM has the time of a build to learn who may read them
  make_images
  deploy_services
  bind_invokers
  local status=0
  if [[ ${SMOKE:-1} == 1 ]]; then PROJECT_NUMBER=$PROJECT_NUMBER deploy/cloud-run/smoke.sh || status=$?; fi
  if ! is_dry; then say_what_was_made; fi
  exit "$status"
}

enable_apis() {
  step 'APIs'
  change services enable run.googleapis.com artifactregistry.googleapis.com cloudbuild.googleapis.com \
    iam.googleapis.com iamcredentials.googleapis.com secretmanager.googleapis.com cloudresourcemanager.googleapis.com
}

# An API that was enabled just now refuses for a while, so what asks it first is patient.
look_around() {
  step 'What is there already'
  refuse_another_region
  local service others
  others=$(ask run services list --region="$REGION" --filter="-metadata.labels.$MARK" --format='value(metadata.name)')
  for service in $SERVICES; do
    if is_listed "$service" "$others"; then stop 1 "there is a $service in $REGION that make deploy has not made"; fi
  done
}

# One identity for each service. The default account of Compute Engine would be the same for all, and is often an editor.
make_accounts() {
  step 'Service accounts'
  local account there
  there=$(patiently ask iam service-accounts list --filter="description:$MARK" --format='value(email)')
  for account in $ACCOUNTS $BUILDER; do
    if is_missing "$(email "$account")" "$there"; then
      change iam service-accounts create "$account" --display-name="$account" --description="$MARK"
    fi
  done
}

make_images() {
  step "Images, with the tag $TAG"
  local service there
  there=$(ask artifacts repositories list --location="$REGION" --filter="labels.$MARK" --format='value(name.basename())')
  if is_missing "$REPOSITORY" "$there"; then
    change artifacts repositories create "$REPOSITORY" --repository-format=docker --location="$REGION" --labels="$MARK"
  fi
  there=$(ask artifacts docker images list "$IMAGES" --include-tags --filter="tags:$TAG" --format='value(package)')
  for service in $SERVICES; do
    if is_missing "$IMAGES/$service" "$there"; then build_images; break; fi
  done
  remove_source_bucket # one may be left from a build that failed
}

build_images() {
  local try started
  make_source_bucket
  bind_builder
  for ((try = 1; ; try++)); do
    started=$SECONDS
    if submit_build; then return 0; fi
    # Refused within seconds, the builder's new rights are not known everywhere. Later than that, the build has failed.
    if ((try >= TRIES || SECONDS - started > 30)); then
      stop 1 "the images were not built; the log of the build says why: gcloud builds log BUILD --project=$PROJECT"
    fi
    note "try $try of $TRIES failed; next try in $PAUSE s"
    sleep "$PAUSE"
  done
}

submit_build() {
  change builds submit . --config=deploy/cloud-run/cloudbuild.yaml --substitutions="_IMAGES=$IMAGES,_TAG=$TAG" \
    --gcs-source-staging-dir="gs://$BUCKET/source" --suppress-logs \
    --service-account="projects/$PROJECT/serviceAccounts/$(email "$BUILDER")"
}

make_secrets() {
  step 'Secrets'
  local secrets
  secrets=$(patiently ask secrets list --filter="labels.$MARK" --format='value(name.basename())')
  make_secret login-service "$secrets" USERS_FILE
  make_secret profile-service "$secrets" PROFILES_FILE
}

# A file is looked for when its secret has no version yet, and not again.
make_secret() {
  local service=$1 secrets=$2 variable=$3 file secret version
  secret=$(secret "$service")
  if is_missing "$secret" "$secrets"; then
    change secrets create "$secret" --replication-policy=user-managed --locations="$REGION" --labels="$MARK"
  fi
  # On a line of its own: a list that cannot be had ends the script, and is not taken for an empty one.
  version=$(newest_version "$secret")
  if is_dry || [[ -z $version ]]; then
    case $secret in
      login-users) file=$(users_file) ;;
      profiles) file=${PROFILES_FILE:-deploy/local/profiles.json} ;;
    esac
    change secrets versions add "$secret" --data-file="$file"
  elif [[ -n ${!variable:-} ]]; then
    note "$variable is NOT read: $secret has version $version already. A new one: gcloud secrets versions add $secret"
  fi
  patiently change secrets add-iam-policy-binding "$secret" --member="serviceAccount:$(email "$service")" \
    --role=roles/secretmanager.secretAccessor --condition=None --format=none
}

newest_version() {
  ask secrets versions list "$1" --filter=state=ENABLED --sort-by=~createTime --limit=1 --format='value(name.basename())'
}

deploy_services() {
  local service
  step 'Services'
  for service in $SERVICES; do deploy_service "$service"; done
}

# A startup probe of /health/ready would keep an instance from starting while Google's certs cannot be fetched. Started,
# it answers 503 where it needs them, and heals.
# Idle, it costs nothing: no instance is kept, and no CPU is paid for but while one starts, answers a request, or answers
# a liveness probe in the minutes before it is stopped.
deploy_service() {
  local service=$1 secret version flags
  secret=$(secret "$service")
  flags=(
    --image="$IMAGES/$service:$TAG" --service-account="$(email "$service")" --labels="$MARK"
    --set-env-vars="^;^$(environment "$service" | paste -s -d ';' -)"
    --startup-probe='httpGet.path=/health/live,httpGet.port=8080,periodSeconds=1,timeoutSeconds=1,failureThreshold=30'
    --liveness-probe='httpGet.path=/health/live,httpGet.port=8080,periodSeconds=30,timeoutSeconds=5,failureThreshold=3'
    --port=8080 --cpu=1 --memory=256Mi --cpu-throttling --cpu-boost --concurrency=80 --min-instances=0 --max-instances=3
    --timeout=30 --ingress=all
  )
  if [[ -n $secret ]]; then
    # Pinned, so that a revision always reads the same, and the next deployment takes up a new version.
    version=$(newest_version "$secret")
    flags+=(--set-secrets="$(secret_file "$service")=$secret:${version:-1}") # a dry run knows of none: the first
  fi
  if is_private "$service"; then
    flags+=(--invoker-iam-check --no-allow-unauthenticated)
  elif [[ ${PUBLIC:-} == allUsers ]]; then
    flags+=(--invoker-iam-check --allow-unauthenticated)
  else
    flags+=(--no-invoker-iam-check)
  fi
  # A container that does not start will not start the next time either.
  TRIES=$((TRIES < 3 ? TRIES : 3)) patiently change run deploy "$service" --region="$REGION" "${flags[@]}" --format=none
}

bind_invokers() {
  step 'Who may call whom'
  local service
  for service in $SERVICES; do
    if is_private "$service"; then bind_invoker "$service" "serviceAccount:$(invoker "$service")"; fi
  done
}

# That `run deploy` could not close a service to the public is a mere warning of it: here `allUsers` is removed, or the
# script fails.
bind_invoker() {
  local service=$1 invoker=$2 bindings role member
  patiently change run services add-iam-policy-binding "$service" --region="$REGION" \
    --member="$invoker" --role=roles/run.invoker --condition=None --format=none
  bindings=$(bindings run services get-iam-policy "$service" --region="$REGION")
  while read -r role member; do
    if [[ $role == roles/run.invoker && $member != "$invoker" ]]; then
      change run services remove-iam-policy-binding "$service" --region="$REGION" --member="$member" --role="$role" \
        --all --format=none
    fi
  done <<<"$bindings"
}

say_what_was_made() {
  step "Made in project $PROJECT, region $REGION"
  local service
  for service in $SERVICES; do note "$(url "$service")"; done
  cat >&2 <<END
   accounts: $ACCOUNTS $BUILDER; secrets: login-users, profiles; repository: $REPOSITORY

   Idle, no instance runs. What is stored goes on to be charged beyond the free part:
     three images for each tag  https://cloud.google.com/artifact-registry/pricing
     two secrets, each version  https://cloud.google.com/secret-manager/pricing
   Requests, and each build: https://cloud.google.com/run/pricing, https://cloud.google.com/build/pricing
   To remove all of it: make teardown PROJECT=$PROJECT REGION=$REGION
END
}

main
