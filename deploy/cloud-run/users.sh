# shellcheck shell=bash
# The users of a first deployment: those of USERS_FILE, or one with a password that is made up and hashed with Argon2id.
# The demo's passwords are published: a file with one of its hashes is refused.

users_file() {
  if [[ -n ${USERS_FILE:-} ]]; then
    echo "$USERS_FILE"
    return 0
  fi
  local users=$SECRETS_HERE/users.json
  if ! is_dry && [[ ! -s $users ]]; then make_up_user "$users"; fi
  echo "$users"
}

refuse_demo_passwords() {
  if [[ -z ${USERS_FILE:-} ]]; then return 0; fi
  [[ -s $USERS_FILE ]] || stop 64 "USERS_FILE: $USERS_FILE is not there, or empty"
  if tr '"' '\n' <deploy/local/users.json | grep argon2id | grep --quiet --fixed-strings -f - "$USERS_FILE"; then
    stop 64 "USERS_FILE: $USERS_FILE has a password of the demo, and everyone can read those"
  fi
}

make_up_user() {
  local umask_before hash
  umask_before=$(umask)
  umask 077
  mkdir -p "$SECRETS_HERE"
  if [[ ! -s $LOGIN_PASSWORD_FILE ]]; then
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$LOGIN_PASSWORD_FILE"
  fi
  hash=$(cargo run --quiet --locked -p login-service --example hash-password <"$LOGIN_PASSWORD_FILE") ||
    stop 1 'the password cannot be hashed without Rust; USERS_FILE=… names a file of users made elsewhere'
  printf '{ "%s": "%s" }\n' "$LOGIN_USER" "$hash" >"$1"
  umask "$umask_before"
  note "the password of $LOGIN_USER is in $LOGIN_PASSWORD_FILE, and nowhere else"
}
