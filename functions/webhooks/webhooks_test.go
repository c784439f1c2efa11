package webhooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// What is told arrives at once, signed by each key, and however often it is told, once.
func TestAMessageArrivesOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := message("shop", "e1")
	for range 3 {
		r.tell(t, m)
	}
	r.tick(t)
	r.pass(2 * time.Hour)
	r.tick(t)
	got := r.got()
	if len(got) != 1 || got[0].wrong != nil || got[0].id != m.ID || got[0].path != "/shop" || got[0].body != string(m.Body) {
		t.Fatalf("got %+v, want the message once, verified", got)
	}
	o := r.stored(t, m)
	if o.State != store.OutgoingDelivered || o.Attempts != 1 || o.Status != 204 || o.DeliveredAt.IsZero() || !o.NextAt.IsZero() {
		t.Errorf("the log has %+v", o)
	}
}

// A receiver that fails is asked ten times within 75 hours and some, each time at the attempt's own time and with the same id. Then its endpoint, which has taken
// nothing, is off.
func TestAReceiverThatFailsIsAskedFor75Hours(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"500": 500, "404": 404, "a redirect": 307, "400": 400} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.answers(status(code, "Location", "http://169.254.169.254/"))
			m, start := message("shop", "e1"), r.clock()
			r.tell(t, m)
			var attempts []request
			for o := r.stored(t, m); o.State == store.OutgoingPending; o = r.stored(t, m) {
				if len(attempts) > 0 {
					r.pass(o.NextAt.Sub(r.clock()) - time.Second)
					if r.tick(t); len(r.got()) > 0 {
						t.Fatalf("attempt %d came too early", o.Attempts+1)
					}
					r.pass(time.Second)
					r.tick(t)
				}
				for _, got := range r.got() {
					if got.wrong != nil || got.id != m.ID || got.at != r.clock().Truncate(time.Second) {
						t.Fatalf("attempt %d: got %+v at %s", len(attempts)+1, got, r.clock())
					}
					attempts = append(attempts, got)
				}
			}
			took := r.clock().Sub(start)
			if len(attempts) != 10 || took < 75*time.Hour || took > 84*time.Hour {
				t.Errorf("%d attempts within %s, want 10 within 75 hours and a tenth", len(attempts), took)
			}
			if o := r.stored(t, m); o.State != store.OutgoingFailed || o.Attempts != 10 || o.Status != code || !strings.Contains(o.Answer, fmt.Sprint("I am ", code)) && code != 307 {
				t.Errorf("the log has %+v", o)
			}
			if r.logged("webhook given up") != 1 || r.logged("webhook switched off") != 1 {
				t.Errorf("operators are not told: %s", r.log)
			}
			r.tell(t, message("shop", "e2"))
			if got := r.got(); len(got) != 0 {
				t.Errorf("an endpoint that is off is told of %+v", got)
			}
		})
	}
}

// An endpoint that takes other messages stays on when one is given up.
func TestAnEndpointThatTakesOthersStaysOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bad := message("shop", "bad")
	r.answers(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("webhook-id") == bad.ID {
			status(500)(w, req)
		}
	})
	r.tell(t, bad)
	r.pass(time.Hour)
	r.tell(t, message("shop", "good"))
	for r.stored(t, bad).State == store.OutgoingPending {
		r.pass(27 * time.Hour)
		r.tick(t)
	}
	if r.logged("webhook given up") != 1 || r.logged("webhook switched off") != 0 {
		t.Errorf("the log is %s", r.log)
	}
}

// 410 ends the sending at once. Once an operator has switched it on again, nothing is missing.
func TestGoneSwitchesOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.answers(status(http.StatusGone))
	first, second := message("shop", "e1"), message("shop", "e2")
	r.tell(t, first)
	r.answers(nil)
	r.tell(t, second)
	r.pass(80 * time.Hour)
	r.tick(t)
	if got := r.got(); len(got) != 1 || got[0].id != first.ID {
		t.Fatalf("got %+v, want the first message alone", got)
	}
	if r.logged("webhook switched off") != 1 {
		t.Errorf("operators are not told: %s", r.log)
	}
	if list := r.call(t, "GET", "/v1/webhooks", "", 200); strings.Count(list, `"off":`) != 1 || !strings.Contains(list, "410 Gone") {
		t.Errorf("the list is %s", list)
	}
	if refusal := r.call(t, "POST", "/v1/outgoing/"+first.ID+":replay", "", http.StatusConflict); !strings.Contains(refusal, "410 Gone") {
		t.Errorf("the replay says %s", refusal)
	}
	r.tell(t, message("desk", "e3")) // another endpoint is not concerned
	if got := r.got(); len(got) != 1 || got[0].path != "/desk" {
		t.Errorf("got %+v, want what the other endpoint is told", got)
	}
	r.call(t, "POST", "/v1/webhooks/shop:on", "", http.StatusNoContent)
	r.tick(t)
	if got := r.got(); len(got) != 2 {
		t.Errorf("got %+v after it was switched on, want both", got)
	}
	for _, m := range []webhook.Message{first, second} {
		if o := r.stored(t, m); o.State != store.OutgoingDelivered {
			t.Errorf("the log has %+v", o)
		}
	}
}

// Retry-After holds, in seconds or as a date, for this message and for all that comes meanwhile.
func TestAReceiverThatAsksForTimeHasIt(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(now time.Time) (int, string){
		"429 in seconds": func(time.Time) (int, string) { return 429, "7200" },
		"503 by a date":  func(now time.Time) (int, string) { return 503, now.Add(2 * time.Hour).Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			code, after := answer(r.clock())
			r.answers(status(code, "Retry-After", after))
			first, second := message("shop", "e1"), message("shop", "e2")
			r.tell(t, first)
			r.answers(nil)
			r.tell(t, second)
			r.pass(2*time.Hour - time.Second)
			r.tick(t)
			if got := r.got(); len(got) != 1 {
				t.Fatalf("got %+v before the time, want the first attempt alone", got)
			}
			r.pass(15 * time.Minute)
			r.tick(t)
			if got := r.got(); len(got) != 2 {
				t.Errorf("got %+v after the time, want both", got)
			}
			if o := r.stored(t, first); o.State != store.OutgoingDelivered || o.Attempts != 2 {
				t.Errorf("the log has %+v", o)
			}
		})
	}
}

// One receiver hangs, at the most attempts that are made at a time; the other one has its messages meanwhile. What the first one does not get at once, it gets
// later.
func TestAReceiverThatHangsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	entered, hanging := make(chan struct{}, 100), make(chan struct{})
	r.answers(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/shop" {
			entered <- struct{}{}
			<-hanging
		}
	})
	done := make(chan struct{}, roomSize)
	for i := range roomSize {
		go func() {
			defer func() { done <- struct{}{} }()
			r.tell(t, message("shop", fmt.Sprint("e", i)))
		}()
	}
	for range roomSize {
		<-entered
	}
	over := message("shop", "one too many")
	r.tell(t, over)
	r.tell(t, message("desk", "e"))
	if o := r.stored(t, over); o.State != store.OutgoingPending || o.Attempts != 0 {
		t.Errorf("the log has %+v of what there was no room for", o)
	}
	if o := r.stored(t, message("desk", "e")); o.State != store.OutgoingDelivered {
		t.Errorf("the log has %+v of what another endpoint is told", o)
	}
	close(hanging)
	for range roomSize {
		<-done
	}
	r.tick(t)
	if o := r.stored(t, over); o.State != store.OutgoingDelivered {
		t.Errorf("the log has %+v after the next minute", o)
	}
}

// The minute job leaves alone what somebody is about to send.
func TestWhatIsUnderWayIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	entered, hanging := make(chan struct{}, 10), make(chan struct{})
	r.answers(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-hanging
	})
	m, done := message("shop", "e1"), make(chan struct{})
	go func() {
		defer close(done)
		r.tell(t, m)
	}()
	<-entered
	r.answers(nil)
	r.tick(t)
	close(hanging)
	<-done
	if got := r.got(); len(got) != 1 {
		t.Errorf("got %d requests, want the one that was under way", len(got))
	}
}

// A backlog is worked off a room at a time, and ends when the receiver is overloaded.
func TestABacklogLeavesAnOverloadedReceiverAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.answers(status(410))
	r.tell(t, message("shop", "first"))
	const backlog = 60
	for i := range backlog {
		r.tell(t, message("shop", fmt.Sprint("e", i)))
	}
	r.call(t, "POST", "/v1/webhooks/shop:on", "", http.StatusNoContent)
	r.got()
	var calls, most, now atomic.Int64
	r.answers(func(w http.ResponseWriter, req *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		if calls.Add(1) == 45 {
			status(502)(w, req)
		}
	})
	r.tick(t)
	if n := len(r.got()); n < 45 || n > 45+roomSize || most.Load() > roomSize {
		t.Errorf("%d attempts, at most %d at a time; want that they end some after the 45th", n, most.Load())
	}
	r.pass(6 * time.Minute)
	r.tick(t)
	if pending, _, err := r.OutgoingLog(t.Context(), store.OutgoingPending, "", 100); err != nil || len(pending) != 0 {
		t.Errorf("%d are left, %v", len(pending), err)
	}
}

// A process that dies between storing a message and storing what came of it leaves it to the minute job.
func TestAnAttemptThatDiesIsMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := message("shop", "e1")
	if _, err := r.AddOutgoing(t.Context(), m, r.clock(), r.clock().Add(lease)); err != nil {
		t.Fatal(err)
	}
	r.tell(t, m) // Pub/Sub delivers it another time
	if r.tick(t); len(r.got()) != 0 {
		t.Error("it is sent while somebody else may be about it")
	}
	r.pass(lease)
	if r.tick(t); len(r.got()) != 1 {
		t.Error("nobody sends it")
	}
}

// A large answer, or one that is no text, is cut and kept legible.
func TestAnAnswerIsKeptLegible(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write(bytes.Repeat([]byte("\xff\x00\u202eä"), 1<<20))
	})
	m := message("shop", "e1")
	r.tell(t, m)
	if o := r.stored(t, m); len(o.Answer) > maxKept || strings.ContainsAny(o.Answer, "\x00\u202e") || o.Answer == "" || o.Status != 500 {
		t.Errorf("kept %d bytes: %q", len(o.Answer), o.Answer)
	}
}

func TestWhatIsNoMessageIsLoggedAndOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, data := range []string{"", "no JSON", "{}", `{"id":"msg_1"}`, `{"id":"msg_1","endpoint":"shop"}`, "[]"} {
		r.push(t, []byte(data), http.StatusNoContent)
	}
	if n := r.logged("not a message to a product"); n != 6 || len(r.got()) != 0 {
		t.Errorf("%d lines, want 6", n)
	}
	r.call(t, "POST", "/webhooks", "no push", http.StatusBadRequest)
}

// What goes to an endpoint that is not configured, yet or any more, waits.
func TestAnUnknownEndpointsMessagesWait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := message("later", "e1")
	r.tell(t, m)
	r.tick(t)
	if o := r.stored(t, m); o.State != store.OutgoingPending || o.Attempts != 0 || len(r.got()) != 0 {
		t.Errorf("the log has %+v", o)
	}
	r.call(t, "POST", "/v1/outgoing/"+m.ID+":replay", "", http.StatusConflict)
}

func TestTheLogIsListedAndReplayed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.answers(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/shop" {
			w.WriteHeader(500)
		}
	})
	for i := range 5 {
		r.tell(t, message("shop", fmt.Sprint("e", i)))
		r.tell(t, message("desk", fmt.Sprint("e", i)))
		r.pass(time.Second)
	}
	for query, want := range map[string]int{
		"": 10, "?state=pending": 5, "?state=delivered": 5, "?state=failed": 0, "?endpoint=shop": 5, "?endpoint=nobody": 0, "?state=pending&endpoint=desk": 0,
	} {
		var list struct{ Messages []store.Outgoing }
		if err := json.Unmarshal([]byte(r.call(t, "GET", "/v1/outgoing"+query, "", 200)), &list); err != nil || len(list.Messages) != want {
			t.Errorf("%q: got %d, %v, want %d", query, len(list.Messages), err, want)
		}
	}
	for _, target := range []string{"GET /v1/outgoing?state=lost", "GET /v1/outgoing?cursor=x"} {
		method, path, _ := strings.Cut(target, " ")
		r.call(t, method, path, "", http.StatusBadRequest)
	}
	for _, target := range []string{
		"GET /v1/outgoing/none", "POST /v1/outgoing/none:replay", "POST /v1/outgoing/none", "POST /v1/webhooks/nobody:on", "POST /v1/webhooks/shop", "GET /v1/outgoing/%2F", "GET /v1/outgoing/__x__",
	} {
		method, path, _ := strings.Cut(target, " ")
		r.call(t, method, path, "", http.StatusNotFound)
	}
	m := message("shop", "e3")
	r.got()
	r.answers(nil)
	if shown := r.call(t, "POST", "/v1/outgoing/"+m.ID+":replay", "", 200); !strings.Contains(shown, `"state":"delivered"`) {
		t.Errorf("the replay shows %s", shown)
	}
	if got := r.got(); len(got) != 1 || got[0].id != m.ID {
		t.Errorf("got %+v, want the message with its id", got)
	}
	if shown := r.call(t, "GET", "/v1/outgoing/"+m.ID, "", 200); !strings.Contains(shown, `"state":"delivered"`) || !strings.Contains(shown, `"recipient":"bob"`) {
		t.Errorf("shown as %s", shown)
	}
	r.answers(status(500)) // what was delivered may be sent once more, and may fail then
	r.call(t, "POST", "/v1/outgoing/"+m.ID+":replay", "", 200)
	if o := r.stored(t, m); o.State != store.OutgoingPending || o.Attempts != 1 || o.NextAt.IsZero() || !o.DeliveredAt.IsZero() {
		t.Errorf("the log has %+v", o)
	}
}
