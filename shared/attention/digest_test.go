package attention

import (
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// Who asks for a digest gets all that is unread in it, but for what they have said that they do not want.
func TestInDigest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		kind    event.Type
		changes []change
		want    bool
	}{
		{"what is not mailed by default", liked, nil, true},
		{"urgent, which was mailed", opened, nil, true},
		{"low", info, nil, true},
		{"off for mail", liked, []change{noMail("social")}, false},
		{"another category off for mail", liked, []change{noMail("orders")}, true},
		{"off in the app", liked, []change{noApp("social")}, false},
		{"off in the app, wanted by mail", liked, []change{noApp("social"), doMail("social")}, true},
		{"no pushes", liked, []change{noPush("social")}, true},
		{"muted", liked, []change{muted}, false},
		{"muted, wanted by mail", liked, []change{muted, doMail("social")}, false},
		{"what may not be muted", alert, []change{muted, noMail("security"), noApp("security")}, true},
		{"snoozed", liked, []change{snoozed(in(time.Hour))}, false},
		{"a snooze that is over", liked, []change{snoozed(now)}, true},
		{"at night", liked, []change{night}, true},
		{"no longer in the catalogue", vanished, nil, false},
	}
	for _, test := range tests {
		q := Question{Type: test.kind, Priority: test.kind.Priority, Target: event.Target{Type: "post", ID: "42", Source: "/blog"}, Person: &profile.Profile{}, Now: now}
		for _, change := range test.changes {
			change(&q)
		}
		if got := InDigest(q); got != test.want {
			t.Errorf("%s: got %t, want %t", test.name, got, test.want)
		}
	}
	if !InDigest(Question{Type: liked, Now: now}) {
		t.Error("somebody who has said nothing: got false, want true")
	}
}
