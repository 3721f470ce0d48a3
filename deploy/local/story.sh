#!/bin/sh
# Walks the story with curl, as the last container of compose.yaml: a login, a search, and who may call whom. Ends with 1
# when an answer is not as expected. An expired token needs a clock that moves: `make demo` has one.
# With `token METADATA_HOST AUDIENCE` it prints a token instead.
set -eu

wrong=0

# Tokens are curl's arguments here, for everyone on the machine to read: they are the emulator's, worthless elsewhere. Of
# Google's, curl is to read them from a file.
call() { # what runs here is never behind a proxy
    curl -sS --noproxy '*' "$@"
}

status() {
    call -o /dev/null -w '%{http_code}' "$@"
}

token() { # METADATA_HOST AUDIENCE
    call -f -H 'Metadata-Flavor: Google' \
        "http://$1/computeMetadata/v1/instance/service-accounts/default/identity?audience=$2&format=full"
}

expect() { # WHAT PART_OF_THE_ANSWER ANSWER
    case $3 in
        *"$2"*) printf '%-50s %s\n' "$1" "$3" ;;
        *) printf '%-50s %s, expected %s\n' "$1" "$3" "$2"; wrong=$((wrong + 1)) ;;
    esac
}

# WHO, then the status expected of profile-service and the token sent to it, then the same of search-service
row() {
    expect "$1 reads a profile" "$2" "$(status -H "Authorization: Bearer $3" "$PROFILE/profiles/ada")"
    expect "$1 searches" "$4" "$(status -H "Authorization: Bearer $5" "$SEARCH/search?q=ada")"
}

own() { # WHO METADATA_HOST STATUS STATUS
    row "$1" "$3" "$(token "$2" "$PROFILE_AUDIENCE")" "$4" "$(token "$2" "$SEARCH_AUDIENCE")"
}

if [ "${1-}" = token ]; then
    token "$2" "$3"
    exit
fi

for service in "${LOGIN:?}" "${PROFILE:?}" "${SEARCH:?}"; do
    # Not there yet, or without keys yet, which is a 503: curl tries again.
    call -f -o /dev/null --retry 30 --retry-delay 1 --retry-connrefused "$service/health/ready" 2> /dev/null ||
        { echo "$service is not ready" >&2; exit 1; }
done
reading=$(token "$LOGIN_SERVICE" "$PROFILE_AUDIENCE")
searching=$(token "$FRONTEND" "$SEARCH_AUDIENCE")

expect 'a user logs in' '"username":"ada"' "$(call -H 'Content-Type: application/json' \
    -d '{"username":"ada","password":"analytical-engine"}' "$LOGIN/login")"
expect 'a search, with the profile refused' '"profile_error":"forbidden"' \
    "$(call -H "Authorization: Bearer $searching" "$SEARCH/search?q=ada")"

expect 'nobody reads a profile' 401 "$(status "$PROFILE/profiles/ada")"
expect 'nobody searches' 401 "$(status "$SEARCH/search?q=ada")"
own login-service "$LOGIN_SERVICE" 200 403
own search-service "$SEARCH_SERVICE" 403 403
own frontend "$FRONTEND" 403 200
own 'a stranger, of another project,' "$STRANGER" 403 403
row 'a forged signature' 401 "${reading%????}AAAA" 401 "${searching%????}AAAA"
row 'a token for another service' 401 "$(token "$LOGIN_SERVICE" "$SEARCH_AUDIENCE")" \
    401 "$(token "$FRONTEND" "$PROFILE_AUDIENCE")"

[ "$wrong" = 0 ] || { echo "$wrong of the answers are not as expected" >&2; exit 1; }
