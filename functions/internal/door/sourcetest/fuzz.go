package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/source"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// Door is a source's whole function for a fuzz test: any request gets an answer that is not 5xx, and whatever it makes is published as
// events that a subscriber reads.
type Door struct {
	handler http.Handler
	sink    *topicstest.Sink
}

// NewDoor serves the source. Its logins are all linked, to uids that are the logins.
func NewDoor(t testing.TB, src source.Source) *Door {
	t.Helper()
	d := &Door{}
	sink, publisher := topicstest.NewSink(t)
	d.sink = sink
	d.handler = door.NewWebhook(door.Webhook{
		Source: src, Log: slog.New(slog.DiscardHandler),
		Identities: func(_ context.Context, _ string, logins []string) (map[string]string, error) {
			uids := map[string]string{}
			for _, login := range logins {
				uids[login] = "uid"
			}
			return uids, nil
		},
		Members: func(context.Context, string) (bool, error) { return true, nil },
		Intake: &intake.Intake{
			Catalog: shipped(t), Publisher: publisher, Now: func() time.Time { return Now },
			Ledger: func(_ context.Context, receipts []event.Receipt) ([]event.Receipt, error) { return receipts, nil },
			Schedule: func(_ context.Context, events []event.Scheduled) ([]error, error) {
				return make([]error, len(events)), nil
			},
		},
	})
	return d
}

// Gets posts what the source's sender signs, and holds the function to its promises.
func (d *Door) Gets(t testing.TB, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	Answered(t, w)
	for _, m := range d.sink.Take() {
		e, err := topics.Decode(topics.PushedMessage{MessageID: "1", Data: m.Data, Attributes: m.Attributes, PublishTime: Now})
		if err != nil {
			t.Fatalf("published, but cannot be read: %v\n%s", err, m.Data)
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(m.Data, again.Data) {
			t.Errorf("%v; -published +sent on:\n%s", err, cmp.Diff(string(m.Data), string(again.Data)))
		}
		rewritten, err := json.Marshal(e.Event)
		if err != nil || !bytes.Equal(m.Data, rewritten) {
			t.Errorf("%v; -published +written again:\n%s", err, cmp.Diff(string(m.Data), string(rewritten)))
		}
	}
}

// Answered holds an answer to what every door promises, whatever came: no 5xx, and JSON, which is a problem where it is a refusal.
func Answered(t testing.TB, w *httptest.ResponseRecorder) {
	t.Helper()
	want := "application/json"
	if w.Code >= 400 {
		want = "application/problem+json"
	}
	if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != want {
		t.Errorf("got %d %s %s, want no 5xx, and %s", w.Code, w.Header().Get("Content-Type"), w.Body, want)
	}
}

// Compress is the Content-Encoding for which [Coded] compresses the body itself, since no fuzzer finds a checksum.
const Compress = "compress it"

var writers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.HuffmanOnly) // which is a level
	return z
}}

// Coded gives a request's headers that Content-Encoding, and returns the body in it.
func Coded(header http.Header, encoding string, body []byte) []byte {
	if encoding != "" && encoding != Compress {
		header.Set("Content-Encoding", encoding)
	}
	if encoding != Compress {
		return body
	}
	header.Set("Content-Encoding", "gzip")
	z := writers.Get().(*gzip.Writer)
	defer writers.Put(z)
	var b bytes.Buffer // which takes everything
	z.Reset(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}
