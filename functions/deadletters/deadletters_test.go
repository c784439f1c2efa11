//go:build unix

package deadletters_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/deadletters"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics/topicstest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// A replayed letter keeps what makes it the same message: its place in an audience, its origin, and the item that it is about.
func TestReplayKeepsWhatTheMessageWas(t *testing.T) {
	t.Parallel()
	const like = `{"id":"1","source":"s","type":"post.liked","recipients":["bob","eve"],"actor":{"id":"alice"},"target":{"type":"post","id":"1"}}`
	tests := []struct {
		name       string
		letter     store.DeadLetter
		want       int
		data       bool
		attributes map[string]string
	}{
		{"an event", store.DeadLetter{Data: like, Recipients: []string{"bob"}, Attributes: map[string]string{"origin": "events-notify-1", "devices": "phone", "notBefore": "2030-01-01T00:00:00Z", "tries": "20", "lane": "events-urgent", "why": "audience:crew", "acceptedAt": "2029-01-01T00:00:00Z", "newer": "kept"}},
			http.StatusAccepted, true, map[string]string{"lane": "events-urgent", "why": "audience:crew", "acceptedAt": "2029-01-01T00:00:00Z", "newer": "kept", "origin": "events-notify-1", "ce-id": "1", "ce-source": "s", "ce-type": "post.liked"}},
		{"an item to look at", store.DeadLetter{Attributes: map[string]string{"item": "i", "uid": "bob", "origin": "events-notify-2", "devices": "phone"}},
			http.StatusAccepted, false, map[string]string{"item": "i", "uid": "bob", "origin": "events-notify-2", "lane": "events"}},
		{"nonsense", store.DeadLetter{Data: "{", Attributes: map[string]string{}}, http.StatusConflict, false, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, publisher := topicstest.Start(t)
			s, err := store.Open(t.Context(), firestoretest.Project(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			test.letter.ID = "x"
			if err := s.Bury(t.Context(), test.letter); err != nil {
				t.Fatal(err)
			}
			fn := (&deadletters.Function{Store: s, Publisher: publisher, Now: time.Now, Log: slog.New(slog.DiscardHandler)}).Routes()
			w := httptest.NewRecorder()
			fn.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/dead-letters/x:replay", nil))
			if w.Code != test.want {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, test.want)
			}
			messages := server.Messages()
			if test.attributes == nil {
				if len(messages) > 0 {
					t.Errorf("got %d messages, want none", len(messages))
				}
				return
			}
			if len(messages) != 1 || (len(messages[0].Data) > 0) != test.data {
				t.Fatalf("got %v, want one message, with data: %t", messages, test.data)
			}
			if diff := cmp.Diff(test.attributes, messages[0].Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}
