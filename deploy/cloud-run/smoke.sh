#!/usr/bin/env bash
# The matrix of the demo against what is deployed: every caller against every receiver, who answers, and with what.
# A token is in a variable of this script and on curl's standard input, never printed and in no list of processes.
set -euo pipefail
cd "$(dirname "$0")/../.."
for part in settings gcloud matrix borrowed; do
  # shellcheck source=/dev/null
  . "deploy/cloud-run/$part.sh"
done

main() {
  find_project_number
  step 'Smoke test: nobody else may invoke'
  show_invokers
  step 'Smoke test: who gets in, and who refuses'
  fetch_tokens
  show_matrix
  show_logins
  if [[ ${GRANT_SEARCH:-} == 1 ]]; then show_the_service_refuses_too; fi
  if ((wrong > 0)); then stop 1 "$wrong of the answers above are not as expected"; fi
}

# A binding that was made by hand, or that an interrupted run has left, opens a private service to somebody.
show_invokers() {
  local service invokers
  for service in profile-service search-service; do
    invokers=$(ask run services get-iam-policy "$service" --region="$REGION" --flatten='bindings[].members[]' \
      --filter='bindings.role:roles/run.invoker' --format='value(bindings.members)')
    verdict "$service may be invoked by" "serviceAccount:$(invoker "$service")" "$invokers"
  done
}

# For each account one token for each receiver.
fetch_tokens() {
  local account
  for account in $ACCOUNTS; do
    note "tokens of $account"
    borrow_account "$account"
    tokens_for_profile+=("$(token "$account" profile-service)")
    tokens_for_search+=("$(token "$account" search-service)")
  done
}

# What should get in is asked first, and waited for: refusals before all bindings are known would show nothing.
show_matrix() {
  if is_dry; then return 0; fi
  local frontend=0 login=1 profile=2 search=3 # as in ACCOUNTS
  local for_profile=("${tokens_for_profile[@]}") for_search=("${tokens_for_search[@]}")
  local ada=/profiles/ada query='/search?q=ada'

  expect '200 service' 'login-service   -> profile-service' profile-service "$ada" "${for_profile[login]}"
  expect '200 service' 'frontend        -> search-service' search-service "$query" "${for_search[frontend]}"

  expect '403 platform' 'nobody          -> profile-service' profile-service "$ada"
  expect '403 platform' 'frontend        -> profile-service' profile-service "$ada" "${for_profile[frontend]}"
  expect '403 platform' 'search-service  -> profile-service' profile-service "$ada" "${for_profile[search]}"
  expect '403 platform' 'profile-service -> profile-service' profile-service "$ada" "${for_profile[profile]}"
  expect '401 platform' 'a forged token  -> profile-service' profile-service "$ada" "$(forged "${for_profile[login]}")"
  expect '401 platform' 'for another     -> profile-service' profile-service "$ada" "${for_search[login]}"

  expect '403 platform' 'nobody          -> search-service' search-service "$query"
  expect '403 platform' 'login-service   -> search-service' search-service "$query" "${for_search[login]}"
  expect '403 platform' 'profile-service -> search-service' search-service "$query" "${for_search[profile]}"
  expect '403 platform' 'search-service  -> search-service' search-service "$query" "${for_search[search]}"
  expect '401 platform' 'a forged token  -> search-service' search-service "$query" "$(forged "${for_search[frontend]}")"
  expect '401 platform' 'for another     -> search-service' search-service "$query" "${for_profile[frontend]}"

  # The platform checks X-Serverless-Authorization and the service Authorization: one token for each.
  expect '403 service' 'frontend, through the door as login-service' profile-service "$ada" \
    "${for_profile[frontend]}" "${for_profile[login]}"
  expect '401 service' 'a forged token, through the door as login-service' profile-service "$ada" \
    "$(forged "${for_profile[login]}")" "${for_profile[login]}"
}

# The whole way, with the tokens that login-service itself gets.
show_logins() {
  if is_dry; then return 0; fi
  expect_login 401 'a login with a wrong password' "$(head -c 12 /dev/urandom | base64)"
  if [[ -s $LOGIN_PASSWORD_FILE ]]; then
    expect_login 200 'a login, by way of profile-service' "$(<"$LOGIN_PASSWORD_FILE")"
  else
    note "skipped: a login with the right password, which LOGIN_PASSWORD_FILE=… of LOGIN_USER=… would have"
  fi
}

# For a minute search-service passes the platform. profile-service does not have it on its list.
show_the_service_refuses_too() {
  step 'Smoke test: search-service may invoke profile-service for a minute'
  borrow_binding 'run services' profile-service "$(email search-service)" roles/run.invoker --region="$REGION"
  if ! is_dry; then
    expect '403 service' 'search-service  -> profile-service' profile-service /profiles/ada "${tokens_for_profile[3]}"
  fi
  give_back
  if ! is_dry; then
    expect '403 platform' 'search-service  -> profile-service' profile-service /profiles/ada "${tokens_for_profile[3]}"
  fi
}

token() {
  patiently ask auth print-identity-token --impersonate-service-account="$(email "$1")" \
    --audiences="$(url "$2")" --include-email
}

# Other bytes in the signature, in the same form.
forged() { echo "${1%.*}.$(tr 'A-Za-z' 'B-ZAb-za' <<<"${1##*.}")"; }

wrong=0 tokens_for_profile=() tokens_for_search=()
main
