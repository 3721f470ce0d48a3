# shellcheck shell=bash disable=SC2034 # the other scripts use these names
# All names, and what each service is told: the one place where they stand. The other scripts read it first.

stop() {
  printf '%s: %s\n' "${0##*/}" "$2" >&2
  exit "$1"
}

usage='say where to: make '${0##*/}' PROJECT=my-project REGION=europe-west1'
usage=${usage/.sh /\ }
[[ ${PROJECT:-} =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || stop 64 "PROJECT is missing, or is no project id; $usage"
[[ ${REGION:-} =~ ^[a-z]+-[a-z]+[0-9]+$ ]] || stop 64 "REGION is missing, or is no region; $usage"

# An account without a service, and then each service with an account of the same name.
ACCOUNTS='frontend login-service profile-service search-service'
# In this order: whoever is called comes before those who call.
SERVICES='profile-service search-service login-service'

# On everything that is made: by it teardown tells what it may delete.
MARK=made-by=service-to-service
REPOSITORY=service-to-service
IMAGES=$REGION-docker.pkg.dev/$PROJECT/$REPOSITORY
# Holds the source while the images are built.
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

# The environment of a service, one NAME=VALUE a line. The allow-list names whom the platform lets in: both check.
environment() {
  echo "GOOGLE_CLOUD_PROJECT=$PROJECT"
  case $1 in
    profile-service | search-service)
      echo "AUDIENCES=$(url "$1")"
      echo "ALLOWED_CALLERS=$(invoker "$1")"
      ;;
  esac
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
LOGIN_PASSWORD_FILE=${LOGIN_PASSWORD_FILE:-$SECRETS_HERE/password}
