package orders_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/idtoken"

	"tidings.dev/functions/examples/orders"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/producers"
)

const account = "shop@p.iam.gserviceaccount.com"

// newSource lets the service account in, by a token of which only the signature is not checked.
func newSource() *orders.Source {
	grants, _ := producers.Parse(`{shop: {producers: ["serviceAccount:`+account+`"], types: [order.*], sources: [/s*], recipients: true, priority: high}}`, []string{"order.placed"})
	return &orders.Source{Producers: &producers.Allowed{
		Grants: grants, Audience: "https://orders.example",
		Google: func(_ context.Context, given, _ string) (*idtoken.Payload, error) {
			if given == token("expired") {
				return nil, errors.New("idtoken: token expired: now=2, expires=1")
			}
			return &idtoken.Payload{Claims: map[string]any{"email": account, "email_verified": true}}, nil
		},
	}}
}

func token(subject string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(`{"iss":"https://accounts.google.com","sub":"`+subject+`"}`)) + ".sig"
}

// shipped is a CloudEvent in structured mode, changed by "old => new".
func shipped(changes ...string) string {
	body := `{"specversion": "1.0", "id": "e-17", "source": "/shop", "type": "com.example.order.shipped", "subject": "order/1001",
		"time": "2026-11-21T09:00:00Z", "data": {"customer": "bob", "title": "Order 1001", "url": "/orders/1001", "carrier": "DHL"}}`
	for _, change := range changes {
		old, changed, _ := strings.Cut(change, " => ")
		body = strings.ReplaceAll(body, old, changed)
	}
	return body
}

func request(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/orders", body)
	r.Header.Set("Content-Type", "application/cloudevents+json")
	r.Header.Set("Authorization", "Bearer "+token("shop"))
	return r
}

func TestOrdersIsASource(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, sourcetest.Case{
		Source: newSource(), Body: shipped(), Request: request,
		Forgeries: map[string]func(r *http.Request){
			"no header": func(r *http.Request) { r.Header.Del("Authorization") },
			"expired":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token("expired")) },
		},
	})
}

func TestAnOrderSystemNeedsAGrant(t *testing.T) {
	t.Parallel()
	none, few := newSource(), newSource()
	none.Producers.Grants = producers.Grants{}
	few.Producers.Grants, _ = producers.Parse(`{few: {producers: ["serviceAccount:`+account+`"], types: [order.placed], sources: [/shop], recipients: true, priority: high}}`, []string{"order.placed"})
	for name, test := range map[string]struct {
		source *orders.Source
		body   string
		field  string
	}{
		"it has none":      {none, shipped(), "Authorization"},
		"another's source": {newSource(), shipped("/shop => /news"), "source"},
		"another type":     {few, shipped(), "type"},
		"a webhook's":      {newSource(), shipped("/shop => github"), "source"},
	} {
		s := sourcetest.Start(t, test.source, nil)
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, request(strings.NewReader(test.body)))
		if want := `"field":"` + test.field + `"`; w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), want) || len(s.PubSub.Messages()) != 0 {
			t.Errorf("%s: got %d %s, want a 403 with %s and nothing published", name, w.Code, w.Body, want)
		}
	}
}

func TestWhatIsMadeOfAnOrdersEvents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	full := event.Event{
		ID: "e-17", Source: "/shop", Type: "order.shipped", Time: at, Recipients: []string{"bob"},
		Target: event.Target{Type: "order", ID: "1001", Source: "/shop", Title: "Order 1001", URL: "/orders/1001"},
		Data:   map[string]any{"step": "shipped", "progress": json.Number("60"), "carrier": "DHL"},
	}
	with := func(change func(e *event.Event)) event.Event {
		e := full
		e.Data = map[string]any{"step": "shipped", "progress": json.Number("60"), "carrier": "DHL"}
		change(&e)
		return e
	}
	tests := []struct {
		name, body string
		want       event.Event
	}{
		{"as it is", shipped(), full},
		{"without a prefix", shipped("com.example. => "), full},
		{"the number alone", shipped("order/1001 => 1001", `"title": "Order 1001",  => `), full},
		{"without a title", shipped(`"title": "Order 1001",  => `), full},
		{"shared", shipped(`"customer": "bob" => "recipients": ["bob", "carol"]`), with(func(e *event.Event) { e.Recipients = []string{"bob", "carol"} })},
		{"delivered", shipped("order.shipped => order.delivered"), with(func(e *event.Event) {
			e.Type, e.Data["step"], e.Data["progress"] = "order.delivered", "delivered", json.Number("100")
		})},
		{"cancelled", shipped("order.shipped => order.cancelled"), with(func(e *event.Event) {
			e.Type, e.Data["step"] = "order.cancelled", "cancelled"
			delete(e.Data, "progress")
		})},
		{"on its way", shipped(`"carrier": "DHL" => "carrier": "DHL", "tracking": "JD01", "expectedAt": "2026-11-24"`), with(func(e *event.Event) {
			e.Data["tracking"], e.Data["expectedAt"] = "JD01", "2026-11-24"
		})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sourcetest.Start(t, newSource(), nil)
			s.Send(t, request(strings.NewReader(test.body)))
			if diff := cmp.Diff([]event.Event{test.want}, s.Published(t)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBinaryModeAndBatches(t *testing.T) {
	t.Parallel()
	s := sourcetest.Start(t, newSource(), nil)
	r := request(strings.NewReader(`{"customer": "bob"}`))
	for name, value := range map[string]string{"Content-Type": "application/json", "Ce-Specversion": "1.0", "Ce-Id": "b", "Ce-Source": "/shop", "Ce-Type": "order.placed", "Ce-Subject": "order/7"} {
		r.Header.Set(name, value)
	}
	if got := s.Send(t, r); !cmp.Equal(got.IDs, []string{"b"}) {
		t.Errorf("binary: got %v", got)
	}
	r = request(strings.NewReader("[" + shipped() + "," + shipped("e-17 => e-18", "order.shipped => order.packed") + "," + shipped("e-17 => e-19") + "]"))
	r.Header.Set("Content-Type", "application/cloudevents-batch+json")
	if got := s.Send(t, r); !cmp.Equal(got.IDs, []string{"e-17", "e-19"}) {
		t.Errorf("batch: got %v, want what is known", got)
	}
	if got := s.Send(t, request(strings.NewReader(shipped("order.shipped => order.packed")))); !strings.Contains(got.Why, "unknown event type com.example.order.packed") {
		t.Errorf("an unknown step: got %+v", got)
	}
}

// A batch without times is what happened, in its order: the last step must be the one that the item shows.
func TestABatchWithoutTimesKeepsItsOrder(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/way.json")
	if err != nil {
		t.Fatal(err)
	}
	s := sourcetest.Start(t, newSource(), nil)
	r := request(strings.NewReader(string(raw)))
	r.Header.Set("Content-Type", "application/cloudevents-batch+json")
	s.Send(t, r)
	events := s.Published(t)
	slices.SortFunc(events, func(a, b event.Event) int { return a.Time.Compare(b.Time) })
	var got []string
	for _, e := range events {
		got = append(got, e.Type)
	}
	want := []string{"order.placed", "order.paid", "order.shipped", "order.out_for_delivery", "order.delivered"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for i := range events[1:] {
		if !events[i].Time.Before(events[i+1].Time) {
			t.Error("two steps at the same time")
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, field string }{
		"no customer":    {shipped(`"customer": "bob",  => `), "data.customer"},
		"no subject":     {shipped(`"subject": "order/1001", => `), "subject"},
		"no such uid":    {shipped("bob => b/o"), "recipients[0]"},
		"data of a kind": {shipped(`"customer": "bob" => "customer": 7`), "data.customer"},
		"no id":          {shipped(`"id": "e-17",  => `), "id"},
		"one of a batch": {"[" + shipped() + "," + shipped(`"customer": "bob",  => `) + "]", "data.customer"},
	} {
		s := sourcetest.Start(t, newSource(), nil)
		r := request(strings.NewReader(c.body))
		if strings.HasPrefix(c.body, "[") {
			r.Header.Set("Content-Type", "application/cloudevents-batch+json")
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		var p struct{ Errors event.FieldErrors }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusBadRequest || len(p.Errors) == 0 || p.Errors[0].Field != c.field {
			t.Errorf("%s: got %d %s, want a 400 that names %s", name, w.Code, w.Body, c.field)
		}
		if strings.Contains(w.Body.String(), "Go ") || strings.Contains(w.Body.String(), "json:") {
			t.Errorf("%s: got %s, which speaks of Go's types", name, w.Body)
		}
		if len(s.PubSub.Messages()) != 0 {
			t.Errorf("%s: something was published", name)
		}
	}
}

// FuzzOrders: whatever an order system posts, in any of the three forms of CloudEvents, the function answers without a 5xx.
func FuzzOrders(f *testing.F) {
	way, err := os.ReadFile("testdata/way.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("application/cloudevents+json", "", "", []byte(shipped()))
	f.Add("application/cloudevents-batch+json", sourcetest.Compress, "", way)
	f.Add("application/json", "", "7", []byte(`{"customer": "bob", "expectedAt": "2026-11-24"}`))
	f.Add("text/plain; charset=utf-16", "gzip", "%C0", []byte("\x1f\x8b"))
	door := sourcetest.NewDoor(f, newSource())
	f.Fuzz(func(t *testing.T, contentType, encoding, id string, body []byte) {
		h := http.Header{}
		r := request(bytes.NewReader(sourcetest.Coded(h, encoding, body)))
		r.Header["Content-Encoding"] = h["Content-Encoding"]
		r.Header.Set("Content-Type", contentType)
		if id != "" {
			for name, value := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": id, "Ce-Source": "/shop", "Ce-Type": "order.placed", "Ce-Subject": "order/" + id} {
				r.Header.Set(name, value)
			}
		}
		door.Gets(t, r)
	})
}
