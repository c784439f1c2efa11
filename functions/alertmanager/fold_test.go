package alertmanager_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/alertmanager/alertmanagertest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/source"
)

// inboxes are those of one member of each audience, as the real fold keeps them, without the way there.
type inboxes struct {
	catalog *catalog.Catalog
	boxes   map[string]*inbox.Box // by audience
	desk    *desk                 // knows who is told
	clock   time.Time
}

func newInboxes(c *catalog.Catalog) *inboxes {
	b := &inboxes{catalog: c, boxes: map[string]*inbox.Box{}, desk: newDesk(alertmanagertest.Members...), clock: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	for _, audience := range alertmanagertest.Members {
		b.boxes[audience] = new(inbox.Box)
	}
	return b
}

// post maps the body a minute after the last one, and folds what it makes into the inboxes of those who are told.
func (b *inboxes) post(t *testing.T, body []byte) {
	t.Helper()
	mapped, err := newSource().Map(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	b.clock = b.clock.Add(time.Minute)
	for i, from := range mapped.Events {
		at := b.clock.Add(time.Duration(i) * time.Microsecond) // the door accepts the events of a list one after the other
		from.ID, from.Source = fmt.Sprint(at.UnixMicro()), "alertmanager"
		from.Normalize(at)
		b.fold(t, from, at)
	}
}

func (b *inboxes) fold(t *testing.T, from source.Event, at time.Time) {
	t.Helper()
	kind, _ := b.catalog.Type(from.Type)
	place := inbox.Locate(kind, from.Event, at)
	for _, audience := range b.desk.told(from) {
		box := b.boxes[audience]
		if box == nil || from.ToWhoeverWasTold() && len(box.Touched(place)) == 0 {
			continue
		}
		op := inbox.Op{
			Event: &from.Event, Accepted: event.Acceptance{At: at}, Type: &kind, Message: from.ID, Why: "audience:" + audience,
		}
		if _, err := box.Fold(place, op, at, b.catalog.Say("en")); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is what an item says, "" and 0 where it makes no difference.
type shown struct {
	Audience, Alert string
	Type, Title     string
	Count           int
	Summary         string
	Priority        event.Priority
}

// items are all that can be seen, in the model's order.
func (b *inboxes) items() (all []shown) {
	for _, audience := range alertmanagertest.Members {
		var own []shown
		for _, item := range b.boxes[audience].Changed() {
			s := shown{Audience: audience, Alert: item.Target.Title, Type: item.Type, Title: item.Title}
			if item.Type == "incident.opened" {
				s.Count, s.Summary, s.Priority = item.EventCount, item.Body, item.Priority
			}
			if item.Visible() {
				own = append(own, s)
			}
		}
		slices.SortFunc(own, func(a, b shown) int { return strings.Compare(a.Alert, b.Alert) })
		all = append(all, own...)
	}
	return all
}

// expected is what the items have to say by the model.
func expected(want []alertmanagertest.Incident) (all []shown) {
	for _, in := range want {
		s := shown{Audience: in.Audience, Alert: in.Title, Type: "incident.resolved", Title: "Resolved: " + in.Title}
		if n := len(in.Open); n > 0 {
			s.Type, s.Title, s.Count, s.Summary, s.Priority = "incident.opened", "Incident: "+in.Title, n, in.Summary, in.Priority
			if n > 1 {
				s.Title += fmt.Sprintf(", %d alerts", n)
			}
		}
		all = append(all, s)
	}
	return all
}

// After each message of a thousand incidents, each item of the real fold says what burns: how many, how bad, in the newest words.
// No item is missing, none is there that nobody was told of, and nothing that burns is shown as resolved.
func TestEveryInboxSaysWhatBurnsInTheRealFold(t *testing.T) {
	t.Parallel()
	c, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	seeds := uint64(1000)
	if testing.Short() {
		seeds = 200
	}
	for seed := range seeds {
		b := newInboxes(c)
		for i, step := range alertmanagertest.Generate(seed) {
			b.post(t, step.Body)
			if diff := cmp.Diff(expected(step.Want), b.items()); diff != "" {
				t.Fatalf("seed %d, step %d: %s\n%s\n-want +got:\n%s", seed, i, step.What, step.Body, diff)
			}
		}
	}
}
