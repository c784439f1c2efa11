// Package fcm is a fake of Firebase Cloud Messaging's HTTP v1 API, for which there is no official emulator. It refuses
// what FCM refuses, in FCM's words and JSON. It keeps what it was asked to send instead of sending it, and it can be told
// to misbehave. A sender that is given its address (FCM_ENDPOINT) and its service account (GOOGLE_APPLICATION_CREDENTIALS)
// works unchanged: the account's token_uri is this server's, so that signing in goes the way it goes in production.
//
// What a message may contain comes from the generated types of Google's own client; what FCM checks beyond that is in
// validate.go, with its source.
package fcm

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Accepted is the outcome of an attempt whose message FCM would deliver.
const Accepted = "ACCEPTED"

// An Attempt is one call of messages:send by an authorized sender, taken or refused.
type Attempt struct {
	Name    string          `json:"name,omitempty"` // projects/P/messages/ID; empty unless FCM took the message
	At      time.Time       `json:"at"`
	Target  string          `json:"target"` // the token, FID, topic or condition; empty if it named none
	Message json.RawMessage `json:"message"`
	Outcome string          `json:"outcome"` // ACCEPTED, LOST_ANSWER, or the error code that was answered
}

// A Server is the fake. It is an http.Handler and safe for concurrent use.
type Server struct {
	project string
	now     func() time.Time
	key     *rsa.PrivateKey
	mux     *http.ServeMux

	mu       sync.Mutex
	tokens   map[string]bool // the access tokens issued
	attempts []Attempt
	faults   []*Fault

	forgotten int            // how many attempts there were before those
	listened  map[string]int // by target, how many of all attempts a stream has gone through
	more      chan struct{}  // closed when there is another attempt; nil until a stream waits
}

// New returns a fake that takes messages for one project, with a signing key of its own. now tells the time of attempts;
// nil is the system's.
func New(project string, now func() time.Time) (*Server, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("fcm: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	s := &Server{project: project, now: now, key: key, mux: http.NewServeMux(), tokens: make(map[string]bool), listened: make(map[string]int)}
	// client: any sender, as with FCM itself.
	s.mux.HandleFunc("POST /token", s.token)
	s.mux.HandleFunc("POST /v1/projects/{project}/{messages}", s.send)
	// client: the demo and tests.
	s.mux.HandleFunc("GET /messages", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, s.Attempts(r.URL.Query().Get("token")))
	})
	s.mux.HandleFunc("GET /messages/stream", s.stream)
	s.mux.HandleFunc("DELETE /messages", func(w http.ResponseWriter, r *http.Request) {
		s.Forget()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("GET /faults", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, s.Faults())
	})
	s.mux.HandleFunc("POST /faults", s.addFault)
	s.mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	return s, nil
}

// ServeHTTP serves FCM's API, and what tests and the demo ask for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Attempts returns what was asked to be sent to a target, oldest first; to all targets if it is empty. Never nil.
func (s *Server) Attempts(target string) []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Attempt{}
	for _, a := range s.attempts {
		if target == "" || a.Target == target {
			out = append(out, a)
		}
	}
	return out
}

// Forget empties the list of attempts.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgotten += len(s.attempts)
	s.attempts = nil
}

// send is messages:send.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("messages") != "messages:send" {
		http.NotFound(w, r)
		return
	}
	if !s.authorized(r) {
		writeError(w, unauthenticated)
		return
	}
	if r.PathValue("project") != s.project {
		writeError(w, apiError{Code: 403, Status: "PERMISSION_DENIED", Message: fmt.Sprintf(
			"Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/%s' (or it may not exist).", r.PathValue("project"))})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		writeError(w, badRequest("", "Request payload size exceeds the limit: 1048576 bytes."))
		return
	}
	req, raw, apiErr := parse(body)
	if apiErr == nil {
		apiErr = validate(req.Message)
	}
	var target string
	if req.Message != nil {
		target = targetOf(req.Message)
	}
	attempt := Attempt{At: s.now(), Target: target, Message: raw, Outcome: Accepted}
	if apiErr != nil {
		attempt.Outcome = apiErr.Status
		s.keep(attempt)
		writeError(w, *apiErr)
		return
	}
	s.deliver(w, r, attempt, req.ValidateOnly)
}

// deliver answers a valid message: it takes the message, unless a fault hits it.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, attempt Attempt, validateOnly bool) {
	fault := s.strike(attempt.Target)
	if fault != nil {
		if !fault.wait(r.Context()) {
			return // the caller has hung up
		}
		if e, ok := fault.apiError(); ok {
			attempt.Outcome = fault.Error
			s.keep(attempt)
			if fault.RetryAfter != "" {
				w.Header().Set("Retry-After", fault.retryAfterSeconds())
			}
			writeError(w, e)
			return
		}
	}
	attempt.Name = fmt.Sprintf("projects/%s/messages/%s", s.project, messageID(s.now()))
	if validateOnly {
		attempt.Name = fmt.Sprintf("projects/%s/messages/fake_message_id", s.project)
		writeJSON(w, http.StatusOK, map[string]string{"name": attempt.Name})
		return
	}
	if fault != nil && fault.Error == LostAnswer {
		attempt.Outcome = LostAnswer
		s.keep(attempt)
		panic(http.ErrAbortHandler) // net/http's way to cut the connection
	}
	s.keep(attempt)
	writeJSON(w, http.StatusOK, map[string]string{"name": attempt.Name})
}

func (s *Server) keep(a Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = append(s.attempts, a)
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
}

// messageID has the shape of FCM's: 0:microseconds%random.
func messageID(now time.Time) string {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 60)) // crypto/rand does not fail
	return fmt.Sprintf("0:%d%%%015x", now.UnixMicro(), n)
}

// strike returns the first fault that hits a message to the target, and counts it.
func (s *Server) strike(target string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Target != "*" && f.Target != target || f.Rate < 1 && mathrand.Float64() >= f.Rate {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		hit := *f
		return &hit
	}
	return nil
}

func (s *Server) addFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
	d.DisallowUnknownFields()
	err := d.Decode(&f)
	if err == nil {
		err = s.AddFault(f)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, s.Faults())
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil && !errors.Is(err, http.ErrHandlerTimeout) {
		return // the client has hung up
	}
}
