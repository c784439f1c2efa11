// Package sourcetest is what every source must hold to: [Run] tries to break each promise of the seam with the source behind
// it, and [Holds] is the property that a fuzz test asks of a source's mapping.
package sourcetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/intake/intaketest"
	"tidings.dev/shared/source"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// Now is when all requests of a Service arrive.
var Now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// Service is a source's function with a Pub/Sub of its own.
type Service struct {
	Handler http.Handler
	PubSub  *pstest.Server
}

// Start serves the source. The logins that links knows, in small letters, have those uids; links may be nil.
func Start(t *testing.T, src source.Source, links map[string]string, missing ...topics.Topic) *Service {
	t.Helper()
	return start(t, src, func(context.Context, string, []string) (map[string]string, error) { return links, nil }, missing...)
}

func start(t *testing.T, src source.Source, identities source.Identities, missing ...topics.Topic) *Service {
	t.Helper()
	server, publisher := topicstest.Start(t, missing...)
	handler := door.NewWebhook(door.Webhook{
		Source: src, Identities: identities, Log: slog.New(slog.DiscardHandler),
		Intake: &intake.Intake{Catalog: shipped(t), Publisher: publisher, Ledger: intaketest.Ledger(), Now: func() time.Time { return Now }},
	})
	return &Service{handler, server}
}

var newCatalog = sync.OnceValues(catalog.New)

func shipped(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := newCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Answer is what a 202 says.
type Answer struct {
	IDs     []string
	Unknown []string
	Why     string
}

// Send serves the request and insists on a 202.
func (s *Service) Send(t *testing.T, r *http.Request) Answer {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	var a Answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusAccepted || a.IDs == nil {
		t.Fatalf("got %d %s, want a 202 with ids", w.Code, w.Body)
	}
	if len(a.IDs) == 0 && a.Why == "" {
		t.Errorf("got %s: it does not say why nothing was published", w.Body)
	}
	return a
}

// Published lists the events that were published, in the order of their ids.
func (s *Service) Published(t *testing.T) []event.Event {
	t.Helper()
	var all []event.Event
	for _, events := range topicstest.Published(t, s.PubSub) {
		all = append(all, events...)
	}
	slices.SortStableFunc(all, func(a, b event.Event) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return all
}

// Holds is what a mapping promises about any request: it does not panic, it says the same each time, it says why if it makes
// no event, and the events it makes would be accepted, each under an id of its own or, where it tells a state, without one.
func Holds(t testing.TB, src source.Source, header http.Header, body []byte) {
	t.Helper()
	mapped, err := src.Map(header, body)
	again, errAgain := src.Map(header, body)
	if diff := cmp.Diff(mapped, again); diff != "" || (err == nil) != (errAgain == nil) {
		t.Errorf("the same request maps differently (-first +second):\n%s", diff)
	}
	if err != nil {
		return
	}
	if len(mapped.Events) == 0 && mapped.Why == "" {
		t.Errorf("%d events, and why is %q", len(mapped.Events), mapped.Why)
	}
	ids, cat := map[string]bool{}, shipped(t)
	for i := range mapped.Events {
		e := &mapped.Events[i].Event
		if mapped.Events[i].By != "" {
			e.Actor.ID = "by"
		}
		if len(mapped.Events[i].Tell) > 0 {
			e.Recipients = []string{"told"}
		}
		source.Trim(e)
		e.Clean()
		e.Source = src.Name()
		if e.Time.After(Now) {
			e.Time = Now
		}
		if kind, ok := cat.Type(e.Type); e.ID == "" && ok && kind.Group != nil && kind.Group.Counts == event.CountStates {
			e.ID = fmt.Sprintf("made at the door %d", i)
		}
		if wrong := append(e.Validate(Now), cat.Check(e)...); len(wrong) > 0 {
			t.Errorf("event %+v would not be accepted: %v", *e, wrong)
		}
		if ids[e.ID] {
			t.Errorf("two events with the id %q", e.ID)
		}
		ids[e.ID] = true
	}
}
