package fact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/infra/facts"
	"tidings.dev/shared/fact"
)

var key = fact.Key("0123456789abcdef0123456789abcdef")

// shown is a fact without a fault.
func shown() fact.Fact {
	accepted := time.Date(2026, 11, 27, 23, 59, 59, 900_000_000, time.UTC)
	return fact.Fact{
		Person: key.Person("bob"), Source: "//shop", Event: "e1", Type: "order.shipped", Item: "i1", Revision: 1, Stage: fact.Shown, Channel: fact.InApp,
		HappenedAt: fact.At(accepted.Add(200 * time.Millisecond)), AcceptedAt: fact.At(accepted), Attempt: 1, Instance: "notify/1",
	}.Sealed()
}

func TestAFactIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := shown()
	if want.Day != "2026-11-28" {
		t.Errorf("day %q; the UTC day of the step was expected", want.Day)
	}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := fact.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The subscription writes a message's fields into the columns of the same name, and refuses a message with another field.
func TestAFactIsARowOfTheTable(t *testing.T) {
	t.Parallel()
	data, err := shown().Encode()
	if err != nil {
		t.Fatal(err)
	}
	var row map[string]any
	if err := json.Unmarshal(data, &row); err != nil {
		t.Fatal(err)
	}
	columns, err := facts.Columns()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]func(any) bool{
		"STRING":  func(v any) bool { _, ok := v.(string); return ok },
		"DATE":    func(v any) bool { s, ok := v.(string); _, err := time.Parse(time.DateOnly, s); return ok && err == nil },
		"INTEGER": func(v any) bool { n, ok := v.(float64); return ok && n == float64(int64(n)) },
	}
	for _, c := range columns {
		if v, ok := row[c.Name]; !ok || !types[c.Type](v) {
			t.Errorf("column %s of type %s: the fact has %v", c.Name, c.Type, v)
		}
		delete(row, c.Name)
	}
	if len(row) > 0 {
		t.Errorf("the fact has fields without a column: %v", row)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	first, look := shown(), shown()
	look.Source, look.Event, look.AcceptedAt = "", "", 0
	look = look.Sealed()
	tests := map[string]struct {
		of     fact.Fact
		change func(*fact.Fact)
		same   bool
	}{
		"the step taken again, later, elsewhere, in another state": {first, func(f *fact.Fact) {
			f.HappenedAt += 5_000_000
			f.Instance, f.Attempt, f.Revision, f.Reason = "notify/2", 2, 3, "interval"
		}, true},
		"another person":                         {first, func(f *fact.Fact) { f.Person = key.Person("alice") }, false},
		"another event":                          {first, func(f *fact.Fact) { f.Event = "e2" }, false},
		"another source":                         {first, func(f *fact.Fact) { f.Source = "//forum" }, false},
		"another stage":                          {first, func(f *fact.Fact) { f.Stage = fact.Pushed }, false},
		"another channel":                        {first, func(f *fact.Fact) { f.Channel = fact.Push }, false},
		"the source's end moved to the id":       {first, func(f *fact.Fact) { f.Source, f.Event = "//sho", "pe1" }, false},
		"without an event: another time":         {look, func(f *fact.Fact) { f.HappenedAt++; f.Attempt++ }, true},
		"without an event: another state":        {look, func(f *fact.Fact) { f.Revision++ }, false},
		"without an event: another reason":       {look, func(f *fact.Fact) { f.Reason = "presence" }, false},
		"without an event: the item of an event": {look, func(f *fact.Fact) { f.Source, f.Event = "//shop", "e1" }, false},
	}
	for name, tt := range tests {
		other := tt.of
		tt.change(&other)
		if got := other.Sealed().ID == tt.of.ID; got != tt.same {
			t.Errorf("%s: the same id %v, want %v", name, got, tt.same)
		}
	}
	once, twice := shown(), shown()
	once.Stage, once.Attempt, twice.Stage, twice.Attempt = fact.Retried, 1, fact.Retried, 2
	if once.Sealed().ID == twice.Sealed().ID {
		t.Error("two attempts are one fact")
	}
}

// Whoever reads the facts, or Pub/Sub's messages, learns of nobody who is told what.
func TestAPersonIsNamedByAKeyedHash(t *testing.T) {
	t.Parallel()
	data, err := shown().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "bob") {
		t.Errorf("the fact names its recipient: %s", data)
	}
	if fact.Key("another key, of another project.").Person("bob") == key.Person("bob") {
		t.Error("a person is the same under another key")
	}
	if key.Person("bob") == key.Person("alice") {
		t.Error("two persons are one")
	}
}

func TestWhatIsNoFactIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*fact.Fact)
		want   string
	}{
		"an id of its own":         {func(f *fact.Fact) { f.ID = "x" }, "id is"},
		"another day":              {func(f *fact.Fact) { f.Day = "2026-11-27" }, "day is"},
		"a uid":                    {func(f *fact.Fact) { f.Person = "bob"; *f = f.Sealed() }, "person is"},
		"an event without source":  {func(f *fact.Fact) { f.Source = ""; *f = f.Sealed() }, "source is"},
		"about nothing":            {func(f *fact.Fact) { f.Source, f.Event, f.Item = "", "", ""; *f = f.Sealed() }, "event and item"},
		"an unknown stage":         {func(f *fact.Fact) { f.Stage = "lost"; *f = f.Sealed() }, "stage is"},
		"an unknown channel":       {func(f *fact.Fact) { f.Channel = "sms"; *f = f.Sealed() }, "channel is"},
		"a reason that is a text":  {func(f *fact.Fact) { f.Reason = "Bob said: no"; *f = f.Sealed() }, "reason is"},
		"held without a reason":    {func(f *fact.Fact) { f.Stage = fact.Held; *f = f.Sealed() }, "reason is"},
		"without a time":           {func(f *fact.Fact) { f.HappenedAt = 0; *f = f.Sealed() }, "happenedAt is"},
		"a time before all others": {func(f *fact.Fact) { f.HeldUntil = -1 }, "heldUntil"},
	}
	for name, tt := range tests {
		f := shown()
		tt.change(&f)
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fact.Decode(data); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; an error with %q was expected", name, err, tt.want)
		}
	}
	if _, err := fact.Decode([]byte(`{"title": "Your order"}`)); err == nil || !strings.Contains(err.Error(), "title") {
		t.Errorf("a field that there is not: %v", err)
	}
}
