package fcm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The faults that are not FCM's own error codes.
const (
	Slow       = "SLOW"        // answers properly, after Delay
	LostAnswer = "LOST_ANSWER" // takes the message and cuts the connection: the sender cannot know
)

// A Fault makes the server misbehave towards some messages. Of several, the one added first that hits is carried out.
type Fault struct {
	Target string `json:"target"` // a token, FID, topic or condition, or "*"
	// UNREGISTERED, INVALID_ARGUMENT, QUOTA_EXCEEDED, UNAVAILABLE, INTERNAL, SENDER_ID_MISMATCH, THIRD_PARTY_AUTH_ERROR,
	// SLOW or LOST_ANSWER.
	Error      string  `json:"error"`
	Rate       float64 `json:"rate,omitempty"`       // the share of messages that it hits; 0: all
	Times      int     `json:"times,omitempty"`      // gone after so many hits; 0: never
	Delay      string  `json:"delay,omitempty"`      // before the answer, as "2s", on the system's clock
	RetryAfter string  `json:"retryAfter,omitempty"` // for the header of that name, as "10s"
}

var errorsByCode = map[string]apiError{
	"UNREGISTERED":           {404, "Requested entity was not found.", "NOT_FOUND", fcmError("UNREGISTERED")},
	"INVALID_ARGUMENT":       {400, "The registration token is not a valid FCM registration token", "INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT")},
	"QUOTA_EXCEEDED":         {429, "Quota exceeded for quota metric 'Send requests' of service 'fcm.googleapis.com'.", "RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED")},
	"UNAVAILABLE":            {503, "The service is currently unavailable.", "UNAVAILABLE", fcmError("UNAVAILABLE")},
	"INTERNAL":               {500, "Internal error encountered.", "INTERNAL", fcmError("INTERNAL")},
	"SENDER_ID_MISMATCH":     {403, "SenderId mismatch", "PERMISSION_DENIED", fcmError("SENDER_ID_MISMATCH")},
	"THIRD_PARTY_AUTH_ERROR": {401, "Auth error from APNS or Web Push Service", "UNAUTHENTICATED", fcmError("THIRD_PARTY_AUTH_ERROR")},
}

// AddFault adds a fault and reports all that is wrong with it.
func (s *Server) AddFault(f Fault) error {
	var problems []error
	if f.Target == "" {
		problems = append(problems, errors.New(`target: expected a token, FID, topic or condition, or "*"`))
	}
	if _, ok := errorsByCode[f.Error]; !ok && f.Error != Slow && f.Error != LostAnswer {
		problems = append(problems, fmt.Errorf("error: %q is unknown; expected one of UNREGISTERED, INVALID_ARGUMENT, QUOTA_EXCEEDED, UNAVAILABLE, INTERNAL, SENDER_ID_MISMATCH, THIRD_PARTY_AUTH_ERROR, SLOW, LOST_ANSWER", f.Error))
	}
	if f.Rate < 0 || f.Rate > 1 {
		problems = append(problems, fmt.Errorf("rate: %v is not between 0 and 1", f.Rate))
	}
	if f.Times < 0 {
		problems = append(problems, fmt.Errorf("times: %d is negative", f.Times))
	}
	for name, v := range map[string]string{"delay": f.Delay, "retryAfter": f.RetryAfter} {
		if d, err := time.ParseDuration(v); v != "" && (err != nil || d < 0) {
			problems = append(problems, fmt.Errorf("%s: %q is not a duration such as \"10s\"", name, v))
		}
	}
	if f.Error == Slow && f.Delay == "" {
		problems = append(problems, errors.New("delay: SLOW needs one"))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if f.Rate == 0 {
		f.Rate = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return nil
}

// Faults returns the faults in force, with what is left of Times. Never nil.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Fault{}
	for _, f := range slices.Clone(s.faults) {
		out = append(out, *f)
	}
	return out
}

// ClearFaults makes the server behave again.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// apiError returns the answer that the fault gives, if it gives one.
func (f *Fault) apiError() (apiError, bool) {
	e, ok := errorsByCode[f.Error]
	return e, ok
}

// wait lets the fault's delay pass. It returns false if the caller did not wait.
func (f *Fault) wait(ctx context.Context) bool {
	d, err := time.ParseDuration(f.Delay)
	if err != nil || d <= 0 { // no delay: it was checked when the fault was added
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfterSeconds rounds up: the header has whole seconds only.
func (f *Fault) retryAfterSeconds() string {
	d, err := time.ParseDuration(f.RetryAfter)
	if err != nil {
		return "0"
	}
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
