# shellcheck shell=bash disable=SC2034 # the other scripts use these names
# All names, and what each service is told: the one place where they stand. The other scripts read it first.

stop() {
  printf '%s: %s\n' "${0##*/}" "$2" >&2
  exit "$1"
}

# A switch with a mistake in it would take the other way, and nobody would see: `DRY_RUN=true` is refused.
only() {
  local name=$1 given=${!1:-}
  shift
  if [[ -n $given && " $* " != *" $given "* ]]; then stop 64 "$name is $given; leave it out, or give it as: $*"; fi
}

[[ ${PROJECT:-} =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] ||
  stop 64 'PROJECT is missing, or is no project id: PROJECT=my-project'
[[ ${REGION:-} =~ ^[a-z]+-[a-z]+[0-9]+$ ]] ||
  stop 64 'REGION is missing, or is no region: REGION=europe-west1'
only DRY_RUN 1
only SMOKE 0 1
only GRANT_SEARCH 0 1
only PUBLIC allUsers

# The builds run as this one.
BUILDER=image-builder
# An account without a service, and then each service with an account of the same name.
ACCOUNTS='frontend login-service profile-service search-service'
# In this order: whoever is called comes before those who call.
SERVICES='profile-service search-service login-service'
# The private ones.
RECEIVERS='profile-service search-service'

# On everything that is made but the bucket: by it teardown tells what it may delete.
MARK=made-by=service-to-service
REPOSITORY=service-to-service
IMAGES=$REGION-docker.pkg.dev/$PROJECT/$REPOSITORY
# Holds the source while the images are built. A bucket takes no label when it is made, so its name is the mark.
BUCKET=$PROJECT-service-to-service-source

email() { echo "$1@$PROJECT.iam.gserviceaccount.com"; }

# Known before the first deployment, so that a service can be told its own. Not the other URL, the one with a hash.
url() { echo "https://$1-$PROJECT_NUMBER.$REGION.run.app"; }

# Who holds roles/run.invoker on a private service: one account, and nobody else.
invoker() {
  case $1 in
    profile-service) email login-service ;;
    search-service) email frontend ;;
  esac
}

is_private() { [[ " $RECEIVERS " == *" $1 "* ]]; }

# The environment of a service, one NAME=VALUE a line. The allow-list names whom the platform lets in: both check.
environment() {
  echo "GOOGLE_CLOUD_PROJECT=$PROJECT"
  if is_private "$1"; then
    echo "AUDIENCES=$(url "$1")"
    echo "ALLOWED_CALLERS=$(invoker "$1")"
  fi
  case $1 in
    login-service | search-service) echo "PROFILE_URL=$(url profile-service)" ;;
  esac
  case $1 in
    login-service) echo 'USERS_FILE=/etc/login-service/users.json' ;;
    profile-service) echo 'PROFILES_FILE=/etc/profile-service/profiles.json' ;;
  esac
}

# The secret that a service reads, and the file that it finds it in.
secret() {
  case $1 in
    login-service) echo login-users ;;
    profile-service) echo profiles ;;
  esac
}
secret_file() { environment "$1" | sed -n 's/^[A-Z]*_FILE=//p'; }

# Of the user that a first deployment makes up. In no log and on no command line; `target` is not in git.
SECRETS_HERE=${SECRETS_HERE:-target/cloud-run/$PROJECT}
LOGIN_USER=${LOGIN_USER:-ada}
[[ $LOGIN_USER =~ ^[A-Za-z0-9_-]+$ ]] || stop 64 'LOGIN_USER may have letters, digits, - and _ only'
LOGIN_PASSWORD_FILE=${LOGIN_PASSWORD_FILE:-$SECRETS_HERE/password}
