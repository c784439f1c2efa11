package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// timed is a mention that brings a time.
func timed(id string, at time.Time) event.Event {
	e := mention(id)
	e.Time = at
	return e
}

func titled(id, title string) event.Event {
	e := mention(id)
	e.Title = title
	return e
}

// accept posts the events a number of seconds after now, and returns the answered ids.
func accept(t *testing.T, in *intake.Intake, after time.Duration, events ...event.Event) ([]string, error) {
	t.Helper()
	in.Now = func() time.Time { return now.Add(after) }
	return in.Accept(t.Context(), intake.Request{Source: "shop", Events: events})
}

func TestWhatHasNoTimeHappensInTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	in := door(t, publisher)
	before := now.Add(-time.Hour)
	if _, err := accept(t, in, 999*time.Nanosecond, mention(""), mention("b"), timed("c", before), mention("")); err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for _, e := range topicstest.Published(t, server)[topics.Events] {
		got = append(got, e.Time.Sub(now))
	}
	if want := []time.Duration{0, time.Microsecond, -time.Hour, 3 * time.Microsecond}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheSameEventAgainGetsTheTimeOfItsFirstAcceptance(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	in := door(t, publisher)
	for i := range 3 {
		if _, err := accept(t, in, time.Duration(i)*time.Hour, mention(fmt.Sprint(i)), mention("same"), mention("")); err != nil {
			t.Fatal(err)
		}
	}
	var got []time.Duration
	for _, e := range topicstest.Published(t, server)[topics.Events] {
		if e.ID == "same" {
			got = append(got, e.Time.Sub(now))
		}
	}
	if want := slices.Repeat([]time.Duration{time.Microsecond}, 3); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheSameIDForAnotherEventIsAConflict(t *testing.T) {
	t.Parallel()
	at := now.Add(-time.Minute)
	tests := []struct {
		name          string
		first, second []event.Event
		want          string // the error's beginning; "" is accepted
	}{
		{"another title", []event.Event{titled("1", "a")}, []event.Event{titled("1", "b")}, "id: was accepted at 2026-11-21T09:30:00Z"},
		{"another title, in a list", []event.Event{titled("1", "a")}, []event.Event{mention("2"), titled("1", "b")}, "event 1: id: was accepted"},
		{"another source", []event.Event{titled("1", "a")}, []event.Event{func() event.Event { e := titled("1", "b"); e.Source = "/blog"; return e }()}, ""},
		{"twice in one request", nil, []event.Event{titled("1", "a"), mention("2"), titled("1", "b")}, "event 2: id: is there twice"},
		{"twice in one request, with a time", nil, []event.Event{timed("1", at), timed("1", at.Add(1e6))}, "event 1: id: is there twice"},
		{"with a time, in two requests", []event.Event{timed("1", at)}, []event.Event{timed("1", at.Add(1e6))}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, publisher := topicstest.Start(t)
			in := door(t, publisher)
			if len(test.first) > 0 {
				if _, err := accept(t, in, 0, test.first...); err != nil {
					t.Fatal(err)
				}
			}
			server.ClearMessages()
			ids, err := accept(t, in, time.Hour, test.second...)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			var conflict intake.Conflict
			if !errors.As(err, &conflict) || !strings.HasPrefix(conflict.Fields.Error(), test.want) || ids != nil {
				t.Errorf("got %v, %v; want a conflict: %s …", ids, err, test.want)
			}
			if n := len(server.Messages()); n != 0 {
				t.Errorf("%d messages were published", n)
			}
		})
	}
}

func TestTheSameEventTwiceInOneRequestIsPublishedOnce(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	ids, err := accept(t, door(t, publisher), 0, mention("1"), timed("2", now), mention("1"), timed("2", now))
	if want := []string{"1", "2", "1", "2"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v; want %v", ids, err, want)
	}
	if n := len(server.Messages()); n != 2 {
		t.Errorf("%d messages were published, want 2", n)
	}
}

func TestOnlyAnEventWithAnIDAndNoTimeCostsAReceipt(t *testing.T) {
	t.Parallel()
	_, publisher := topicstest.Start(t)
	in := door(t, publisher)
	var got []string
	in.Ledger = func(_ context.Context, receipts []event.Receipt) ([]event.Receipt, error) {
		for _, r := range receipts {
			got = append(got, r.Source+" "+r.ID)
		}
		return receipts, nil
	}
	if _, err := accept(t, in, 0, mention(""), mention("own"), timed("timed", now), timed("", now), mention("own")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop own"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatTheLedgerDoesNotTakeIsUnavailable(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	in := door(t, publisher)
	in.Ledger = func(context.Context, []event.Receipt) ([]event.Receipt, error) { return nil, errors.New("store: away") }
	if ids, err := accept(t, in, 0, mention("1")); !errors.Is(err, intake.ErrUnavailable) || ids != nil || len(server.Messages()) != 0 {
		t.Errorf("got %v, %v and %d messages", ids, err, len(server.Messages()))
	}
}

func TestWhatTheSenderSaidDecidesNotWhatWeMadeOfIt(t *testing.T) {
	t.Parallel()
	_, publisher := topicstest.Start(t)
	in := door(t, publisher)
	for _, title := range []string{"before bob was linked", "after"} {
		r := intake.Request{Source: "github", Events: []event.Event{titled("1", title)}, Said: []any{"octocat was mentioned"}}
		if _, err := in.Accept(t.Context(), r); err != nil {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func TestARetractionWithoutRecipientsIsPublished(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	everybody, self := mention("1"), mention("2")
	everybody.Retract, everybody.Recipients = true, nil
	self.Retract, self.Recipients = true, []string{"alice"}
	everybody.Target = event.Target{Type: "post", ID: "42"}
	self.Target = everybody.Target
	if _, err := accept(t, door(t, publisher), 0, everybody, self); err != nil {
		t.Fatal(err)
	}
	got := topicstest.Published(t, server)[topics.Events]
	if len(got) != 1 || got[0].ID != "1" {
		t.Errorf("got %+v, want the one that names nobody", got)
	}
}
