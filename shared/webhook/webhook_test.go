package webhook

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tidings.dev/shared/event"
)

func secret(b byte, size int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, size))
}

func keys(t *testing.T, all ...string) (keys Keys) {
	t.Helper()
	for _, s := range all {
		key, err := ParseKey(s)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

// verified asks the official library whether a receiver with that secret takes the request.
func verified(t *testing.T, secret string, body []byte, headers http.Header) error {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return wh.Verify(body, headers)
}

// A receiver takes what is signed with its secret, the old one and the new one, and nothing else.
func TestTheOfficialLibraryVerifiesEachKeyWhileTheyRotate(t *testing.T) {
	t.Parallel()
	old, fresh, never := secret(1, 24), secret(2, 64), secret(3, 32)
	m := Message{ID: "msg_1", Body: []byte(`{"type":"notification.seen"}`)}
	for _, test := range []struct {
		name    string
		keys    []string
		want    []string
		refused []string
	}{
		{"one", []string{old}, []string{old}, []string{fresh, never}},
		{"two while one is replaced", []string{old, fresh}, []string{old, fresh}, []string{never}},
		{"two, in the other order", []string{fresh, old}, []string{old, fresh}, []string{never}},
		{"with a private key", []string{seed(7), old, seed(8)}, []string{old}, []string{fresh, never}},
		{"after the old one", []string{fresh}, []string{fresh}, []string{old, never}},
	} {
		headers := m.Headers(time.Now(), keys(t, test.keys...))
		if n := len(strings.Split(headers.Get("webhook-signature"), " ")); n != len(test.keys) {
			t.Errorf("%s: %d signatures, want one by each of %d keys", test.name, n, len(test.keys))
		}
		for _, s := range test.want {
			if err := verified(t, s, m.Body, headers); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		for _, s := range test.refused {
			if verified(t, s, m.Body, headers) == nil {
				t.Errorf("%s: a key that signs nothing verifies it", test.name)
			}
		}
		for name, spoil := range map[string]func(http.Header) []byte{
			"another body": func(http.Header) []byte { return []byte(`{}`) },
			"another id":   func(h http.Header) []byte { h.Set("webhook-id", "msg_2"); return m.Body },
			"another time": func(h http.Header) []byte {
				h.Set("webhook-timestamp", fmt.Sprint(time.Now().Unix()-7))
				return m.Body
			},
		} {
			spoilt := headers.Clone()
			body := spoil(spoilt)
			if verified(t, test.want[0], body, spoilt) == nil {
				t.Errorf("%s: %s verifies", test.name, name)
			}
		}
	}
}

func seed(b byte) string {
	return "whsk_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

// The library's v0.0.1 knows v1 alone. Its later source has this example for v1a (libraries/go/webhook_asymmetric_test.go).
func TestAPrivateKeySignsAsTheSpecificationsExample(t *testing.T) {
	t.Parallel()
	m := Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Body: []byte(`{"test": 2432232314}`)}
	got := m.Headers(time.Unix(1614265330, 0), keys(t, "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="))
	want := http.Header{
		"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"},
		"Webhook-Signature": {"v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAKeyIsTakenOrItSaysWhyNot(t *testing.T) {
	t.Parallel()
	whole := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	both, spoilt := "whsk_"+base64.StdEncoding.EncodeToString(whole), bytes.Clone(whole)
	spoilt[40] ^= 1
	for s, want := range map[string]string{
		secret(1, 24): "", secret(1, 64): "", seed(7): "", both: "",
		secret(1, 23):                "has 23 bytes",
		secret(1, 65):                "has 65 bytes",
		"whsec_":                     "has 0 bytes",
		"whsec_???":                  "is not base64",
		strings.TrimRight(both, "="): "is not base64",
		"whsk_" + secret(1, 24)[6:]:  "the 32 of an ed25519 seed",
		"whpk_" + seed(7)[5:]:        "begins with neither",
		seed(7)[5:]:                  "begins with neither",
		"whsec_" + seed(7):           "begins with neither",
		"":                           "begins with neither",
		"whsk_" + base64.StdEncoding.EncodeToString(spoilt): "not the public key",
	} {
		_, err := ParseKey(s)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.12s…: got %v, want %q", s, err, want)
		}
		if err != nil && len(s) > 10 && strings.Contains(err.Error(), s[6:]) {
			t.Errorf("%v repeats the key", err)
		}
	}
}

var (
	at     = time.Date(2026, 11, 27, 9, 0, 0, 123456789, time.UTC)
	liked  = Report{Outcome: Delivered, At: at, Source: "/shop", Event: "e1", Type: "order.shipped", Target: event.Target{Type: "order", ID: "7", Title: "Shoes"}, Recipient: "bob", Item: "i1"}
	chosen = Report{Outcome: Acted, At: at, Type: "friend.requested", Target: event.Target{Type: "user", ID: "carol", Source: "/shop"}, Recipient: "bob", Item: "i2", Revision: 3, Action: "accept"}
)

func TestTheBodyIsAsTheReadmeSays(t *testing.T) {
	t.Parallel()
	e := Endpoint{Name: "shop"}
	for _, test := range []struct {
		report Report
		want   string
		names  []string
	}{
		{liked, `{"type":"notification.delivered","timestamp":"2026-11-27T09:00:00.123456Z","data":{"event":{"source":"/shop","id":"e1"},"eventType":"order.shipped","recipient":"bob","notification":"i1","target":{"type":"order","id":"7"}}}`, []string{"bob", "7"}},
		{chosen, `{"type":"notification.acted","timestamp":"2026-11-27T09:00:00.123456Z","data":{"eventType":"friend.requested","recipient":"bob","notification":"i2","target":{"type":"user","id":"carol","source":"/shop"},"action":"accept"}}`, []string{"bob", "carol"}},
		{Report{Outcome: DeadLettered, At: at, Source: "/shop", Event: "e1", Type: "info", Reason: "unknown_type"}, `{"type":"notification.deadLettered","timestamp":"2026-11-27T09:00:00.123456Z","data":{"event":{"source":"/shop","id":"e1"},"eventType":"info","reason":"unknown_type"}}`, nil},
	} {
		m := e.Message(test.report)
		if diff := cmp.Diff(test.want, string(m.Body)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if diff := cmp.Diff(test.names, m.Names); diff != "" || m.Type != "notification."+string(test.report.Outcome) || strings.Contains(m.ID, ".") {
			t.Errorf("got %s %s; names (-want +got):\n%s", m.ID, m.Type, diff)
		}
	}
}

// Twice is once, and different things are never the same.
func TestTheIDIsThatOfWhatIsTold(t *testing.T) {
	t.Parallel()
	e := Endpoint{Name: "shop"}
	again := liked
	again.At, again.Item, again.Reason = at.Add(time.Hour), "i9", "x"
	if e.Message(liked).ID != e.Message(again).ID {
		t.Error("the same outcome of the same event for the same person has another id")
	}
	other := chosen
	other.Action, other.At = "decline", at.Add(time.Second)
	if e.Message(chosen).ID != e.Message(other).ID {
		t.Error("a second answer to the same question is told, too")
	}
	seen := map[string]string{}
	add := func(name string, e Endpoint, r Report) {
		id := e.Message(r).ID
		if seen[id] != "" {
			t.Errorf("%s and %s have the same id", name, seen[id])
		}
		seen[id] = name
	}
	change := func(r Report, f func(*Report)) Report { f(&r); return r }
	add("delivered", e, liked)
	add("to another endpoint", Endpoint{Name: "crm"}, liked)
	add("acted", e, chosen)
	add("deadLettered", e, change(liked, func(r *Report) { r.Outcome = DeadLettered }))
	add("another person", e, change(liked, func(r *Report) { r.Recipient = "alice" }))
	add("another event", e, change(liked, func(r *Report) { r.Event = "e2" }))
	add("another source", e, change(liked, func(r *Report) { r.Source = "/shopp" }))
	add("source and id, cut otherwise", e, change(liked, func(r *Report) { r.Source, r.Event = "/shope", "1" }))
	add("seen", e, change(chosen, func(r *Report) { r.Outcome = Seen }))
	add("another item", e, change(chosen, func(r *Report) { r.Item = "i3" }))
	add("asked anew", e, change(chosen, func(r *Report) { r.Revision = 4 }))
}

func TestAnEndpointIsToldWhatItWants(t *testing.T) {
	t.Parallel()
	all := Endpoints{
		{Name: "everything", Outcomes: Outcomes},
		{Name: "orders", Outcomes: []Outcome{Delivered}, Types: []string{"order.*"}},
		{Name: "of-the-shop", Outcomes: []Outcome{Delivered, DeadLettered}, Sources: []string{"/shop", "/desk/*"}},
		{Name: "answers", Outcomes: []Outcome{Acted}, Types: []string{"friend.requested"}},
	}
	for _, test := range []struct {
		report Report
		want   []string
	}{
		{liked, []string{"everything", "orders", "of-the-shop"}},
		{chosen, []string{"everything", "answers"}},
		{Report{Outcome: Delivered, Type: "info", Source: "/desk/1", Event: "e"}, []string{"everything", "of-the-shop"}},
		{Report{Outcome: Delivered, Type: "order", Source: "/desk", Event: "e"}, []string{"everything"}},
		{Report{Outcome: Seen, Type: "order.shipped"}, []string{"everything"}},
		{Report{Outcome: Acted, Type: "friend.requestedd"}, []string{"everything"}},
	} {
		var got []string
		for _, m := range all.Messages(test.report) {
			got = append(got, m.Endpoint)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.report, diff)
		}
		if !all.Want(test.report.Outcome, test.report.Type, test.report.Source) || all[1:2].Want(Seen, "order.shipped", "") {
			t.Errorf("%+v: Want says something else than Messages", test.report)
		}
	}
	if Endpoints(nil).Want(Delivered, "info", "/shop") {
		t.Error("nobody wants something")
	}
	if _, err := json.Marshal(all); err != nil {
		t.Error(err)
	}
}

// The endpoint that an action names is told of it whatever it asks for, and once, under the same id, also where it asks for it. One that is not there
// any more has a message that waits.
func TestTheEndpointThatAnActionNamesIsToldOnce(t *testing.T) {
	t.Parallel()
	all := Endpoints{
		{Name: "orders", Outcomes: []Outcome{Delivered}, Types: []string{"order.*"}},
		{Name: "answers", Outcomes: []Outcome{Acted}},
		{Name: "silent"},
	}
	for named, want := range map[string][]string{
		"": {"answers"}, "orders": {"orders", "answers"}, "answers": {"answers"}, "silent": {"answers", "silent"}, "gone": {"answers", "gone"},
	} {
		report := chosen
		report.Webhook = named
		var got []string
		for _, m := range all.Messages(report) {
			got = append(got, m.Endpoint)
			if plain := (Endpoint{Name: m.Endpoint}).Message(chosen); m.ID != plain.ID || string(m.Body) != string(plain.Body) {
				t.Errorf("%s, named by the action: %s %s, want what it is told otherwise: %s %s", m.Endpoint, m.ID, m.Body, plain.ID, plain.Body)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", named, diff)
		}
	}
}

func TestActionsNameEndpointsThatAreThere(t *testing.T) {
	t.Parallel()
	actions := []event.Action{{ID: "a"}, {ID: "b", Webhook: "shop"}, {ID: "c", Webhook: "shpo"}}
	for want, all := range map[string]Endpoints{
		`actions[2].webhook: is "shpo", which is no endpoint; one of ["crm" "shop"] was expected (WEBHOOKS)`: {{Name: "crm"}, {Name: "ops", Outcomes: []Outcome{DeadLettered}}, {Name: "shop"}},
		`actions[1].webhook: is "shop"; no endpoint is configured here (WEBHOOKS), so leave it out`:          nil,
		`actions[2].webhook: is "shpo", an endpoint that is not told what people do; in WEBHOOKS its outcomes must have acted, or be []`: {
			{Name: "shpo", Outcomes: []Outcome{Delivered, Seen}}, {Name: "shop", Outcomes: []Outcome{Acted}},
		},
		"": {{Name: "shpo"}, {Name: "shop", Outcomes: []Outcome{Delivered, Acted}}},
	} {
		got := all.CheckActions(actions)
		if want == "" && len(got) > 0 || want != "" && !strings.HasPrefix(got.Error(), want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestItemsAreLookedAtOnlyWhereSomebodyHearsOfMarks(t *testing.T) {
	t.Parallel()
	for want, endpoints := range map[bool][]Endpoint{
		true:  {{}, {Outcomes: []Outcome{Seen}}, {Outcomes: []Outcome{Delivered, Acted}}},
		false: {{Outcomes: []Outcome{Delivered}}, {Outcomes: []Outcome{DeadLettered, Delivered}}},
	} {
		for _, e := range endpoints {
			if got := (Endpoints{{Name: "shop", Outcomes: []Outcome{Delivered}}, e}).HearMarks(); got != want {
				t.Errorf("%v: got %v, want %v", e.Outcomes, got, want)
			}
		}
	}
}

// The specification's example of a schedule: ten attempts, 75 hours, 35 minutes and 5 seconds.
func TestAttemptsGoOnFor75Hours(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]time.Duration{0: 75*time.Hour + 35*time.Minute + 5*time.Second, 1: 83*time.Hour + 8*time.Minute + 35500*time.Millisecond} {
		now, attempts := at, 0
		for more := true; more; {
			attempts++
			var next time.Time
			if next, more = (Answer{Status: 500}).Next(attempts, now, share); more {
				now = next
			}
		}
		if attempts != MaxAttempts || attempts != 10 || now.Sub(at) != want {
			t.Errorf("share %v: %d attempts within %s, want 10 within %s", share, attempts, now.Sub(at), want)
		}
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer      Answer
		taken, gone bool
		pause, next time.Duration // next: after the second attempt
	}{
		{Answer{Status: 200}, true, false, 0, 5 * time.Minute},
		{Answer{Status: 204}, true, false, 0, 5 * time.Minute},
		{Answer{Status: 299}, true, false, 0, 5 * time.Minute},
		{Answer{Status: 199}, false, false, 0, 5 * time.Minute},
		{Answer{Status: 301}, false, false, 0, 5 * time.Minute},
		{Answer{Status: 400}, false, false, 0, 5 * time.Minute},
		{Answer{Status: 404, RetryAfter: time.Hour}, false, false, 0, 5 * time.Minute},
		{Answer{Status: 410}, false, true, 0, 5 * time.Minute},
		{Answer{Status: 429}, false, false, time.Minute, 5 * time.Minute},
		{Answer{Status: 429, RetryAfter: time.Second}, false, false, time.Minute, 5 * time.Minute},
		{Answer{Status: 429, RetryAfter: time.Hour}, false, false, time.Hour, time.Hour},
		{Answer{Status: 503, RetryAfter: 1000 * time.Hour}, false, false, 24 * time.Hour, 24 * time.Hour},
		{Answer{Status: 502}, false, false, time.Minute, 5 * time.Minute},
		{Answer{Status: 504}, false, false, time.Minute, 5 * time.Minute},
		{Answer{Status: 500}, false, false, 0, 5 * time.Minute},
		{Answer{}, false, false, time.Minute, 5 * time.Minute},
	} {
		next, more := test.answer.Next(2, at, 0)
		if a := test.answer; a.Taken() != test.taken || a.Gone() != test.gone || a.Pause() != test.pause || !more || next.Sub(at) != test.next {
			t.Errorf("%+v: got taken %v, gone %v, pause %s, next %s", a, a.Taken(), a.Gone(), a.Pause(), next.Sub(at))
		}
	}
}
