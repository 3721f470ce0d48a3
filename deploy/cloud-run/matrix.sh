# shellcheck shell=bash
# One request, who answered it, and whether that is as expected. Who refuses is told by the form: the platform's pages are
# HTML, the services' problems JSON.

# What is expected, what to say, the service, the path, the token, and that for the platform if it is another.
expect() {
  local expected=$1 what=$2 try got
  shift 2
  for ((try = 1; try <= TRIES; try++)); do
    got=$(call "$@")
    if [[ $got == "$expected" ]]; then break; fi
    if ((try < TRIES)); then sleep "$PAUSE"; fi # a binding, or its end, is not known everywhere yet
  done
  verdict "$what" "$expected" "$got"
}

expect_login() {
  local got password=${3//\\/\\\\}
  got=$(printf '{"username":"%s","password":"%s"}' "$LOGIN_USER" "${password//\"/\\\"}" |
    request "$(address login-service)/login" --header 'Content-Type: application/json' --data-binary @-)
  verdict "$2" "$1 service" "$got"
}

verdict() {
  if [[ $3 == "$2" ]] || is_dry; then
    if ! is_dry; then printf '   ok     %-52s %s\n' "$1" "$3"; fi
  else
    wrong=$((wrong + 1))
    printf '   WRONG  %-52s expected %s, got %s\n' "$1" "$2" "${3:-nothing}"
  fi
}

# Both headers, as the callers of this project send them. printf is a part of the shell: no process has the token in its
# arguments.
call() {
  local service=$1 path=$2 token=${3:-} platforms=${4:-${3:-}}
  if [[ -n $token ]]; then
    printf 'header = "Authorization: Bearer %s"\nheader = "X-Serverless-Authorization: Bearer %s"\n' "$token" "$platforms"
  fi | request "$(address "$service")$path" --config -
}

request() {
  local got
  got=$(curl --silent --max-time 30 --output /dev/null --write-out '%{http_code} %{content_type}' "$@") || true
  case $got in
    *' application/json'* | *' application/problem+json'*) echo "${got%% *} service" ;;
    *) echo "${got%% *} platform" ;;
  esac
}

# Where a service is, if it is not at its URL: a test has it on this machine.
address() {
  case $1 in
    login-service) echo "${LOGIN_AT:-$(url "$1")}" ;;
    profile-service) echo "${PROFILE_AT:-$(url "$1")}" ;;
    search-service) echo "${SEARCH_AT:-$(url "$1")}" ;;
  esac
}
