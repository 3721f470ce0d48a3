#!/usr/bin/env bash
# Brings the three services to Cloud Run. What is there already is left or made the same again: after a step that failed,
# run it once more.
set -euo pipefail
cd "$(dirname "$0")/../.."
for part in settings gcloud source users; do
  # shellcheck source=/dev/null
  . "deploy/cloud-run/$part.sh"
done

main() {
  TAG=$(source_tag)
  refuse_demo_passwords
  enable_apis
  find_project_number
  make_accounts
  make_images
  make_secrets
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
    iam.googleapis.com iamcredentials.googleapis.com secretmanager.googleapis.com
}

# One identity for each service. The default account of Compute Engine would be the same for all, and is often an editor.
make_accounts() {
  step 'Service accounts'
  local account made
  made=$(ask iam service-accounts list --filter="description:$MARK" --format='value(email)')
  for account in $ACCOUNTS; do
    if is_missing "$(email "$account")" "$made"; then
      change iam service-accounts create "$account" --display-name="$account" --description="$MARK"
    fi
  done
}

make_images() {
  step "Images, with the tag $TAG"
  local service made
  made=$(ask artifacts repositories list --location="$REGION" --filter="labels.$MARK" --format='value(name.basename())')
  if is_missing "$REPOSITORY" "$made"; then
    change artifacts repositories create "$REPOSITORY" --repository-format=docker --location="$REGION" --labels="$MARK"
  fi
  made=$(ask artifacts docker images list "$IMAGES" --include-tags --filter="tags:$TAG" --format='value(package)')
  for service in $SERVICES; do
    if is_missing "$IMAGES/$service" "$made"; then build_images; break; fi
  done
  remove_source_bucket # one may be left from a build that failed
}

build_images() {
  make_source_bucket
  change builds submit . --config=deploy/cloud-run/cloudbuild.yaml --substitutions="_IMAGES=$IMAGES,_TAG=$TAG" \
    --gcs-source-staging-dir="gs://$BUCKET/source" --suppress-logs \
    ${BUILD_ACCOUNT:+"--service-account=projects/$PROJECT/serviceAccounts/$BUILD_ACCOUNT"}
}

make_secrets() {
  step 'Secrets'
  local made
  made=$(ask secrets list --filter="labels.$MARK" --format='value(name.basename())')
  make_secret login-service "$made"
  make_secret profile-service "$made"
}

# A file is looked for when its secret has no version yet, and not again.
make_secret() {
  local service=$1 made=$2 file secret
  secret=$(secret "$service")
  if is_missing "$secret" "$made"; then
    change secrets create "$secret" --replication-policy=user-managed --locations="$REGION" --labels="$MARK"
  fi
  if is_dry || [[ -z $(newest_version "$secret") ]]; then
    case $secret in
      login-users) file=$(users_file) ;;
      profiles) file=${PROFILES_FILE:-deploy/local/profiles.json} ;;
    esac
    change secrets versions add "$secret" --data-file="$file"
  fi
  patiently change secrets add-iam-policy-binding "$secret" --member="serviceAccount:$(email "$service")" \
    --role=roles/secretmanager.secretAccessor --format=none
}

newest_version() {
  ask secrets versions list "$1" --filter=state=ENABLED --sort-by=~createTime --limit=1 --format='value(name.basename())'
}

deploy_services() {
  local service there
  step 'Services'
  there=$(ask run services list --region="$REGION" --filter="-metadata.labels.$MARK" --format='value(metadata.name)')
  for service in $SERVICES; do
    if is_listed "$service" "$there"; then stop 1 "there is a $service in $REGION that make deploy has not made"; fi
    deploy_service "$service"
  done
}

# A startup probe of /health/ready would keep an instance from starting while Google's certs cannot be fetched. Started,
# it answers 503 where it needs them, and heals.
# What costs nothing when idle: no instance is kept, and no CPU but during requests.
deploy_service() {
  local service=$1 secret version flags
  secret=$(secret "$service")
  flags=(
    --image="$IMAGES/$service:$TAG" --service-account="$(email "$service")" --labels="$MARK"
    --set-env-vars="^;^$(environment "$service" | paste -s -d ';' -)"
    --startup-probe='httpGet.path=/health/live,httpGet.port=8080,periodSeconds=1,timeoutSeconds=1,failureThreshold=60'
    --liveness-probe='httpGet.path=/health/live,httpGet.port=8080,periodSeconds=30,timeoutSeconds=5,failureThreshold=3'
    --port=8080 --cpu=1 --memory=256Mi --cpu-throttling --concurrency=80 --min-instances=0 --max-instances=3 --timeout=30
    --ingress=all
  )
  if [[ -n $secret ]]; then
    # Pinned, so that a revision always reads the same, and the next deployment takes up a new version.
    version=$(newest_version "$secret")
    flags+=(--set-secrets="$(secret_file "$service")=$secret:${version:-VERSION}")
  fi
  if [[ $service != login-service ]]; then
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
  local service invoker
  for service in $SERVICES; do
    invoker=$(invoker "$service")
    if [[ -n $invoker ]]; then
      patiently change run services add-iam-policy-binding "$service" --region="$REGION" \
        --member="serviceAccount:$invoker" --role=roles/run.invoker --format=none
    fi
  done
}

say_what_was_made() {
  step "Made in project $PROJECT, region $REGION"
  local service
  for service in $SERVICES; do note "$(url "$service")"; done
  cat >&2 <<END
   accounts: $ACCOUNTS; secrets: login-users, profiles; repository: $REPOSITORY

   Idle, no instance runs. What is stored goes on to be charged beyond the free part:
     images  https://cloud.google.com/artifact-registry/pricing
     secrets https://cloud.google.com/secret-manager/pricing
   Requests, and each build: https://cloud.google.com/run/pricing, https://cloud.google.com/build/pricing
   To remove all of it: make teardown PROJECT=$PROJECT REGION=$REGION
END
}

main
