// Google's libraries for Go: calls profile-service, or verifies a token; prints one line, a word and what belongs to
// it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"cloud.google.com/go/auth/credentials"
	verifier "cloud.google.com/go/auth/credentials/idtoken"
	"cloud.google.com/go/auth/httptransport"
	"google.golang.org/api/idtoken"
)

var audience = os.Getenv("PROFILE_AUDIENCE")

func main() {
	ways := map[string]func(context.Context) error{"call": call, "federated": federated, "verify": verify}
	if err := ways[os.Args[1]](context.Background()); err != nil {
		log.Fatal(err)
	}
}

// With the credentials of this environment. On a private service Cloud Run checks the second header, and leaves the first
// one to the service.
func call(ctx context.Context) error {
	source, err := idtoken.NewTokenSource(ctx, audience)
	if err != nil {
		return err
	}
	token, err := source.Token()
	if err != nil {
		return err
	}
	request, err := http.NewRequest("GET", profile(), nil)
	if err != nil {
		return err
	}
	token.SetAuthHeader(request)
	request.Header.Set("X-Serverless-Authorization", request.Header.Get("Authorization"))
	return show(http.DefaultClient.Do(request))
}

// The library brings an access token. The step from there to an ID token is ours: its own knows one host only.
func federated(ctx context.Context) error {
	file := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	options := credentials.DetectOptions{Scopes: []string{"https://www.googleapis.com/auth/cloud-platform"}}
	creds, err := credentials.NewCredentialsFromFile(credentials.ExternalAccount, file, &options)
	if err != nil {
		return err
	}
	client, err := httptransport.NewClient(&httptransport.Options{Credentials: creds})
	if err != nil {
		return err
	}
	account := os.Getenv("IAM_CREDENTIALS_URL") + "/v1/projects/-/serviceAccounts/" + os.Getenv("TARGET")
	body := fmt.Sprintf(`{"audience": %q, "includeEmail": true}`, audience)
	answer, err := client.Post(account+":generateIdToken", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	var given struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&given); err != nil {
		return err
	}
	request, err := http.NewRequest("GET", profile(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+given.Token)
	return show(http.DefaultClient.Do(request))
}

// The token on standard input. The other package for ID tokens can only verify with Google's own certs.
func verify(ctx context.Context) error {
	token, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	validator, err := verifier.NewValidator(&verifier.ValidatorOptions{RS256CertsURL: os.Getenv("CERTS_URL")})
	if err != nil {
		return err
	}
	payload, err := validator.Validate(ctx, string(bytes.TrimSpace(token)), audience)
	if err != nil {
		fmt.Println("refused", err)
		return nil
	}
	fmt.Println("accepted", payload.Claims["email"])
	return nil
}

func profile() string { return os.Getenv("PROFILE_URL") + "/profiles/ada" }

func show(answer *http.Response, err error) error {
	if err == nil {
		fmt.Println("status", answer.StatusCode)
	}
	return err
}
