package profile

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"tidings.dev/shared/event"
)

func TestTheMachinesOwnZoneIsNobodys(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Local", "Mars/Olympus", "UTC", "../../etc/passwd"} {
		if got := (&Settings{TimeZone: zone}).Location(); got != time.UTC {
			t.Errorf("%q: got %v, want UTC", zone, got)
		}
	}
}

// Each decision asks for the zone, and loading one reads and parses a file.
func TestAZoneIsLoadedOnce(t *testing.T) { // not parallel: it counts allocations
	s := Settings{TimeZone: "Pacific/Chatham"}
	if n := testing.AllocsPerRun(10, func() { s.Location() }); n > 2 {
		t.Errorf("%v allocations to look it up: it is loaded each time", n)
	}
}

// A key is the same in every language, and no two targets have the same.
func TestMuteKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		target event.Target
		want   string // as JavaScript says: [type, id, source].map(encodeURIComponent).join("/")
	}{
		{event.Target{Type: "post", ID: "42"}, "post/42"},
		{event.Target{Type: "post", ID: "42", Source: "/blog"}, "post/42/%2Fblog"},
		{event.Target{Type: "post", ID: "4/2"}, "post/4%2F2"},
		{event.Target{Type: "issue", ID: "acme.web#7", Source: "github"}, "issue/acme.web%237/github"},
		{event.Target{Type: "a b", ID: "100% (sure)!*'~"}, "a%20b/100%25%20(sure)!*'~"},
		{event.Target{Type: "café", ID: "😀"}, "caf%C3%A9/%F0%9F%98%80"},
	}
	for _, test := range tests {
		if got := MuteKey(test.target); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.target, got, test.want)
		}
	}
}

func TestMutesThatAreOverGo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := Settings{Mutes: map[string]Mute{"post/1": {}, "post/2": {Until: now}, "post/3": {Until: now.Add(time.Second)}}}
	s.Expire(now)
	if _, over := s.Mutes["post/2"]; over || len(s.Mutes) != 2 {
		t.Errorf("got %v", s.Mutes)
	}
}

// What was said and what is read afterwards are the same, so that they have one entity tag.
func TestDecodeGivesTheFormInWhichSettingsAreStored(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"mutes":{},"preferences":{"push":{}},"quietHours":{"enabled":false,"week":{"sat":[]}}}`: `{}`,
		`{"mutes":{"post/1":{"until":"2026-12-01t00:00:00.1234567+01:00"}}}`:                      `{"mutes":{"post/1":{"until":"2026-11-30T23:00:00.123456Z"}}}`,
		`{"doNotDisturb":{"enabled":true,"until":"2026-12-01T01:00:00+01:00"}}`:                   `{"doNotDisturb":{"enabled":true,"until":"2026-12-01T00:00:00Z"}}`,
	} {
		s, err := Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(s); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v; want %s", text, got, err, want)
		}
	}
}
