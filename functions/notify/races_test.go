package notify

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// other is a second instance on the same database, with a tap to it.
func (r *rig) other(t *testing.T) (*rig, *tap.Tap) {
	t.Helper()
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	must(t, err)
	t.Cleanup(func() { wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	project := strings.Split(r.firestore.Doc("users/bob").Path, "/")[1]
	st, err := store.Open(context.Background(), project)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	second := &rig{firestore: r.firestore, pubsub: r.pubsub, now: r.now}
	second.use(Needs{Catalog: r.Catalog, Store: st, Publisher: r.Publisher, Sender: r.Sender, Now: r.Now, Log: r.Log})
	return second, wire
}

// TestALateEventAndItsRetractionAtOnce: one instance has read and is about to write, when another one handles the rival from
// beginning to end. They concern different windows, so no write is refused.
func TestALateEventAndItsRetractionAtOnce(t *testing.T) { // not parallel: it sets the environment
	tests := map[string]struct{ event, retraction time.Duration }{
		"hours apart":            {-2 * time.Hour, 0},
		"in the next window":     {-6 * time.Minute, 0},
		"both of another window": {-3 * time.Hour, -2 * time.Hour},
	}
	for name, tc := range tests {
		for _, first := range []string{"event", "retraction"} {
			t.Run(name+", "+first+" first", func(t *testing.T) {
				r := newRig(t)
				slow, wire := r.other(t)
				like := r.like("alice", tc.event, "bob")
				back := r.like("alice", tc.retraction, "bob")
				back.Retract = true
				begin, end := like, back
				if first == "retraction" {
					begin, end = back, like
				}
				atWrite, goOn := make(chan struct{}), make(chan struct{})
				held := false
				wire.Disturb(func(method string) tap.Fault {
					if method == "BatchWrite" && !held { // the first of the only request's calls
						held = true
						close(atWrite)
						<-goOn
					}
					return tap.Fault{}
				})
				done := make(chan struct{})
				go func() {
					defer close(done)
					slow.post(t, "m-begin", begin)
				}()
				select {
				case <-atWrite:
				case <-done:
					t.Fatal("it wrote nothing, so nobody else can know of it")
				}
				r.post(t, "m-end", end)
				close(goOn)
				<-done
				if got := r.inbox(t, "bob"); len(got) != 0 {
					t.Errorf("got %q, want nothing: it was taken back", got)
				}
				r.post(t, "m-again", like)
				if got := r.inbox(t, "bob"); len(got) != 0 {
					t.Errorf("delivered again: got %q, want nothing", got)
				}
			})
		}
	}
}

// TestTheEndOfAWindowIsNotDear: whatever is under way when a window ends has come late. It is looked up by keys, in the same two
// calls as ever, and once more after it was written; a query for each recipient and group held up everything for seconds.
func TestTheEndOfAWindowIsNotDear(t *testing.T) { // not parallel: it sets the environment
	r, wire := newRig(t).other(t)
	var mu sync.Mutex
	calls := map[string]int{}
	wire.Disturb(func(method string) tap.Fault {
		mu.Lock()
		defer mu.Unlock()
		calls[method]++
		return tap.Fault{}
	})
	r.post(t, "m", r.like("alice", -time.Second, "bob", "carol", "dave")) // it is nine o'clock: the next window has begun
	for _, uid := range []string{"bob", "carol", "dave"} {
		if got := r.inbox(t, uid); len(got) != 1 {
			t.Errorf("%s: got %q, want one item", uid, got)
		}
	}
	if calls["RunQuery"] > 0 {
		t.Errorf("calls = %v, want no query", calls)
	}
	back := r.like("alice", 0, "bob")
	back.Retract = true
	if r.post(t, "m-back", back); calls["RunQuery"] == 0 {
		t.Errorf("calls = %v: this test sees no queries", calls)
	}
}

// TestALostRaceIsRunAgain: one instance has read and is about to write, when another one writes the same item. What lost is
// read and folded again at once; the retry topic, and its wait, are for what cannot be solved here.
func TestALostRaceIsRunAgain(t *testing.T) { // not parallel: it sets the environment
	for _, test := range []string{"a new item", "an item that is there"} {
		t.Run(test, func(t *testing.T) {
			r := newRig(t)
			slow, wire := r.other(t)
			want := "Dave and Carol liked your post"
			if test != "a new item" {
				r.post(t, "m-before", r.like("alice", -time.Second, "bob"))
				want = "Dave and 2 others liked your post"
			}
			atWrite, goOn := make(chan struct{}), make(chan struct{})
			hold := sync.OnceFunc(func() { close(atWrite); <-goOn })
			wire.Disturb(func(method string) tap.Fault {
				if method == "BatchWrite" {
					hold()
				}
				return tap.Fault{}
			})
			done := make(chan struct{})
			go func() {
				defer close(done)
				slow.post(t, "m-slow", r.like("carol", 0, "bob"))
			}()
			<-atWrite
			r.post(t, "m-fast", r.like("dave", time.Second, "bob"))
			close(goOn)
			<-done
			if got := r.inbox(t, "bob"); len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := r.retried(t); len(got) != 0 {
				t.Errorf("%d messages on the retry topic, want none", len(got))
			}
		})
	}
}

// TestAnItemThatChangesWhileItsMembersAreRead: one instance has read a large item and is about to read its members, when another one adds the first member of
// a new kind to both. The first one reads both again; a fold of the two would end the code, and bury an event that has nothing wrong.
func TestAnItemThatChangesWhileItsMembersAreRead(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	for i := range inbox.InlineMax + 2 {
		r.post(t, fmt.Sprint("m", i), r.like(fmt.Sprint("fan", i), time.Duration(i)*time.Millisecond, "bob"))
	}
	slow, wire := r.other(t)
	atParts, goOn := make(chan struct{}), make(chan struct{})
	hold := func() { close(atParts); <-goOn }
	var alone atomic.Int32
	wire.Disturb(func(method string) tap.Fault {
		if method == "GetDocument" && alone.Add(1) == 2 { // after the item that the query for its actor finds: the one part
			hold()
		}
		return tap.Fault{}
	})
	unlike, again := r.like("fan1", 2*time.Second, "bob"), r.like("fan1", time.Second, "bob")
	unlike.Retract, again.Priority = true, event.High
	done := make(chan struct{})
	go func() {
		defer close(done)
		slow.post(t, "m-unlike", unlike)
	}()
	<-atParts
	r.post(t, "m-again", again)
	close(goOn)
	<-done
	if letters, retried := r.deadLetters(t), r.retried(t); len(letters) > 0 || len(retried) > 0 {
		t.Errorf("%d letters and %d messages on the retry topic, want none: %+v", len(letters), len(retried), letters)
	}
	if got, want := r.inbox(t, "bob"), fmt.Sprintf("Fan%d and %d others liked your post", inbox.InlineMax+1, inbox.InlineMax); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestAnAudienceThatCannotBeReadIsHandedOver as it came: nobody knows yet whom it concerns.
func TestAnAudienceThatCannotBeReadIsHandedOver(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	broken, wire := r.other(t)
	_, err := r.firestore.Doc("audiences/crew/members/bob").Set(t.Context(), map[string]any{"since": r.now})
	must(t, err)
	wire.Disturb(func(method string) tap.Fault {
		if method == "RunQuery" {
			return tap.Fault{Code: codes.Aborted}
		}
		return tap.Fault{}
	})
	e := r.like("alice", 0)
	e.Audience = "crew"
	broken.post(t, "m1", e)
	retried := r.retried(t)
	if len(retried) != 1 {
		t.Fatalf("%d messages on the retry topic, want 1", len(retried))
	}
	r.advance(time.Minute)
	if code := r.deliver(t, "events-retry-notify", "m2", retried[0].Data, retried[0].Attributes); code != http.StatusNoContent {
		t.Fatalf("got %d", code)
	}
	if got := r.inbox(t, "bob"); len(got) != 1 {
		t.Errorf("got %q, want the like", got)
	}
}

// TestTakingBackReadsWhatTheActorLeft: on a post that was liked all day by others, one of them takes their like back, and a like comes hours late. Neither
// reads what the others did.
func TestTakingBackReadsWhatTheActorLeft(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	for i := range 40 {
		r.post(t, fmt.Sprint("fan", i), r.like(fmt.Sprint("fan", i), 0, "bob"))
		r.advance(10 * time.Minute)
	}
	wired, wire := r.other(t)
	reads := func(e event.Event) int64 {
		before := wire.Counts()
		e.ID = fmt.Sprint("e", before)
		wired.post(t, e.ID, e)
		return wire.Counts().Sub(before).Reads
	}
	unlike := r.like("fan3", 0, "bob")
	unlike.Retract = true
	// The profile, two windows by their ids, the one that is found, and a query for parts that finds nothing. Both look twice, and the retraction
	// then finds what it noted in two more windows. An event that is late asks before whether everybody was told of a retraction.
	if got := reads(unlike); got != 12 {
		t.Errorf("taking back reads %d documents, want 12", got)
	}
	if got := reads(r.like("fan99", -365*time.Minute, "bob")); got != 11 {
		t.Errorf("a late like reads %d documents, want 11", got)
	}
	if titles := r.inbox(t, "bob"); len(titles) != 40 {
		t.Errorf("%d items, want 40: one is gone, and one came: %q", len(titles), titles)
	}
}
