package door_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/intake/intaketest"
	"tidings.dev/shared/source"
	"tidings.dev/shared/topics/topicstest"
)

// siren is a source that says the same whatever is posted.
type siren []source.Event

func (siren) Name() string                                     { return "siren" }
func (siren) Verify(*http.Request, []byte) error               { return nil }
func (s siren) Map(http.Header, []byte) (source.Mapped, error) { return source.Mapped{Events: s}, nil }

func TestWhoeverIsThereIsToldInThePlaceOfNobody(t *testing.T) {
	t.Parallel()
	alarm := func(title, audience string) source.Event {
		return source.Event{Event: event.Event{Type: "info", Title: title, Audience: audience}, Fallback: "all"}
	}
	tests := []struct {
		name    string
		members []string // audiences that have any
		events  siren
		told    []string // "title → audience"
		why     string
	}{
		{"the audience has members", []string{"crew", "all"}, siren{alarm("a", "crew")}, []string{"a → crew"}, ""},
		{"it has none", []string{"all"}, siren{alarm("a", "crew"), alarm("b", "crew")}, []string{"a → all", "b → all"}, "crew has no members: all is told"},
		{"nor has the other one", nil, siren{alarm("a", "crew")}, []string{"a → crew"}, "nobody is told: all has no members"},
		{"both are one", nil, siren{alarm("a", "all")}, []string{"a → all"}, "nobody is told: all has no members"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			status, answer, published := sound(t, test.events, func(_ context.Context, audience string) (bool, error) {
				asked++
				return slices.Contains(test.members, audience), nil
			})
			var told []string
			for _, e := range published {
				told = append(told, e.Title+" → "+e.Audience)
			}
			slices.Sort(told)
			if status != http.StatusAccepted || len(answer.IDs) != len(test.events) || answer.Why != test.why {
				t.Errorf("got %d %+v, want one id for each of the source's events, and %q", status, answer, test.why)
			}
			if diff := cmp.Diff(test.told, told); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if asked > 2 {
				t.Errorf("asked %d times for two audiences", asked)
			}
		})
	}
}

func TestWhoIsThereMayBeUnknownForNow(t *testing.T) {
	t.Parallel()
	e := event.Event{ID: "1", Type: "info", Title: "Fire", Audience: "crew"}
	status, _, published := sound(t, siren{{Event: e, Fallback: "all"}}, func(context.Context, string) (bool, error) {
		return false, errors.New("store: away")
	})
	if status != http.StatusServiceUnavailable || len(published) > 0 {
		t.Errorf("got %d and %v, want a 503: the sender tries again", status, published)
	}
}

// sound posts to a source that says what the events say.
func sound(t *testing.T, events siren, members door.Members) (status int, a sourcetest.Answer, published []event.Event) {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	server, publisher := topicstest.Start(t)
	fn := door.NewWebhook(door.Webhook{
		Source: events, Members: members, Log: slog.New(slog.DiscardHandler),
		Intake: &intake.Intake{Catalog: cat, Publisher: publisher, Ledger: intaketest.Ledger(), Now: func() time.Time { return sourcetest.Now }},
	})
	w := httptest.NewRecorder()
	fn.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/siren", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", w.Body, err))
	}
	for _, some := range topicstest.Published(t, server) {
		published = append(published, some...)
	}
	return w.Code, a, published
}
