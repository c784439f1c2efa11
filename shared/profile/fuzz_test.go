package profile

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var fuzzedAt = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// FuzzSettings: what a product's server says for a person is refused, or is the same after it was written and read again.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		`{"locale":"pt-BR","timeZone":"Europe/Berlin","preferences":{"push":{"social":false},"email":{"orders":true}},"mutes":{"post/42":{"title":"A walk","until":"2026-11-22T12:00:00Z"},"post/1":{}},
		"quietHours":{"enabled":true,"week":{"sat":["22:00-09:00","13:00-24:00"]}},"doNotDisturb":{"enabled":true,"until":"2026-11-22t12:00:00z"},"digest":{"every":"week","at":"18:30","on":"fri"},"pushesPerHour":5}`,
		`{}`, `{"mutes":null,"pushesPerHour":0}`, `{"mutes":{"":{}}}`, `{"preferences":{"push":{"social":null}}}`, `[]`, `{"digest":{"every":"day"},"doNotDisturb":{"until":"0000-01-01T00:00:00Z"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Decode(raw)
		if err != nil || len(s.Validate([]string{"social", "orders"}, fuzzedAt)) > 0 {
			return
		}
		s.Expire(fuzzedAt)
		_ = s.Location()
		again(t, s, Decode)
	})
}

// FuzzMute: the same for one mute and its key.
func FuzzMute(f *testing.F) {
	f.Add("post/42", []byte(`{"title":"A walk","until":"2026-11-22T12:00:00+01:00"}`))
	f.Add("a%20b/100%25/%2Fblog", []byte(`{}`))
	f.Add("post", []byte(`{"until":null}`))
	f.Fuzz(func(t *testing.T, key string, raw []byte) {
		m, err := DecodeMute(raw)
		if err != nil || len(m.Validate(key)) > 0 {
			return
		}
		again(t, m, DecodeMute)
	})
}

// again writes a value, reads it and writes it once more.
func again[T any](t *testing.T, value T, read func([]byte) (T, error)) {
	t.Helper()
	once, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("accepted, but cannot be written: %v", err)
	}
	got, err := read(once)
	if err != nil {
		t.Fatalf("written, but cannot be read: %v\n%s", err, once)
	}
	twice, err := json.Marshal(got)
	if err != nil || string(once) != string(twice) {
		t.Errorf("%v; -once +twice:\n%s", err, cmp.Diff(string(once), string(twice)))
	}
}
