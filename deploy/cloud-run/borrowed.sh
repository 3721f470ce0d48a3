# shellcheck shell=bash
# Bindings that the smoke test needs for itself, and gives back whatever happens: at the end, after a mistake, and after
# Ctrl-C. What was there before is not touched.

# What to be able to get tokens of an account takes: roles/iam.serviceAccountTokenCreator on it. Whoever has that keeps it.
borrow_account() {
  if ! is_dry && token_without_waiting "$1"; then return 0; fi
  if [[ -z ${DEPLOYER:-} ]]; then DEPLOYER=$(deployer); fi
  borrow_binding 'iam service-accounts' "$(email "$1")" "$DEPLOYER" roles/iam.serviceAccountTokenCreator
}

token_without_waiting() {
  TRIES=1 token "$1" profile-service >/dev/null 2>&1
}

# It is noted down before it is made: a command that is interrupted may have come through. The last is given back first.
borrow_binding() {
  local group=$1 target=$2 member=$3 role=$4
  shift 4
  if [[ $member != *:* ]]; then member=serviceAccount:$member; fi
  borrowed=("$group remove-iam-policy-binding $target --member=$member --role=$role $*" ${borrowed[@]+"${borrowed[@]}"})
  # shellcheck disable=SC2086 # a group is of several words
  patiently change $group add-iam-policy-binding "$target" --member="$member" --role="$role" "$@" --format=none
}

give_back() {
  local command left=()
  for command in ${borrowed[@]+"${borrowed[@]}"}; do
    # shellcheck disable=SC2086 # no word of it has a space
    patiently change $command --format=none || left+=("$command")
  done
  borrowed=()
  for command in ${left[@]+"${left[@]}"}; do
    note "NOT given back; do so by hand: gcloud $command --project=$PROJECT"
  done
  [[ ${#left[@]} == 0 ]]
}

# Who runs this: a person, or a service account.
deployer() {
  local account
  account=$(ask config get-value account)
  if is_dry; then account=DEPLOYER; fi
  case $account in
    '') stop 64 'gcloud does not know who you are; DEPLOYER=user:… says it' ;;
    *.gserviceaccount.com) echo "serviceAccount:$account" ;;
    *) echo "user:$account" ;;
  esac
}

at_the_end() {
  local status=$1
  trap '' INT TERM HUP
  give_back || status=1
  exit "$status"
}

borrowed=()
trap 'at_the_end $?' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
