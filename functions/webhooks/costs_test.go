package webhooks

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/tap"
	"tidings.dev/functions/webhooks/guard"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// What functions/README.md says, counted on the wire: two writes for a message that is delivered at once, a read a minute for what is off; a read for each endpoint a
// minute; a write for each further attempt.
func TestWhatAMessageCosts(t *testing.T) { // not parallel: it sets the emulator's address
	project := firestoretest.Project(t)
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	s, err := store.Open(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var answer int
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	t.Cleanup(receiver.Close)
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	r := &rig{Store: s, Handler: New(Needs{
		Endpoints: webhook.Endpoints{{Name: "shop", URL: receiver.URL}, {Name: "crm", URL: receiver.URL}}, Client: guard.Client(guard.Options{Loopback: true}), Store: s,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})}
	step := func(name string, do func(), reads, writes int64) {
		t.Helper()
		before := wire.Counts()
		do()
		if c := wire.Counts().Sub(before); c.Reads != reads || c.Writes != writes || c.Deletes != 0 {
			t.Errorf("%s: %d reads, %d writes and %d deletes; want %d and %d", name, c.Reads, c.Writes, c.Deletes, reads, writes)
		}
	}
	answer = 200
	step("the first message", func() { r.tell(t, message("shop", "e1")) }, 1, 2)
	step("the next one", func() { r.tell(t, message("shop", "e2")) }, 0, 2)
	step("a minute in which nothing is due", func() { r.tick(t) }, 2, 0)
	answer = 500
	step("one that fails", func() { r.tell(t, message("shop", "e3")) }, 0, 2)
	now = now.Add(30 * time.Second)
	step("its second attempt", func() { r.tick(t) }, 2, 1)
}
