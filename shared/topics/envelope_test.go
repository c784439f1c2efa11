package topics_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// full is an envelope in which no field has its zero value, so that one which the message forgets is noticed.
func full() topics.Envelope {
	return topics.Envelope{
		Event: event.Event{
			ID: "1", Source: "shop", Type: "post.liked", Time: at.Add(123 * time.Microsecond), Actor: event.Actor{ID: "alice", Name: "Zoë <&> 李"},
			Target: event.Target{Type: "post", ID: "42", URL: "/a?b&c"}, Recipients: []string{"bob"}, Data: map[string]any{"s": "x", "deep": map[string]any{"list": []any{"x", nil}}},
		},
		Accepted: event.Acceptance{At: at.Add(456 * time.Microsecond), OwnTime: true, OwnID: true}, Lane: topics.Urgent, Why: "audience:crew",
		Walk: topics.Walk{ID: "events-notify-1", Page: 3, Cursor: "carol", Second: true}, Attempts: 2, Devices: []string{"phone", "tablet"}, Tries: 4,
		Origin: "events-notify-7", Before: map[string]string{"newer": "kept"},
	}.Later(at.Add(time.Minute), "FCM is busy")
}

func pass(t *testing.T, e topics.Envelope) (topics.Envelope, topics.PushedMessage) {
	t.Helper()
	m, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	pushed := topics.PushedMessage{Data: m.Data, Attributes: m.Attributes, MessageID: "9", PublishTime: at}
	got, err := topics.Decode(pushed)
	if err != nil {
		t.Fatal(err)
	}
	return got, pushed
}

var compare = cmpopts.IgnoreUnexported(topics.Envelope{})

func TestAnEnvelopeSurvivesItsMessage(t *testing.T) {
	t.Parallel()
	want := full()
	got, _ := pass(t, want)
	if diff := cmp.Diff(want, got, compare); diff != "" || !got.NotBefore().Equal(want.NotBefore()) {
		t.Errorf("not before %s, -want +got:\n%s", got.NotBefore(), diff)
	}
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Name != "Look" && f.Name != "More" && v.Field(i).IsZero() {
			t.Errorf("%s is not in the example", f.Name)
		}
	}
	look := topics.LookAt("bob", "i", event.Urgent)
	if got, m := pass(t, look); !cmp.Equal(look, got, compare) || len(m.Data) > 0 {
		t.Errorf("a look: got %+v with %q", got, m.Data)
	}
	look.More = []string{"j", "k\"/<"}
	if got, _ := pass(t, look); !cmp.Equal(look, got, compare) || !cmp.Equal(look, got.For([]string{"bob"}), compare) {
		t.Errorf("a look at several: got %+v", got)
	}
}

func TestWhatANewerVersionWroteSurvivesAnOlderOne(t *testing.T) {
	t.Parallel()
	m := topics.PushedMessage{
		Data:       []byte(`{"id":"1","source":"s","type":"info","title":"t","recipients":["bob","carol"],"mood":{"level":12345678901234567890}}`),
		Attributes: map[string]string{"lane": "events-urgent", "mood": "good", "attempts": "-3", "acceptedAt": "some day"}, PublishTime: at,
	}
	e, err := topics.Decode(m)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]topics.Envelope{"as it came": e, "for some": e.For([]string{"bob"}), "replayed": e.Untried()} {
		_, out := pass(t, e)
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(out.Data, &fields); err != nil || string(fields["mood"]) != `{"level":12345678901234567890}` {
			t.Errorf("%s: got %s, want the field that is not known as it was", name, out.Data)
		}
		if out.Attributes["mood"] != "good" || out.Attributes["lane"] != "events-urgent" || out.Attributes["acceptedAt"] != "2026-11-21T09:00:00Z" {
			t.Errorf("%s: got attributes %v", name, out.Attributes)
		}
	}
}

func TestForSomeOfItsPeople(t *testing.T) {
	t.Parallel()
	e := topics.Envelope{Event: event.Event{ID: "1", Source: "s", Type: "info", Title: "t", Audience: "crew"}, Walk: topics.Walk{ID: "w", Page: 1, Cursor: "b"}}
	came, _ := pass(t, e)
	got, _ := pass(t, came.For([]string{"bob"}))
	if got.Event.Audience != "" || !cmp.Equal(got.Event.Recipients, []string{"bob"}) || got.Why != "audience:crew" || got.Walk != (topics.Walk{}) {
		t.Errorf("got %+v, want bob alone, as one of the crew", got)
	}
	for why, from := range map[string]event.Event{ // of whoever was told, and of those who were named
		topics.WhyTold: {ID: "1", Source: "s", Type: "incident.resolved", Title: "t"},
		"":             {ID: "1", Source: "s", Type: "info", Title: "t", Recipients: []string{"alice", "bob"}},
	} {
		some := topics.Envelope{Event: from, Attempts: 3, Origin: "first"}.For([]string{"bob"})
		if some.Why != why || some.Attempts != 3 || some.For([]string{"bob"}).Why != why {
			t.Errorf("got %q after %d attempts, want %q after 3, also where it is divided once more", some.Why, some.Attempts, why)
		}
		if anew := some.Anew(); anew.Attempts != 0 || anew.Origin != "" || anew.Why != why {
			t.Errorf("anew: got %+v, want nothing of what was tried", anew)
		}
	}
	look := topics.LookAt("bob", "i", event.High)
	if got := look.For([]string{"bob"}); !cmp.Equal(look, got, compare) {
		t.Errorf("a look for somebody: got %+v", got)
	}
}

func TestAReasonFitsIntoAnAttribute(t *testing.T) {
	t.Parallel()
	e := topics.Envelope{Event: full().Event}.Later(at, strings.Repeat("ü", 1000))
	if m, _ := e.Encode(); len(m.Attributes["reason"]) > topics.MaxValue || !strings.HasPrefix(m.Attributes["reason"], "ü") {
		t.Errorf("got %d bytes", len(m.Attributes["reason"]))
	}
}

func TestWhatIsNoEnvelopeOfOursCannotBeRead(t *testing.T) {
	t.Parallel()
	noSource := full().Event
	noSource.Source = ""
	raw, err := json.Marshal(noSource)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"no JSON": "hello", "no event": `{"hello": 1}`, "a list": "[]", "nothing": "", "an event that lacks something": string(raw),
	} {
		if _, err := topics.Decode(topics.PushedMessage{Data: []byte(data), MessageID: "1"}); !errors.Is(err, topics.ErrUnreadable) {
			t.Errorf("%s: got %v, want ErrUnreadable", name, err)
		}
	}
}

func FuzzAMessageSurvivesTheWay(f *testing.F) {
	e := full()
	m, _ := e.Encode()
	f.Add(m.Data, "phone/tablet", "3", "time,id")
	f.Add([]byte("{}"), "/", "x", "")
	f.Fuzz(func(t *testing.T, data []byte, devices, attempts, own string) {
		e, err := topics.Decode(topics.PushedMessage{Data: data, Attributes: map[string]string{"devices": devices, "attempts": attempts, "own": own}, PublishTime: at})
		if err != nil {
			return
		}
		again, _ := pass(t, e)
		if diff := cmp.Diff(e, again, compare); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
