// Package door is what the HTTP doors share through which events come in: the API of publish, and the webhooks of sources. It reads
// bodies (limits, encodings, charsets), and answers what all of them answer alike: who is not let in, what a producer has no right to, what cannot
// be stored now, what was accepted with other content before, who sends too much. [NewWebhook] is the whole door of a source.
package door

import (
	"errors"
	"net/http"

	"tidings.dev/shared/intake"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/source"
)

// retryAfter is how long a caller waits before the same request may do, in seconds.
const retryAfter = "1"

// Refuse is the answer to a caller who could not be authenticated, with err saying why. A 401 and a 403 carry a challenge, as RFC 6750
// (section 3) asks; a 503 says when to come again.
func Refuse(w http.ResponseWriter, err error) error {
	if u := (source.Unverified{}); errors.As(err, &u) {
		w.Header().Set("WWW-Authenticate", u.Challenge)
		return problem.New(http.StatusUnauthorized, "%s", u.Detail)
	}
	var p *problem.Problem
	if !errors.As(err, &p) {
		return err
	}
	switch p.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		w.Header().Set("WWW-Authenticate", `Bearer realm="tidings"`)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	}
	return err
}

// NotAccepted is the answer where [intake.Intake.Accept] returned err, which is not nil.
func NotAccepted(w http.ResponseWriter, err error) error {
	var other intake.Conflict
	var denied intake.Denied
	switch {
	case errors.As(err, &denied):
		return Refuse(w, producers.Denied(denied.Fields))
	case errors.As(err, &other):
		return problem.Fields(http.StatusConflict, "The id is taken", other.Fields)
	case errors.Is(err, intake.ErrUnavailable):
		w.Header().Set("Retry-After", retryAfter)
		return problem.New(http.StatusServiceUnavailable, "the events could not be stored; send the same request again").Because(err)
	}
	return err
}
