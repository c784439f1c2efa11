package alertmanager_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"tidings.dev/functions/alertmanager/alertmanagertest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// desk is what the members of each audience see, by a short reading of the rules that the inbox follows: each instance has one
// state, which is what was said last; an item speaks for what is open before what is over, with the newest words; what is
// over and was never open makes nothing.
type desk struct {
	members []string                  // audiences that have any
	items   map[string]map[string]row // by audience and target
	clock   int
}

// row is an item: its states by instance.
type row map[string]state

type state struct {
	event.Event
	said int // the later, the larger
}

func newDesk(members ...string) *desk {
	return &desk{members: members, items: map[string]map[string]row{}}
}

// post maps the body and takes in what it makes, and returns why.
func (d *desk) post(t *testing.T, body []byte) string {
	t.Helper()
	mapped, err := newSource().Map(nil, body)
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	for _, e := range mapped.Events {
		if e.ID != "" || !e.Time.IsZero() || e.Instance == "" {
			t.Fatalf("got id %q, time %s and instance %q, want an instance alone", e.ID, e.Time, e.Instance)
		}
		for _, audience := range d.told(e) {
			d.hear(audience, e.Event)
		}
	}
	return mapped.Why
}

// told is which audiences an event reaches.
func (d *desk) told(e source.Event) []string {
	switch {
	case e.ToWhoeverWasTold():
		return d.members // hear knows who was told
	case slices.Contains(d.members, e.Audience):
		return []string{e.Audience}
	}
	return []string{e.Fallback}
}

func (d *desk) hear(audience string, e event.Event) {
	d.clock++
	target := fmt.Sprint(e.Target.Type, e.Target.ID, e.Target.Source)
	item := d.items[audience][target]
	_, known := item[e.Instance]
	switch {
	case !slices.Contains(d.members, audience), !known && e.Type == "incident.resolved":
		return
	case d.items[audience] == nil:
		d.items[audience] = map[string]row{target: {}}
	case item == nil:
		d.items[audience][target] = row{}
	}
	d.items[audience][target][e.Instance] = state{e, d.clock}
}

// leading are the states that the item speaks for, the newest last.
func (r row) leading() (all []state) {
	for _, s := range r {
		if s.Type == "incident.opened" {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		all = slices.Collect(maps.Values(r))
	}
	slices.SortFunc(all, func(a, b state) int { return cmp.Compare(a.said, b.said) })
	return all
}

// shown is an item as the model expects it.
func (r row) shown(audience string) alertmanagertest.Incident {
	all := r.leading()
	newest := all[len(all)-1]
	in := alertmanagertest.Incident{Audience: audience, Title: newest.Target.Title}
	if newest.Type != "incident.opened" {
		return in
	}
	in.Summary, _ = newest.Data["summary"].(string)
	for _, s := range all {
		in.Open = append(in.Open, s.Instance)
		if s.Priority.Rank() > in.Priority.Rank() {
			in.Priority = s.Priority
		}
	}
	slices.Sort(in.Open)
	return in
}

// incidents are all items, in the model's order.
func (d *desk) incidents() (all []alertmanagertest.Incident) {
	for audience, items := range d.items {
		for _, r := range items {
			all = append(all, r.shown(audience))
		}
	}
	alertmanagertest.Sort(all)
	return all
}

// says lists the items in words: "oncall-shop: 2 of DiskFull burn, urgent: disk of db-b is full".
func (d *desk) says() (all []string) {
	for _, in := range d.incidents() {
		if len(in.Open) == 0 {
			all = append(all, fmt.Sprintf("%s: %s is over", in.Audience, in.Title))
		} else {
			all = append(all, fmt.Sprintf("%s: %d of %s burn, %s: %s", in.Audience, len(in.Open), in.Title, in.Priority, in.Summary))
		}
	}
	slices.Sort(all)
	return all
}

// fields are an alert's or a message's.
type fields map[string]any

// an is an alert; its labels come in pairs of name and value.
func an(status, fingerprint, summary string, labels ...string) fields {
	all := map[string]string{}
	for i := 0; i < len(labels); i += 2 {
		all[labels[i]] = labels[i+1]
	}
	return fields{
		"status": status, "labels": all, "annotations": map[string]string{"summary": summary}, "fingerprint": fingerprint,
		"startsAt": "2026-11-21T09:20:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example/graph",
	}
}

// with is the alert with one field changed.
func (f fields) with(name string, value any) fields {
	f = maps.Clone(f)
	f[name] = value
	return f
}

// group is a message of these alerts, which is grouped by their name alone.
func group(alerts ...any) fields {
	if alerts == nil {
		alerts = []any{}
	}
	return fields{"version": "4", "status": "firing", "groupLabels": map[string]string{"alertname": "DiskFull"}, "externalURL": "http://alertmanager.example:9093", "alerts": alerts}
}

func (f fields) body(t testing.TB) []byte {
	t.Helper()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
