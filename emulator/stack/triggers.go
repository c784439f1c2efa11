//go:build unix

package stack

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topology"
)

// createTriggers registers the triggers at the Firestore emulator, which then calls serveTriggers.
func (s *Stack) createTriggers(ctx context.Context) error {
	for _, t := range deployed.Triggers {
		if !s.serves(t.Function) {
			continue
		}
		where := fmt.Sprintf("http://%s/emulator/v1/projects/%s/eventarcTrigger?eventarcTriggerId=%s", s.Addresses.Firestore, Project, url.QueryEscape(t.Name))
		err := google.Call(ctx, http.MethodPost, where, map[string]any{
			"eventType": t.Event, "database": "(default)", "namespace": "(default)",
			"document": map[string]string{"value": t.Document, "matchType": "PATH_PATTERN"},
		}, nil)
		if err != nil {
			return fmt.Errorf("trigger %s: %w", t.Name, err)
		}
	}
	return nil
}

// triggers count what Firestore has called for its writes.
type triggers struct {
	called, taken, bytes atomic.Int64
}

// TriggerCalls is what became of the writes that triggers are called for. Bytes are those of the events, as a message of Pub/Sub's would have them: the
// body and the attributes.
type TriggerCalls struct{ Called, Taken, Bytes int64 }

// TriggerCalls counts since the start. What is called and not taken is under way, or is tried again.
func (s *Stack) TriggerCalls() TriggerCalls {
	return TriggerCalls{Called: s.triggers.called.Load(), Taken: s.triggers.taken.Load(), Bytes: s.triggers.bytes.Load()}
}

// serveTriggers stands in for Eventarc: it takes the emulator's calls, and repeats each until the function has taken it. Calls
// that come before the functions serve wait.
func (s *Stack) serveTriggers() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /functions/projects/{project}/triggers/{trigger}", func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(deployed.Triggers, func(t topology.Trigger) bool { return t.Name == r.PathValue("trigger") })
		body, err := io.ReadAll(r.Body)
		if err != nil || i < 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if data, err := base64.StdEncoding.DecodeString(string(body)); err == nil { // the emulator writes the protobuf as base64; Eventarc posts its bytes
			body = data
		}
		header, size := http.Header{"Content-Type": r.Header["Content-Type"]}, len(body)
		for key, values := range r.Header {
			if strings.HasPrefix(key, "Ce-") {
				header[key] = values
				size += len(key) + len(values[0])
			}
		}
		s.triggers.called.Add(1)
		s.triggers.bytes.Add(int64(max(size, tap.MinimumBytes)))
		t := deployed.Triggers[i]
		if path := store.Path(r.Header.Get("Ce-Document")); len(path) > 1 {
			s.mu.Lock()
			s.triggered[[2]string{t.Name, path[1]}]++
			s.mu.Unlock()
		}
		go s.deliver(s.urls[t.Function]+t.Path, header, body)
		w.WriteHeader(http.StatusOK)
	})
	return mux
}

// Triggered returns how often a trigger has fired for what is below users/{uid}.
func (s *Stack) Triggered(trigger, uid string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.triggered[[2]string{trigger, uid}]
}

// deliver posts a CloudEvent until it is acknowledged or the stack ends.
func (s *Stack) deliver(url string, header http.Header, body []byte) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			s.fail(err)
			return
		}
		req.Header = header.Clone()
		if err := s.authorize(topology.Eventarc, req.URL, req.Header); err != nil {
			s.fail(err)
			return
		}
		if res, err := calls.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode < 300 {
				s.triggers.taken.Add(1)
				return
			}
		}
		select {
		case <-time.After(pause):
		case <-s.done:
			return
		}
	}
}

// triggerTime bounds the wait for the first triggers: a function starts within seconds, but this machine may be busy.
const triggerTime = 90 * time.Second

// awaitTriggers waits until the functions have taken an event for each device. Somebody who posts an event as soon as the stack
// serves expects a push, and before that the profiles do not know the devices.
func (s *Stack) awaitTriggers(ctx context.Context, devices int) error {
	defer s.progress.doing("the triggers")()
	deadline := time.Now().Add(triggerTime)
	for s.triggers.taken.Load() < int64(devices) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the Firestore emulator at %s calls no triggers; start it with the option --functions_emulator %s", s.Addresses.Firestore, s.eventarc)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}
