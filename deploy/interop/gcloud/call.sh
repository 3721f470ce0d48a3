#!/bin/sh
# gcloud auth print-identity-token, with each kind of credentials that it takes. Prints "status" and the status.
set -eu

export CLOUDSDK_CONFIG="$HOME/gcloud"
export CLOUDSDK_CORE_DISABLE_PROMPTS=1 CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=1
export CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=1

# As the account of the file, or of the metadata server if there is none. Only the latter leaves the e-mail out of a
# token unless it is asked for.
call() {
  if [ -n "${GOOGLE_APPLICATION_CREDENTIALS:-}" ]; then
    gcloud auth activate-service-account --quiet --key-file="$GOOGLE_APPLICATION_CREDENTIALS" >&2
    gcloud auth print-identity-token --audiences="$PROFILE_AUDIENCE"
  else
    gcloud auth print-identity-token --audiences="$PROFILE_AUDIENCE" --token-format=full
  fi
}

# A developer's login is made in a browser. Here its access token comes from a file.
impersonated() {
  member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2"; }
  file=$GOOGLE_APPLICATION_CREDENTIALS
  export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE="$HOME/access-token"
  curl --silent --fail --data grant_type=refresh_token --data-urlencode "client_id=$(member client_id "$file")" \
    --data-urlencode "client_secret=$(member client_secret "$file")" \
    --data-urlencode "refresh_token=$(member refresh_token "$file")" --output "$HOME/answer" "$TOKEN_URL"
  member access_token "$HOME/answer" > "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"
  act_as_target
}

federated() {
  gcloud auth login --quiet --cred-file="$GOOGLE_APPLICATION_CREDENTIALS" >&2
  act_as_target
}

act_as_target() {
  export CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS="$IAM_CREDENTIALS_URL/"
  gcloud auth print-identity-token --impersonate-service-account="$TARGET" --audiences="$PROFILE_AUDIENCE" \
    --include-email
}

rm -rf "$CLOUDSDK_CONFIG"
token=$("$1")
# On a private service Cloud Run checks the second header, and leaves the first one to the service. A token on a command
# line can be read by everyone on the machine: curl takes the headers from a file.
printf 'Authorization: Bearer %s\nX-Serverless-Authorization: Bearer %s\n' "$token" "$token" |
  curl --silent --max-time 20 --header @- --output /dev/null --write-out 'status %{http_code}\n' \
    "$PROFILE_URL/profiles/ada"
