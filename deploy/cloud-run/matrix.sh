# shellcheck shell=bash
# One request, who answered it, and whether that is as expected. Who refuses is told by the form: the platform's pages
# are HTML, the services' problems JSON.

# What is expected, what to say, the service, the path, the token, and that for the platform if it is another.
expect() {
  local expected=$1 what=$2 try got
  shift 2
  set -- "$1" "$2" "${3:-}" "${4:-${3:-}}"
  for ((try = 1; try <= TRIES; try++)); do
    got=$(call "$@" --output /dev/null --write-out '%{http_code} %{content_type}' | answered_by)
    # A binding, or its end, is not known everywhere yet. Who has waited in vain once does not wait again.
    if [[ $got == "$expected" ]] || ((try == TRIES || wrong > 0)); then break; fi
    sleep "$PAUSE"
  done
  verdict "$what" "$expected" "$got"
}

expect_login() {
  local got password=${3//\\/\\\\}
  got=$(printf '{"username":"%s","password":"%s"}' "$LOGIN_USER" "${password//\"/\\\"}" |
    request "$(address login-service)/login" --header 'Content-Type: application/json' --data-binary @- \
      --output /dev/null --write-out '%{http_code} %{content_type}' | answered_by)
  verdict "$2" "$1 service" "$got"
}

verdict() {
  if is_dry; then return 0; fi
  if [[ $3 == "$2" ]]; then
    printf '   ok     %-52s %s\n' "$1" "$3"
  else
    wrong=$((wrong + 1))
    printf '   WRONG  %-52s expected %s, got %s\n' "$1" "$2" "${3:-nothing}"
  fi
}

# The service, the path, the token, that for the platform, and what else curl is to be told. Both headers, as the callers
# of this project send them. printf is a part of the shell: no process has the token in its arguments.
call() {
  local service=$1 path=$2 token=$3 platforms=$4
  shift 4
  if [[ -n $token ]]; then
    printf 'header = "%s: Bearer %s"\n' Authorization "$token" X-Serverless-Authorization "$platforms"
  fi | request "$(address "$service")$path" --config - "$@"
}

# Without ~/.curlrc, which could have it follow a redirect to another host, or to http, with the tokens.
request() { curl --disable --proto "=${1%%:*}" --silent --max-time 30 "$@" || true; }

answered_by() {
  local got
  got=$(cat)
  case $got in
    *' application/json'* | *' application/problem+json'*) echo "${got%% *} service" ;;
    *) echo "${got%% *} platform" ;;
  esac
}

# Where a service is, if it is not at its URL: a test has it on this machine, at PROFILE_SERVICE_AT.
address() {
  local at
  at=$(tr 'a-z-' 'A-Z_' <<<"$1")_AT
  echo "${!at:-$(url "$1")}"
}
