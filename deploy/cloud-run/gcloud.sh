# shellcheck shell=bash
# Every gcloud command goes through here: it is announced, asks nothing, and is about one project. With DRY_RUN=1 it is
# printed instead, complete, one a line, and what it would have answered is empty.

exec 3>&1 # also where `ask` is called for its answer

step() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
is_dry() { [[ -n ${DRY_RUN:-} ]]; }

# Changes something.
change() {
  set -- "$@" --project="$PROJECT" --quiet
  if is_dry; then print_command gcloud "$@" >&3; return 0; fi
  note "$(print_command gcloud "$@")"
  gcloud "$@"
}

# Changes nothing: the answer is its output. An empty list is no reason for a warning.
ask() {
  set -- "$@" --project="$PROJECT" --quiet --verbosity=error
  if is_dry; then print_command gcloud "$@" >&3; return 0; fi
  gcloud "$@"
}

# The same as the command that follows, but tried again: a new account or binding is known everywhere after minutes only.
# https://cloud.google.com/iam/docs/access-change-propagation
patiently() {
  local try
  for ((try = 1; try < TRIES; try++)); do
    if "$@"; then return 0; fi # without the 0 it would be the status of what a trap has interrupted
    note "try $try of $TRIES failed; IAM may not know everything yet, next try in $PAUSE s"
    sleep "$PAUSE"
  done
  "$@"
}

# Who has which role on a thing, from its `get-iam-policy`: `ROLE MEMBER`, one a line.
bindings() {
  ask "$@" --flatten='bindings[].members[]' --format='value[separator=" "](bindings.role,bindings.members)'
}

# Whether a list has a line, of things that are to be made, or to be deleted: a dry run prints the command for each.
is_missing() { is_dry || ! is_listed "$@"; }
is_there() { is_dry || is_listed "$@"; }
is_listed() { grep --quiet --line-regexp --fixed-strings -e "$1" <<<"$2"; }

# Only Google knows it, unless it is given; a dry run shows where it would stand.
find_project_number() {
  if [[ -z ${PROJECT_NUMBER:-} ]]; then
    PROJECT_NUMBER=$(ask projects describe "$PROJECT" --format='value(projectNumber)')
    if is_dry; then PROJECT_NUMBER=PROJECT_NUMBER; fi
  fi
  [[ $PROJECT_NUMBER =~ ^([0-9]+|PROJECT_NUMBER)$ ]] || stop 1 "the number of project $PROJECT cannot be had"
}

# To be pasted into a shell as it is.
print_command() {
  local word line=
  for word; do
    if [[ ! $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then word="'${word//\'/\'\\\'\'}'"; fi
    line+=" $word"
  done
  echo "${line# }"
}

TRIES=${TRIES:-30} PAUSE=${PAUSE:-10}
