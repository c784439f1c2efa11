package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/functions/publish"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// FuzzEvents: whatever a producer posts, as JSON or as CloudEvents in structured mode, as a batch or in headers, plain or compressed, gets
// an answer that is not 5xx. What is accepted is published, or kept until its sendAt, as an event that is the same when it was read and
// written again.
func FuzzEvents(f *testing.F) {
	const (
		own        = `{"id":"1","type":"post.liked","actor":{"id":"alice","name":"Zoë"},"target":{"type":"post","id":"42","url":"/posts/42"},"recipients":["bob"],"data":{"n":1.50,"l":[{}]}}`
		structured = `{"specversion":"1.0","id":"1","source":"/shop","type":"post.liked","subject":"post/42","time":"2026-11-21T09:00:00Z","data":{"actor":{"id":"alice"},"recipients":["bob"]}}`
	)
	f.Add("application/json", "", "", "", []byte(own))
	f.Add("application/json", sourcetest.Compress, "key", "", []byte("["+own+`,{"type":"info","title":"t","audience":"staff","sendAt":"2026-11-22T09:00:00Z"}]`))
	f.Add("application/cloudevents+json", "", "", "", []byte(structured))
	f.Add("application/cloudevents-batch+json", "", "", "", []byte("["+structured+","+structured+"]"))
	f.Add("application/json", "", "", "%2F1", []byte(`{"title":"t","recipients":["bob"],"retract":true}`))
	f.Add("application/cloudevents+json", "gzip", "", "", []byte("\x1f\x8b"))
	f.Add("text/plain", "br", "\xff", "\"", []byte(`{"data_base64":"?"}`))
	p := newFuzzedDoor(f)
	f.Fuzz(func(t *testing.T, contentType, encoding, key, id string, body []byte) {
		h := http.Header{}
		r := httptest.NewRequest(http.MethodPost, "/v1/events", bytes.NewReader(sourcetest.Coded(h, encoding, body)))
		r.Header = h
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+p.token)
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		if id != "" {
			for name, value := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": id, "Ce-Source": "/shop", "Ce-Type": "post.liked", "Ce-Subject": "post/" + id} {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		p.handler.ServeHTTP(w, r)
		sourcetest.Answered(t, w)
		p.survives(t)
	})
}

// fuzzedDoor is the function with a Pub/Sub and a Firestore that take everything.
type fuzzedDoor struct {
	handler http.Handler
	token   string
	sink    *topicstest.Sink
	kept    []event.Scheduled
}

func newFuzzedDoor(f testing.TB) *fuzzedDoor {
	cat, err := catalog.New()
	if err != nil {
		f.Fatal(err)
	}
	p := &fuzzedDoor{token: googleToken(nil)}
	clock := func() time.Time { return now }
	sink, publisher := topicstest.NewSink(f)
	p.sink = sink
	p.handler = publish.New(publish.Needs{
		Intake: &intake.Intake{
			Catalog: cat, Publisher: publisher, Now: clock,
			Ledger: func(_ context.Context, receipts []event.Receipt) ([]event.Receipt, error) { return receipts, nil },
			Schedule: func(_ context.Context, events []event.Scheduled) ([]error, error) {
				p.kept = append(p.kept, events...)
				return make([]error, len(events)), nil
			},
		},
		Producers: &producers.Allowed{Grants: grantsOf(f, cat, everything), Audience: audience, Google: google},
		Now:       clock, Log: slog.New(slog.DiscardHandler),
	})
	return p
}

// survives holds what was accepted to being the same event once it was read and written again.
func (p *fuzzedDoor) survives(t *testing.T) {
	t.Helper()
	for _, m := range p.sink.Take() {
		e, err := topics.Decode(topics.PushedMessage{MessageID: "1", Data: m.Data, Attributes: m.Attributes, PublishTime: now})
		if err != nil {
			t.Fatalf("published, but cannot be read: %v\n%s", err, m.Data)
		}
		again, err := json.Marshal(e.Event)
		if err != nil || !bytes.Equal(m.Data, again) {
			t.Errorf("%v; -published +written again:\n%s", err, cmp.Diff(string(m.Data), string(again)))
		}
	}
	kept := p.kept
	p.kept = nil
	for _, s := range kept {
		once, err := json.Marshal(s.Event)
		if err != nil {
			t.Fatalf("kept, but cannot be written: %v", err)
		}
		read, err := event.Decode(once)
		if err != nil {
			t.Fatalf("kept, but cannot be read: %v\n%s", err, once)
		}
		if twice, err := json.Marshal(read); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%v; -once +twice:\n%s", err, cmp.Diff(string(once), string(twice)))
		}
	}
}
