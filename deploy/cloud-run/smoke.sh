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
  if [[ ${GRANT_SEARCH:-0} == 1 ]]; then show_the_service_refuses_too; fi
  if ((wrong > 0)); then stop 1 "$wrong of the answers above are not as expected"; fi
}

# A binding that was made by hand, or that an interrupted run has left, opens a private service to somebody. Any role is
# listed: more than one may invoke. What the project grants, to its owners and editors for instance, is not seen.
show_invokers() {
  local service bindings
  for service in $RECEIVERS; do
    bindings=$(bindings run services get-iam-policy "$service" --region="$REGION")
    verdict "$service has the binding" "roles/run.invoker serviceAccount:$(invoker "$service")" "$bindings"
  done
}

# For each account one token for each receiver, as lines: caller, receiver, token.
fetch_tokens() {
  local account service token
  for account in $ACCOUNTS; do
    note "tokens of $account"
    borrow_account "$account"
    for service in $RECEIVERS; do
      token=$(token "$account" "$service")
      tokens+="$account $service $token"$'\n'
    done
  done
}

token_of() { printf '%s' "$tokens" | sed -n "s/^$1 $2 //p"; }

# What should get in is asked first, and waited for: refusals before all bindings are known would show nothing.
show_matrix() {
  if is_dry; then return 0; fi
  local receiver
  for receiver in $RECEIVERS; do show_who_gets_in "$receiver"; done
  show_what_search_is_told
  for receiver in $RECEIVERS; do show_who_is_refused "$receiver"; done
  show_the_service_checks_too
}

show_who_gets_in() {
  local caller
  for caller in $ACCOUNTS; do
    if may_invoke "$caller" "$1"; then row '200 service' "$caller" "$1" "$(token_of "$caller" "$1")"; fi
  done
}

show_who_is_refused() {
  local receiver=$1 caller genuine other
  for caller in nobody $ACCOUNTS; do
    if ! may_invoke "$caller" "$receiver"; then
      row '403 platform' "$caller" "$receiver" "$(token_of "$caller" "$receiver")"
      continue
    fi
    genuine=$(token_of "$caller" "$receiver")
    other=$([[ $receiver == profile-service ]] && echo search-service || echo profile-service)
    row '401 platform' 'a forged token' "$receiver" "$(forged "$genuine")"
    row '401 platform' 'for another' "$receiver" "$(token_of "$caller" "$other")"
  done
}

# The platform checks X-Serverless-Authorization and the service Authorization: one token for each.
show_the_service_checks_too() {
  local genuine
  genuine=$(token_of login-service profile-service)
  expect '403 service' 'frontend, through the door as login-service' profile-service "$(path profile-service)" \
    "$(token_of frontend profile-service)" "$genuine"
  expect '401 service' 'a forged token, through the door as login-service' profile-service "$(path profile-service)" \
    "$(forged "$genuine")" "$genuine"
}

# search-service may not call profile-service, asks all the same, and says in its answer what came of it.
show_what_search_is_told() {
  local token told
  token=$(token_of frontend search-service)
  told=$(call search-service "$(path search-service)" "$token" "$token" | grep -o '"profile_error":"[a-z_]*"') || true
  verdict 'search-service, of profile-service' '"profile_error":"forbidden"' "$told"
}

row() { expect "$1" "$(printf '%-15s -> %s' "$2" "$3")" "$3" "$(path "$3")" "$4"; }

may_invoke() { [[ $(email "$1") == $(invoker "$2") ]]; }

path() {
  case $1 in
    profile-service) echo /profiles/ada ;;
    search-service) echo '/search?q=ada' ;;
  esac
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
  local token
  token=$(token_of search-service profile-service)
  borrow run services profile-service "serviceAccount:$(email search-service)" roles/run.invoker --region="$REGION"
  if ! is_dry; then row '403 service' search-service profile-service "$token"; fi
  give_back
  if ! is_dry; then row '403 platform' search-service profile-service "$token"; fi
}

token() {
  patiently ask auth print-identity-token --impersonate-service-account="$(email "$1")" \
    --audiences="$(url "$2")" --include-email
}

# Other bytes in the signature, in the same form.
forged() { echo "${1%.*}.$(tr 'A-Za-z' 'B-ZAb-za' <<<"${1##*.}")"; }

wrong=0 tokens=
main
