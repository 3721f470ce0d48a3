// A receiver with net/http and cloud.google.com/go/auth: /open for anyone, /protected for one caller.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"cloud.google.com/go/auth/credentials/idtoken"
)

func main() {
	// On Cloud Run the runtime sees by itself that there is one vCPU.
	runtime.GOMAXPROCS(1)
	check := newCheck()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /open", greet)
	mux.Handle("GET /protected", check.before(http.HandlerFunc(greet)))
	server := http.Server{Addr: "127.0.0.1:" + required("PORT"), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func greet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"greeting": "hello"})
}

// One for the process: its validator keeps the keys.
type check struct {
	validator               *idtoken.Validator
	audience, allowedCaller string
}

func newCheck() check {
	// An ES256 token is not Google's for a service: without the second URL it would make the library ask another host.
	certsURL := required("CERTS_URL")
	validator, err := idtoken.NewValidator(&idtoken.ValidatorOptions{RS256CertsURL: certsURL, ES256CertsURL: certsURL})
	if err != nil {
		log.Fatal(err)
	}
	return check{validator, required("AUDIENCE"), required("ALLOWED_CALLER")}
}

func (c check) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			unauthorized(w)
			return
		}
		payload, err := c.validator.Validate(r.Context(), token, c.audience)
		// The library leaves the issuer to its user.
		if err != nil || payload.Issuer != "https://accounts.google.com" && payload.Issuer != "accounts.google.com" {
			unauthorized(w)
			return
		}
		if payload.Claims["email_verified"] != true || payload.Claims["email"] != c.allowedCaller {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func unauthorized(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	http.Error(w, "Unauthorized", http.StatusUnauthorized)
}

// With an empty audience the library would take a token for anyone.
func required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("%s is not set", name)
	}
	return value
}
