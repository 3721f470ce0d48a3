# shellcheck shell=bash
# Bindings that the smoke test needs for itself, and gives back whatever happens: at the end, after a mistake, and after
# Ctrl-C. What was there before is not touched.

# To get tokens of an account takes roles/iam.serviceAccountTokenCreator on it. Whoever has that already keeps it.
borrow_account() {
  if ! is_dry && token_without_waiting "$1"; then return 0; fi
  if [[ -z ${DEPLOYER:-} ]]; then DEPLOYER=$(deployer); fi
  borrow iam service-accounts "$(email "$1")" "$DEPLOYER" roles/iam.serviceAccountTokenCreator
}

# In a shell of its own: what the trap has to say after Ctrl-C is not to be lost with the rest.
token_without_waiting() { (TRIES=1 token "$1" profile-service) >/dev/null 2>&1; }

# Two words of gcloud, the target, the member, the role and flags. It is noted down before it is made: a command that is
# interrupted may have come through. The last is given back first.
borrow() {
  local there
  there=$(bindings "$1" "$2" get-iam-policy "$3" "${@:6}")
  if is_missing "$5 $4" "$there"; then
    borrowed=("$*" ${borrowed[@]+"${borrowed[@]}"})
    patiently binding add "$@"
  fi
}

give_back() {
  local line words left=()
  for line in ${borrowed[@]+"${borrowed[@]}"}; do
    read -r -a words <<<"$line"
    patiently binding remove "${words[@]}" || left+=("$line")
  done
  borrowed=()
  for line in ${left[@]+"${left[@]}"}; do
    read -r -a words <<<"$line"
    note "NOT given back; do so by hand: $(DRY_RUN=1 binding remove "${words[@]}" 3>&1)"
  done
  [[ ${#left[@]} == 0 ]]
}

binding() {
  change "$2" "$3" "$1-iam-policy-binding" "$4" --member="$5" --role="$6" "${@:7}" --condition=None --format=none
}

# Who runs this: a person, or a service account.
deployer() {
  local account
  account=$(ask config get-value account)
  case $account in
    '') if is_dry; then echo DEPLOYER; else stop 64 'gcloud does not know who you are; DEPLOYER=user:… says it'; fi ;;
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
