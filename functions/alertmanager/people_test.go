package alertmanager_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// post is a message and what is on the screens after it.
type post struct {
	message fields
	says    []string
}

func TestWhatPeopleSee(t *testing.T) {
	t.Parallel()
	disk := func(status, name string, more ...string) fields {
		return an(status, "f-"+name, "disk of "+name+" is full", append([]string{"alertname", "DiskFull", "team", "shop", "severity", "critical", "instance", name}, more...)...)
	}
	const oneBurns = "oncall-shop: 1 of DiskFull burn, urgent: disk of a is full"
	tests := map[string][]post{
		"an alert that flaps burns again, though its start is the same": {
			{group(disk("firing", "a")), []string{oneBurns}},
			{group(disk("resolved", "a")), []string{"oncall-shop: DiskFull is over"}},
			{group(disk("firing", "a")), []string{oneBurns}},
		},
		"the item speaks of what burns": {
			{group(disk("firing", "a"), disk("firing", "b")), []string{"oncall-shop: 2 of DiskFull burn, urgent: disk of b is full"}},
			{group(disk("firing", "a"), disk("resolved", "b")), []string{oneBurns}},
			{group(disk("resolved", "a")), []string{"oncall-shop: DiskFull is over"}},
		},
		"also if the message lists what is resolved last": {
			{group(disk("firing", "a"), disk("firing", "b").with("status", "resolved")), []string{oneBurns}},
		},
		"what was cut off keeps its state": {
			{group(disk("firing", "a"), disk("firing", "b")), []string{"oncall-shop: 2 of DiskFull burn, urgent: disk of b is full"}},
			{group(disk("resolved", "b")).with("status", "resolved").with("truncatedAlerts", 1), []string{oneBurns}},
		},
		"what is silenced keeps its state": {
			{group(disk("firing", "a"), disk("firing", "b")), []string{"oncall-shop: 2 of DiskFull burn, urgent: disk of b is full"}},
			{group(disk("resolved", "b")).with("status", "resolved"), []string{oneBurns}},
		},
		"a repetition brings its newest words": {
			{group(disk("firing", "a")), []string{oneBurns}},
			{group(disk("firing", "a").with("annotations", fields{"summary": "97 %"})), []string{"oncall-shop: 1 of DiskFull burn, urgent: 97 %"}},
			{group(disk("firing", "a").with("annotations", fields{"description": "98 %"})), []string{"oncall-shop: 1 of DiskFull burn, urgent: 98 %"}},
		},
		"each team is told of its own": {
			{group(disk("firing", "a"), disk("firing", "b", "team", "search")), []string{"oncall-search: 1 of DiskFull burn, urgent: disk of b is full", oneBurns}},
			{group(disk("resolved", "a"), disk("firing", "b", "team", "search")), []string{"oncall-search: 1 of DiskFull burn, urgent: disk of b is full", "oncall-shop: DiskFull is over"}},
			{group(disk("resolved", "b", "team", "search")), []string{"oncall-search: DiskFull is over", "oncall-shop: DiskFull is over"}},
		},
		"an alert that changes hands is another one, and the old one ends where it was": {
			{group(disk("firing", "a")), []string{oneBurns}},
			{group(disk("resolved", "a"), disk("firing", "a", "team", "search").with("fingerprint", "f-other")), []string{"oncall-search: 1 of DiskFull burn, urgent: disk of a is full", "oncall-shop: DiskFull is over"}},
		},
		"whoever is told in the place of a team is told that it is over": {
			{group(disk("firing", "a", "team", "ghost")), []string{"oncall: 1 of DiskFull burn, urgent: disk of a is full"}},
			{group(disk("resolved", "a", "team", "ghost")), []string{"oncall: DiskFull is over"}},
		},
		"a team and those without one are two": {
			{group(disk("firing", "a", "team", ""), disk("firing", "b")), []string{"oncall: 1 of DiskFull burn, urgent: disk of a is full", "oncall-shop: 1 of DiskFull burn, urgent: disk of b is full"}},
			{group(disk("resolved", "b")), []string{"oncall: 1 of DiskFull burn, urgent: disk of a is full", "oncall-shop: DiskFull is over"}},
		},
		"what is over and was never told is nothing": {
			{group(disk("resolved", "a")), nil},
		},
		"the most severe one speaks": {
			{group(disk("firing", "a"), disk("firing", "b", "severity", "warning")), []string{"oncall-shop: 2 of DiskFull burn, urgent: disk of a is full"}},
			{group(disk("resolved", "a"), disk("firing", "b", "severity", "warning")), []string{"oncall-shop: 1 of DiskFull burn, medium: disk of b is full"}},
		},
		"an alert without a fingerprint is known by its labels": {
			{group(disk("firing", "a").with("fingerprint", nil), disk("firing", "b").with("fingerprint", "")), []string{"oncall-shop: 2 of DiskFull burn, urgent: disk of b is full"}},
			{group(disk("resolved", "b").with("fingerprint", nil)), []string{oneBurns}},
		},
		"a group for each cluster is an item for each": {
			{group(disk("firing", "a")).with("groupLabels", fields{"alertname": "DiskFull", "cluster": "east"}), []string{"oncall-shop: 1 of DiskFull (east) burn, urgent: disk of a is full"}},
			{group(disk("firing", "b")).with("groupLabels", fields{"alertname": "DiskFull", "cluster": "west"}), []string{"oncall-shop: 1 of DiskFull (east) burn, urgent: disk of a is full", "oncall-shop: 1 of DiskFull (west) burn, urgent: disk of b is full"}},
		},
	}
	for name, posts := range tests {
		t.Run(name, func(t *testing.T) { t.Parallel(); see(t, posts) })
	}
}

func TestWhatPeopleSeeOfGrafana(t *testing.T) {
	t.Parallel()
	rule := func(status, name string, labels ...string) fields {
		return an(status, "f-"+name+strings.Join(labels, ""), "it is high", append([]string{"alertname", name, "severity", "warning"}, labels...)...)
	}
	tests := map[string][]post{
		"two rules without data are two": {
			{group(rule("firing", "DatasourceNoData", "rulename", "Checkout errors")), []string{"oncall: 1 of Checkout errors burn, medium: DatasourceNoData: it is high"}},
			{group(rule("firing", "DatasourceError", "rulename", "Queue length").with("annotations", nil)), []string{"oncall: 1 of Checkout errors burn, medium: DatasourceNoData: it is high", "oncall: 1 of Queue length burn, medium: DatasourceError"}},
			{group(rule("resolved", "DatasourceError", "rulename", "Queue length")), []string{"oncall: 1 of Checkout errors burn, medium: DatasourceNoData: it is high", "oncall: Queue length is over"}},
		},
		"a rule and its missing data are one": {
			{group(rule("firing", "Errors")), []string{"oncall: 1 of Errors burn, medium: it is high"}},
			{group(rule("resolved", "Errors"), rule("firing", "DatasourceNoData", "rulename", "Errors")).with("groupLabels", fields{"alertname": "DatasourceNoData"}), []string{"oncall: 1 of Errors burn, medium: DatasourceNoData: it is high"}},
			{group(rule("resolved", "DatasourceNoData", "rulename", "Errors")), []string{"oncall: Errors is over"}},
		},
		"one name in two folders is two": {
			{group(rule("firing", "Errors", "grafana_folder", "shop"), rule("firing", "Errors", "grafana_folder", "search")), []string{"oncall: 1 of Errors burn, medium: it is high", "oncall: 1 of Errors burn, medium: it is high"}},
			{group(rule("resolved", "Errors", "grafana_folder", "shop")), []string{"oncall: 1 of Errors burn, medium: it is high", "oncall: Errors is over"}},
		},
		"a folder among what it is grouped by makes no other item": {
			{group(rule("firing", "Errors", "grafana_folder", "shop")), []string{"oncall: 1 of Errors burn, medium: it is high"}},
			{group(rule("resolved", "Errors", "grafana_folder", "shop")).with("groupLabels", fields{"alertname": "Errors", "grafana_folder": "shop"}), []string{"oncall: Errors is over"}},
		},
		"the rule's name stands in for a missing one": {
			{group(rule("firing", "", "rulename", "Errors")), []string{"oncall: 1 of Errors burn, medium: it is high"}},
		},
		"two alerts without names are two, called by their labels": {
			{group(rule("firing", "", "job", "node", "instance", "db-1"), rule("firing", "", "instance", "db-2")), []string{"oncall: 1 of db-1, node, warning burn, medium: it is high", "oncall: 1 of db-2, warning burn, medium: it is high"}},
			{group(rule("resolved", "", "instance", "db-2")), []string{"oncall: 1 of db-1, node, warning burn, medium: it is high", "oncall: db-2, warning is over"}},
		},
	}
	for name, posts := range tests {
		t.Run(name, func(t *testing.T) { t.Parallel(); see(t, posts) })
	}
}

func see(t *testing.T, posts []post) {
	t.Helper()
	d := newDesk("oncall", "oncall-shop", "oncall-search")
	for i, p := range posts {
		for range 2 { // a delivery may come again
			d.post(t, p.message.body(t))
			if diff := cmp.Diff(slices.Sorted(slices.Values(p.says)), d.says()); diff != "" {
				t.Fatalf("post %d (-want +got):\n%s", i, diff)
			}
		}
	}
}

// Whoever is on duty for two teams has an incident for each: one of them may be over.
func TestEachTeamHasAnIncidentOfItsOwn(t *testing.T) {
	t.Parallel()
	message := group(an("firing", "1", "s", "alertname", "DiskFull", "team", "shop"), an("firing", "2", "s", "alertname", "DiskFull", "team", "search"), an("firing", "3", "s", "alertname", "DiskFull", "team", "shop"))
	mapped, err := newSource().Map(nil, message.body(t))
	if err != nil {
		t.Fatal(err)
	}
	id := func(i int) string { return mapped.Events[i].Target.ID }
	if id(0) == id(1) || id(0) != id(2) {
		t.Errorf("got %q, %q and %q, want one for each team", id(0), id(1), id(2))
	}
}
