package deadletters

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"tidings.dev/shared/store/storetest"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// FuzzLetter: whatever Pub/Sub gives up on is kept, shown, and sent again as it was, or the answer says why it is not.
func FuzzLetter(f *testing.F) {
	for _, m := range []topics.PushedMessage{
		{MessageID: "1", Data: []byte(`{"id":"1","source":"s","type":"info","title":"t","recipients":["bob"],"later":1.50}`), Attributes: map[string]string{"lane": "events-urgent", "attempts": "3", "CloudPubSubDeadLetterSourceDeliveryCount": "20"}},
		{MessageID: "2", Attributes: map[string]string{"item": "i", "uid": "bob", "devices": "phone/tablet"}},
		{MessageID: "a/b", Data: []byte{0xff}, Attributes: map[string]string{"": "\xff", "__x__": "y"}},
		{MessageID: "3", Data: []byte("{}"), Attributes: map[string]string{"notBefore": "2030-01-01T00:00:00Z"}},
	} {
		raw, err := json.Marshal(topics.Pushed{Message: m, Subscription: "projects/p/subscriptions/dead-letters"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"message":{"messageId":":replay","publishTime":"9999-12-31T23:59:59-23:59"}}`))
	f.Add([]byte(`{"message":{"messageId":"1","data":"e30=","attributes":null}}`))
	documents, all := storetest.Open(f)
	sink, publisher := topicstest.NewSink(f)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	fn := New(Needs{Store: documents, Publisher: publisher, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	call := func(method, path string, body []byte) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(body)))
		return w
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		all.Clear()
		sink.Take()
		w := call(http.MethodPost, "/deadletters", body)
		pushed, err := topics.ReadPush(bytes.NewReader(body))
		if want := map[bool]int{true: http.StatusNoContent, false: http.StatusBadRequest}[err == nil]; w.Code != want {
			t.Fatalf("received: got %d %s, want %d", w.Code, w.Body, want)
		}
		if err != nil {
			return
		}
		id := "/v1/dead-letters/" + url.PathEscape(pushed.Key())
		if w := call(http.MethodGet, id, nil); w.Code != http.StatusOK && w.Code != http.StatusNotFound || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("shown: got %d %s", w.Code, w.Body)
		}
		w = call(http.MethodPost, id+":replay", nil)
		again := sink.Take()
		switch {
		case w.Code == http.StatusAccepted && len(again) == 1: // an order to look keeps its data only where they are a list of items
			if e, _ := topics.Decode(pushed.Message); !e.IsLook() && !bytes.Equal(again[0].Data, pushed.Message.Data) {
				t.Errorf("sent again as %q, was %q", again[0].Data, pushed.Message.Data)
			}
		case (w.Code == http.StatusConflict || w.Code == http.StatusNotFound) && len(again) == 0:
		default:
			t.Errorf("sent again: got %d %s and %d messages", w.Code, w.Body, len(again))
		}
	})
}
