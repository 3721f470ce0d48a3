#!/bin/sh
# curl and openssl, by hand: the requests that a library makes, one after the other. Prints "status" and the status.
set -eu

curl='curl --silent --fail-with-body --max-time 20'
form='urn:ietf:params:oauth'

# The text of a member of JSON that is on one line.
member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# As the account of the file, or of the metadata server if there is none.
call() {
  if [ -n "${GOOGLE_APPLICATION_CREDENTIALS:-}" ]; then with_key; else from_metadata; fi
}

from_metadata() {
  path=computeMetadata/v1/instance/service-accounts/default/identity
  $curl --header 'Metadata-Flavor: Google' "http://$GCE_METADATA_HOST/$path?audience=$PROFILE_AUDIENCE&format=full"
}

# The assertion says who it is, and for which audience a token is wanted; the token endpoint gives it.
with_key() {
  umask 077
  key=$(mktemp)
  trap 'rm -f "$key"' EXIT
  printf '%b' "$(member private_key < "$GOOGLE_APPLICATION_CREDENTIALS")" > "$key"
  account=$(member client_email < "$GOOGLE_APPLICATION_CREDENTIALS")
  endpoint=$(member token_uri < "$GOOGLE_APPLICATION_CREDENTIALS")
  now=$(date +%s)
  header=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url)
  claims=$(printf '{"iss":"%s","aud":"%s","iat":%d,"exp":%d,"target_audience":"%s"}' \
    "$account" "$endpoint" "$now" $((now + 600)) "$PROFILE_AUDIENCE" | base64url)
  signature=$(printf '%s' "$header.$claims" | openssl dgst -sha256 -sign "$key" -binary | base64url)
  $curl --data-urlencode "grant_type=$form:grant-type:jwt-bearer" --data "assertion=$header.$claims.$signature" \
    "$endpoint" | member id_token
}

# The developer's login gives an access token, and that an ID token of the account.
impersonated() {
  file=$GOOGLE_APPLICATION_CREDENTIALS
  access_token=$($curl --data grant_type=refresh_token --data-urlencode "client_id=$(member client_id < "$file")" \
    --data-urlencode "client_secret=$(member client_secret < "$file")" \
    --data-urlencode "refresh_token=$(member refresh_token < "$file")" "$TOKEN_URL" | member access_token)
  act_as_target
}

# The token of the outside provider gives an access token, and that an ID token of the account.
federated() {
  file=$GOOGLE_APPLICATION_CREDENTIALS
  subject_token=$($curl --header 'Metadata: True' "$(member url < "$file")" | member access_token)
  access_token=$($curl --data-urlencode "grant_type=$form:grant-type:token-exchange" \
    --data-urlencode "audience=$(member audience < "$file")" \
    --data-urlencode 'scope=https://www.googleapis.com/auth/cloud-platform' \
    --data-urlencode "requested_token_type=$form:token-type:access_token" \
    --data-urlencode "subject_token_type=$(member subject_token_type < "$file")" \
    --data-urlencode "subject_token=$subject_token" "$(member token_url < "$file")" | member access_token)
  act_as_target
}

act_as_target() {
  $curl --header "Authorization: Bearer $access_token" --header 'Content-Type: application/json' \
    --data "{\"audience\":\"$PROFILE_AUDIENCE\",\"includeEmail\":true}" \
    "$IAM_CREDENTIALS_URL/v1/projects/-/serviceAccounts/$TARGET:generateIdToken" | member token
}

token=$("$1")
# On a private service Cloud Run checks the second header, and leaves the first one to the service. A token on a command
# line can be read by everyone on the machine: curl takes the headers from a file.
printf 'Authorization: Bearer %s\nX-Serverless-Authorization: Bearer %s\n' "$token" "$token" |
  curl --silent --max-time 20 --header @- --output /dev/null --write-out 'status %{http_code}\n' \
    "$PROFILE_URL/profiles/ada"
