package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// valid is an event that nothing is wrong with.
func valid() Event {
	return Event{
		ID: "1", Source: "shop", Type: "post.liked", Time: now,
		Actor: Actor{ID: "alice", Name: "Alice"}, Target: Target{Type: "post", ID: "42"}, Recipients: []string{"bob"},
	}
}

// everybody is a change of the valid event into an announcement, and a further one.
func everybody(change func(*Event)) func(*Event) {
	return func(e *Event) {
		*e = Event{ID: "1", Source: "shop", Type: "info", Time: now, Title: "T", Audience: Everybody}
		change(e)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Event)
		want   []string // the fields that are named
	}{
		{"nothing wrong", func(*Event) {}, nil},
		{"no actor, no target", func(e *Event) { e.Actor, e.Target = Actor{}, Target{} }, nil},
		{"an audience", func(e *Event) { e.Recipients, e.Audience = nil, "topic-news" }, nil},
		{"everything missing", func(e *Event) { *e = Event{} }, []string{"id", "source", "type"}},

		{"id of 256 bytes", func(e *Event) { e.ID = strings.Repeat("x", 256) }, nil},
		{"id of 257 bytes", func(e *Event) { e.ID = strings.Repeat("x", 257) }, []string{"id"}},
		{"id of 2 KB", func(e *Event) { e.ID = strings.Repeat("x", 2048) }, []string{"id"}},
		{"id of 200 characters, 400 bytes", func(e *Event) { e.ID = strings.Repeat("é", 200) }, []string{"id"}},
		{"id that is not UTF-8", func(e *Event) { e.ID = "a\xff" }, []string{"id"}},
		{"source that is not UTF-8", func(e *Event) { e.Source = "\xc3" }, []string{"source"}},
		{"groupKey of 257 bytes", func(e *Event) { e.GroupKey = strings.Repeat("x", 257) }, []string{"groupKey"}},

		{"five minutes ahead", func(e *Event) { e.Time = now.Add(5 * time.Minute) }, nil},
		{"a moment more ahead", func(e *Event) { e.Time = now.Add(5*time.Minute + 1) }, []string{"time"}},
		{"a day ahead", func(e *Event) { e.Time = now.AddDate(0, 0, 1) }, []string{"time"}},
		{"the end of time", func(e *Event) { e.Time = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }, []string{"time"}},
		{"a week ago", func(e *Event) { e.Time = now.AddDate(0, 0, -7) }, nil},
		{"before there were computers", func(e *Event) { e.Time = time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)) }, []string{"time"}},
		{"expired", func(e *Event) { e.ExpiresAt = now }, []string{"expiresAt"}},
		{"expires before it happens", func(e *Event) { e.Time, e.ExpiresAt = now.Add(time.Minute), now.Add(time.Second) }, []string{"expiresAt"}},
		{"expires soon", func(e *Event) { e.ExpiresAt = now.Add(1) }, nil},
		{"expires beyond what a timestamp holds", func(e *Event) { e.ExpiresAt = time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)) }, []string{"expiresAt"}},
		{"sent later, and happens then", func(e *Event) { e.SendAt, e.Time = now.AddDate(0, 1, 0), now.AddDate(0, 1, 0) }, nil},
		{"happens more than five minutes after it is sent", func(e *Event) { e.SendAt, e.Time = now.Add(time.Hour), now.Add(time.Hour+5*time.Minute+1) }, []string{"time"}},
		{"expires before it is sent", func(e *Event) { e.SendAt, e.ExpiresAt = now.Add(time.Hour), now.Add(time.Hour) }, []string{"expiresAt"}},

		{"actor without id", func(e *Event) { e.Actor = Actor{Name: "Alice"} }, []string{"actor.id"}},
		{"bell in a name", func(e *Event) { e.Actor.Name = "Al\aice" }, []string{"actor.name"}},
		{"line break in a name", func(e *Event) { e.Actor.Name = "Alice\nBob" }, []string{"actor.name"}},
		{"C1 control in a name", func(e *Event) { e.Actor.Name = "Alice\u0085" }, []string{"actor.name"}},
		{"delete in a name", func(e *Event) { e.Actor.Name = "Alice\x7f" }, []string{"actor.name"}},
		{"name of 200 characters", func(e *Event) { e.Actor.Name = strings.Repeat("é", 200) }, nil},
		{"name of 201 characters", func(e *Event) { e.Actor.Name = strings.Repeat("é", 201) }, []string{"actor.name"}},
		{"any script in a name", func(e *Event) { e.Actor.Name = "Zoë 李 عمر 👩‍👩‍👧" }, nil},
		{"target without type", func(e *Event) { e.Target.Type = "" }, []string{"target.type"}},
		{"target without id", func(e *Event) { e.Target.ID = "" }, []string{"target.id"}},
		{"target title of 501", func(e *Event) { e.Target.Title = strings.Repeat("x", 501) }, []string{"target.title"}},

		{"nobody is the catalogue's to tell", func(e *Event) { e.Recipients = nil }, nil},
		{"both", func(e *Event) { e.Audience = "a" }, []string{"audience"}},
		{"1,000 recipients", func(e *Event) { e.Recipients = slices.Repeat([]string{"bob"}, 1000) }, nil},
		{"1,001 recipients", func(e *Event) { e.Recipients = slices.Repeat([]string{"bob"}, 1001) }, []string{"recipients"}},
		{"an empty uid", func(e *Event) { e.Recipients = []string{"bob", ""} }, []string{"recipients[1]"}},
		{"uids that are no path segments", func(e *Event) { e.Recipients = []string{"a/b", ".", "..", "__x__", "a.b", "_x"} },
			[]string{"recipients[0]", "recipients[1]", "recipients[2]", "recipients[3]"}},
		{"uid of 129 bytes", func(e *Event) { e.Recipients = []string{strings.Repeat("x", 129)} }, []string{"recipients[0]"}},
		{"uid of 65 characters, 130 bytes", func(e *Event) { e.Recipients = []string{strings.Repeat("é", 65)} }, []string{"recipients[0]"}},
		{"audience that is no path segment", func(e *Event) { e.Recipients, e.Audience = nil, "../users" }, []string{"audience"}},

		{"to everybody", everybody(func(*Event) {}), nil},
		{"to everybody and to some", everybody(func(e *Event) { e.Recipients = []string{"bob"} }), []string{"audience"}},
		{"to everybody, taken back", everybody(func(e *Event) { e.Retract = true }), []string{"retract"}},
		{"to everybody, by somebody", everybody(func(e *Event) { e.Actor = Actor{ID: "alice"} }), []string{"actor"}},
		{"to everybody, in a group", everybody(func(e *Event) { e.GroupKey = "k" }), []string{"groupKey"}},
		{"to everybody, with a question", everybody(func(e *Event) { e.Actions = []Action{{ID: "a", Label: "A"}} }), []string{"actions"}},
		{"to everybody, for 90 days", everybody(func(e *Event) { e.ExpiresAt = now.Add(MaxAnnouncementLife) }), nil},
		{"to everybody, for longer", everybody(func(e *Event) { e.ExpiresAt = now.Add(MaxAnnouncementLife + 1) }), []string{"expiresAt"}},
		{"to everybody, for 90 days from when it is sent", everybody(func(e *Event) {
			e.SendAt, e.ExpiresAt = now.Add(time.Hour), now.Add(time.Hour+MaxAnnouncementLife)
		}), nil},

		{"unknown priority", func(e *Event) { e.Priority = "Urgent" }, []string{"priority"}},
		{"control in the title", func(e *Event) { e.Title = "a\x00b" }, []string{"title"}},
		{"line break in the title", func(e *Event) { e.Title = "a\nb" }, []string{"title"}},
		{"line break and tab in the body", func(e *Event) { e.Body = "a\n\tb" }, nil},
		{"carriage return in the body", func(e *Event) { e.Body = "a\rb" }, []string{"body"}},
		{"body of 2,001", func(e *Event) { e.Body = strings.Repeat("x", 2001) }, []string{"body"}},
		{"data of 2,049 bytes", func(e *Event) { e.Data = map[string]any{"x": strings.Repeat("x", 2049-8)} }, []string{"data"}},
		{"data of 2,048 bytes", func(e *Event) { e.Data = map[string]any{"x": strings.Repeat("x", 2048-8)} }, nil},

		{"five actions", func(e *Event) { e.Actions = slices.Repeat([]Action{{ID: "a", Label: "A"}}, 5) }, []string{"actions"}},
		{"action without id and label", func(e *Event) { e.Actions = []Action{{}} }, []string{"actions[0].id", "actions[0].label"}},
		{"the same action twice", func(e *Event) { e.Actions = []Action{{ID: "a", Label: "A"}, {ID: "a", Label: "B"}} }, []string{"actions[1].id"}},
		{"an action's webhook is too long", func(e *Event) { e.Actions = []Action{{ID: "a", Label: "A", Webhook: strings.Repeat("w", MaxID+1)}} }, []string{"actions[0].webhook"}},
		{"unknown style", func(e *Event) { e.Actions = []Action{{ID: "a", Label: "A", Style: "bold"}} }, []string{"actions[0].style"}},
		{"action that runs", func(e *Event) { e.Actions = []Action{{ID: "a", Label: "A", URL: "javascript:alert(1)"}} }, []string{"actions[0].url"}},
		{"all wrong at once", func(e *Event) { e.ID, e.Actor.Name, e.Priority = "", "\x01", "x" }, []string{"id", "actor.name", "priority"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := valid()
			test.change(&e)
			f := e.Validate(now)
			if got := fields(f); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", f, test.want)
			}
		})
	}
}

func TestLinksLeadToWebAddressesAndOwnPathsOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url string
		ok  bool
	}{
		{"https://example.com/a?b=c#d", true}, {"http://localhost:8080", true}, {"HTTPS://example.com", true}, {"/posts/42?x=1#y", true}, {"/", true},
		{"//evil.example", false}, {`/\evil.example`, false}, {"/a\\b", false}, {"javascript:alert(1)", false}, {"JavaScript:alert(1)", false},
		{"data:text/html,x", false}, {"https:evil.example", false}, {"https://", false}, {"ftp://example.com", false}, {"posts/42", false}, {"?x", false},
		{"https://exa mple.com", false}, {" https://example.com", false}, {"/a\nb", false}, {"/\t/evil.example", false}, {"https://[::1", false},
		{"/a\xff", false}, {"/" + strings.Repeat("x", MaxURL-1), true}, {"/" + strings.Repeat("x", MaxURL), false},
	}
	for _, test := range tests {
		e := valid()
		e.Target.URL, e.Actor.ImageURL = test.url, test.url
		want := []string{"actor.imageUrl", "target.url"}
		if test.ok {
			want = nil
		}
		if got := fields(e.Validate(now)); !slices.Equal(got, want) {
			t.Errorf("%.40q: got %v, want %v", test.url, got, want)
		}
	}
}

func TestControlCharacterIsNamedWhole(t *testing.T) {
	t.Parallel()
	e := valid()
	e.Title = "é\u0085"
	if got, want := e.Validate(now).Error(), `title: has a control character ('\u0085') at byte 2; remove it`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrorTellsFieldDetailAndIndex(t *testing.T) {
	t.Parallel()
	var f FieldErrors
	f.Add("id", "is %s", "missing")
	f.Add("type", "is odd")
	if got, want := f.Error(), "id: is missing; type: is odd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := f.At(3).Error(), "event 3: id: is missing; event 3: type: is odd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRankOrdersPriorities(t *testing.T) {
	t.Parallel()
	for i, p := range Priorities {
		if got, want := p.Rank(), 3-i; got != want {
			t.Errorf("%s: got %d, want %d", p, got, want)
		}
	}
	if got := Priority("").Rank(); got != -1 {
		t.Errorf("no priority: got %d, want -1", got)
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	cet := time.FixedZone("CET", 3600)
	tests := []struct {
		name           string
		change         func(*Event)
		wantTime       time.Time
		wantRecipients []string
	}{
		{"time defaults to now", func(e *Event) { e.Time = time.Time{} }, now, []string{"bob"}},
		{"time is cut to microseconds", func(e *Event) { e.Time = now.Add(1999) }, now.Add(1000), []string{"bob"}},
		{"time is UTC", func(e *Event) { e.Time = now.In(cet) }, now, []string{"bob"}},
		{"each once, in order", func(e *Event) { e.Recipients = []string{"carol", "bob", "carol", "dave", "bob"} }, now, []string{"carol", "bob", "dave"}},
		{"never of one's own doing", func(e *Event) { e.Recipients = []string{"alice", "bob", "alice"} }, now, []string{"bob"}},
		{"nobody is left", func(e *Event) { e.Recipients = []string{"alice"} }, now, []string{}},
		{"without an actor nobody is left out", func(e *Event) { e.Actor, e.Recipients = Actor{}, []string{"alice"} }, now, []string{"alice"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := valid()
			test.change(&e)
			e.Normalize(now)
			if e.Time != test.wantTime { // also the location: equal events are to be equal bytes
				t.Errorf("time: got %v, want %v", e.Time, test.wantTime)
			}
			if diff := cmp.Diff(test.wantRecipients, e.Recipients); diff != "" {
				t.Errorf("recipients: -want +got:\n%s", diff)
			}
			again := e
			again.Recipients = slices.Clone(e.Recipients)
			again.Normalize(now.Add(time.Hour))
			if diff := cmp.Diff(e, again); diff != "" {
				t.Errorf("a second time changes it: %s", diff)
			}
		})
	}
}

// A producer may put anything into the name of a field, and into a key of its data.
func TestALogQuotesNamesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"alice":           `wrapped: "alice": is wrong`,
		"data.alice.b":    `wrapped: "data.alice.b": is wrong`,
		"recipients[3]":   "wrapped: recipients[3]: is wrong",
		"actions[0].url":  "wrapped: actions[0].url: is wrong",
		"(request body)":  "wrapped: (request body): is wrong",
		"target.alice[1]": `wrapped: "target.alice[1]": is wrong`,
	} {
		var f FieldErrors
		f.Add(field, "is wrong")
		if got := ForLog(fmt.Errorf("wrapped: %w", f)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := ForLog(errors.New("plain")); got != "plain" {
		t.Errorf("got %s", got)
	}
}
