// Package callers is the second wall before the functions that only Google's own services and operators call. The first one is Cloud Run's invoker
// role, which somebody may have given too widely. So the code looks once more who it is, by the OIDC token that each of these callers brings.
package callers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"google.golang.org/api/idtoken"
	"google.golang.org/api/option"

	"tidings.dev/shared/problem"
)

// Check knows callers by their tokens.
type Check struct {
	// CloudRun: the invoker role was checked before. Cloud Run then hands over the token without its signature, so that nobody can use it
	// elsewhere (cloud.google.com/run/docs/troubleshooting#signature-removed). Such a token counts, since it was checked.
	CloudRun bool

	// Validate checks a token with its signature; idtoken.Validate in production. The audience is empty: Cloud Run checks it, and these accounts sign
	// nothing but calls of our functions.
	Validate func(ctx context.Context, token, audience string) (*idtoken.Payload, error)
}

// removed stands where a token had its signature.
const removed = "SIGNATURE_REMOVED_BY_GOOGLE"

// Only serves what one of the accounts asks for; they are e-mail addresses. Without a token the answer is 401, and to anybody else 403.
func (c *Check) Only(accounts []string, next http.Handler, log *slog.Logger) http.Handler {
	return problem.Handle(log, func(w http.ResponseWriter, r *http.Request) error {
		who, err := c.caller(r)
		if err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return err
		}
		if !slices.Contains(accounts, who) {
			return problem.New(http.StatusForbidden, "Authorization: %q may not call this; the variable CALLER_ACCOUNTS says who may", who)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// caller returns the address of the account that made the request.
func (c *Check) caller(r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", problem.New(http.StatusUnauthorized, "Authorization: is missing; send \"Bearer\" and the OIDC token of an account that may call this")
	}
	payload, err := c.read(r.Context(), token)
	unreachable := new(url.Error)
	switch {
	case errors.As(err, &unreachable): // Google's keys could not be fetched
		return "", problem.New(http.StatusServiceUnavailable, "the token cannot be checked now; send the same request again").Because(err)
	case err != nil:
		return "", problem.New(http.StatusForbidden, "Authorization: the token is not valid").Because(err)
	case payload.Issuer != "https://accounts.google.com" && payload.Issuer != "accounts.google.com":
		return "", problem.New(http.StatusForbidden, "Authorization: the token is not one of Google's; its issuer is %.100q", payload.Issuer)
	}
	email, _ := payload.Claims["email"].(string)
	if verified, _ := payload.Claims["email_verified"].(bool); !verified {
		return "", problem.New(http.StatusForbidden, "Authorization: the token names no verified account")
	}
	return email, nil
}

func (c *Check) read(ctx context.Context, token string) (*idtoken.Payload, error) {
	if c.CloudRun && strings.HasSuffix(token, "."+removed) {
		return idtoken.ParsePayload(token)
	}
	return c.Validate(ctx, token, "")
}

// WithKeys returns what [Check.Validate] does with the keys in a file (a JSON Web Key Set) in place of Google's, for the local stack.
func WithKeys(file string) (func(ctx context.Context, token, audience string) (*idtoken.Payload, error), error) {
	v, err := idtoken.NewValidator(context.Background(), option.WithHTTPClient(&http.Client{Transport: keys(file)}))
	if err != nil {
		return nil, fmt.Errorf("callers: %w", err)
	}
	return v.Validate, nil
}

// keys answers each request with what is in the file.
type keys string

func (file keys) RoundTrip(r *http.Request) (*http.Response, error) {
	f, err := os.Open(string(file))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Cache-Control": {"max-age=3600"}}, Body: f, Request: r}, nil
}
