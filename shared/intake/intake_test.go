package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/intake/intaketest"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
	"tidings.dev/shared/webhook"
)

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func door(t *testing.T, publisher *topics.Publisher) *intake.Intake {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	return &intake.Intake{Catalog: cat, Publisher: publisher, Endpoints: webhook.Endpoints{{Name: "shop"}}, Ledger: intaketest.Ledger(), Now: func() time.Time { return now }}
}

// mention is an event that nothing is wrong with.
func mention(id string) event.Event {
	return event.Event{ID: id, Type: "user.mentioned", Actor: event.Actor{ID: "alice"}, Recipients: []string{"bob"}}
}

func TestABatchIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	many := func(n int) (all []event.Event) {
		for i := range n {
			all = append(all, mention(fmt.Sprint(i)))
		}
		return all
	}
	with := func(all []event.Event, i int, change func(*event.Event)) []event.Event {
		change(&all[i])
		return all
	}
	tests := []struct {
		name   string
		events []event.Event
		want   string // the error, or a part of it; "" is accepted
	}{
		{"none", nil, "(request body): has 0 events"},
		{"one", many(1), ""},
		{"many", many(101), ""},
		{"the last is wrong by itself", with(many(3), 2, func(e *event.Event) { e.Recipients = nil }), "event 2: recipients:"},
		{"the first is wrong by its type", with(many(3), 0, func(e *event.Event) { e.Type = "user.mention" }), "event 0: type:"},
		{"an action tells an endpoint", with(many(1), 0, func(e *event.Event) { e.Actions = []event.Action{{ID: "a", Label: "A", Webhook: "shop"}} }), ""},
		{"an action tells nobody", with(many(3), 1, func(e *event.Event) { e.Actions = []event.Action{{ID: "a", Label: "A", Webhook: "shpo"}} }), `event 1: actions[0].webhook: is "shpo", which is no endpoint; one of ["shop"]`},
		{"a single one has no index", with(many(1), 0, func(e *event.Event) { e.Type = "user.mention" }), "type: \"user.mention\""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, publisher := topicstest.Start(t)
			ids, err := door(t, publisher).Accept(t.Context(), intake.Request{Source: "shop", Events: test.events})
			if test.want == "" {
				if err != nil || len(ids) != len(test.events) || len(server.Messages()) != len(test.events) {
					t.Errorf("got %d ids, %d messages, %v", len(ids), len(server.Messages()), err)
				}
				return
			}
			var fields event.FieldErrors
			if !errors.As(err, &fields) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s …", err, test.want)
			}
			if n := len(server.Messages()); n != 0 || ids != nil {
				t.Errorf("%d messages were published, ids %v", n, ids)
			}
		})
	}
}

func TestTheSourceIsWhoeverBringsTheEventUnlessItNamesOne(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	named := mention("2")
	named.Source = "/blog"
	if _, err := door(t, publisher).Accept(t.Context(), intake.Request{Source: "shop", Events: []event.Event{mention("1"), named}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range topicstest.Published(t, server)[topics.Events] {
		got = append(got, e.ID+" "+e.Source)
	}
	slices.Sort(got)
	if want := []string{"1 shop", "2 /blog"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhatOneLaneDoesNotTakeIsUnavailable(t *testing.T) {
	t.Parallel()
	_, publisher := topicstest.Start(t, topics.Urgent)
	urgent := mention("2")
	urgent.Priority = event.Urgent
	ids, err := door(t, publisher).Accept(t.Context(), intake.Request{Source: "shop", Events: []event.Event{mention("1"), urgent}})
	if !errors.Is(err, intake.ErrUnavailable) || ids != nil {
		t.Errorf("got %v, %v", ids, err)
	}
}
