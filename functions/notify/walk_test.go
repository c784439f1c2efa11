package notify

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// walk delivers what the function publishes, as Pub/Sub would, each message so often, and returns how many there were.
func (r *rig) walk(t *testing.T, times int) int {
	t.Helper()
	handled := 0
	for ; handled < len(r.pubsub.Messages()); handled++ {
		m := r.pubsub.Messages()[handled]
		for range times {
			r.forget() // another instance, or one that crashed before it could answer
			if code := r.deliver(t, "events-notify", m.ID, m.Data, m.Attributes); code != http.StatusNoContent {
				t.Fatalf("message %d: got %d", handled, code)
			}
		}
	}
	return handled
}

// toAll is an announcement to the audience "all".
func (r *rig) toAll() event.Event {
	return event.Event{ID: "1", Source: "test", Type: "system.announcement", Priority: event.High, Title: "Hello", Time: r.clock(), Audience: "all"}
}

// list fills an audience with so many people, in lists.
func (r *rig) list(t *testing.T, name string, people int) {
	t.Helper()
	for from := 0; from < people; from += stride {
		var uids []string
		for i := from; i < min(from+stride, people); i++ {
			uids = append(uids, fmt.Sprintf("u%04d", i))
		}
		_, err := r.firestore.Doc(fmt.Sprintf("audiences/%s/lists/%d", name, from)).Set(context.Background(), map[string]any{"uids": uids})
		must(t, err)
	}
}

// TestHowAnAudienceIsHandedOut: the smallest audiences at each boundary, of members and in lists, and who is told why.
func TestHowAnAudienceIsHandedOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ people, messages int }{
		{0, 0}, {1, 0}, {share, 0}, // the message tells them itself
		{share + 2, 2},      // in shares; one is the actor
		{stride, 4 + 1},     // whether anybody follows, only the next step can know
		{stride + 1, 4 + 1}, // who tells the one that is left
		{stride + share + 1, 4 + 1 + 2},
	} {
		for form, fill := range map[string]func(r *rig){
			"members": func(r *rig) { r.audience(t, "all", test.people, false) },
			"lists":   func(r *rig) { r.list(t, "all", test.people) },
		} {
			t.Run(fmt.Sprint(test.people, " ", form), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				fill(r)
				e := r.toAll()
				e.Actor.ID = "u0003"
				r.post(t, "first", e)
				if got := r.walk(t, 1); got != test.messages {
					t.Errorf("got %d further messages, want %d", got, test.messages)
				}
				docs, err := r.firestore.CollectionGroup("notifications").Where("why", "==", "audience:all").Documents(context.Background()).GetAll()
				must(t, err)
				want := test.people
				if want > 3 {
					want-- // all but the actor
				}
				if len(docs) != want {
					t.Errorf("got %d items, want %d", len(docs), want)
				}
			})
		}
	}
}

// TestAnAudienceInListsCostsAReadForEachPerson: their profile. The lists, and looking for more of them, are a few more.
func TestAnAudienceInListsCostsAReadForEachPerson(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	const people = 2*stride + 10
	r.list(t, "all", people)
	counted, wire := r.other(t)
	counted.post(t, "first", r.toAll())
	counted.walk(t, 1)
	if c := wire.Counts(); c.Writes < people || c.Reads > people+people/100 {
		t.Errorf("%d people cost %d reads and %d writes, want %d reads and a hundredth", people, c.Reads, c.Writes, people)
	}
}

// Nobody is told by a list that cannot be read, and the dead letter says which it is.
func TestABadListIsADeadLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.list(t, "all", 3)
	_, err := r.firestore.Doc("audiences/all/lists/1").Set(context.Background(), map[string]any{"uids": []any{"bob", 7}})
	must(t, err)
	r.post(t, "first", r.toAll())
	letters := r.deadLetters(t)
	if len(letters) != 1 || !strings.Contains(letters[0].Reason, "list 1: uids[1]") {
		t.Errorf("got %+v, want one dead letter that names the list and the place in it", letters)
	}
}

var (
	audienceSize = flag.Int("audience", stride+share+50, "how many people TestAnAudienceIsWalkedOnce tells")
	fcmTakes     = flag.Duration("fcm", 200*time.Millisecond, "how long FCM takes for each push there")
)

// TestAnAudienceIsWalkedOnceAlsoWhileFCMIsSlow: each step of it comes twice, and so does a share; it reads no more than an undisturbed
// walk but for that share, and everybody is told once.
func TestAnAudienceIsWalkedOnceAlsoWhileFCMIsSlow(t *testing.T) { // not parallel: it sets the environment
	members := *audienceSize
	walk := func(again bool) (reads int64, calls map[string]int, messages int) {
		r := newRig(t)
		r.audience(t, "all", members, true)
		counted, wire := r.other(t)
		if again {
			r.slow = *fcmTakes
		}
		counted.post(t, "first", r.toAll())
		shares := 0
		for handled := 0; handled < len(r.pubsub.Messages()); handled++ {
			m := r.pubsub.Messages()[handled]
			envelope, err := topics.Decode(topics.PushedMessage{Data: m.Data, Attributes: m.Attributes})
			must(t, err)
			step := envelope.Walk != topics.Walk{}
			if !step {
				shares++
			}
			for range 2 {
				if code := counted.deliver(t, "events-notify", m.ID, m.Data, m.Attributes); code != http.StatusNoContent {
					t.Fatalf("message %d: got %d", handled, code)
				}
				if !again || !step && shares != 2 {
					break
				}
				counted.forget() // it crashed before it could answer, and remembers nothing
			}
			if again && handled == 0 {
				counted.forget()
				counted.post(t, "first", r.toAll())
			}
		}
		return wire.Counts().Reads, r.calls, len(r.pubsub.Messages())
	}
	undisturbed, _, messages := walk(false)
	disturbed, calls, more := walk(true)
	// Each step is asked once more whether it was taken, and an empty one looks again for members and for a cancellation; a share looks for that, too, and
	// reads profile and item again.
	steps := int64(members/stride + 1)
	if most := undisturbed + 1 + 3*share + 3*steps; disturbed > most || more != messages {
		t.Errorf("%d reads and %d messages, want at most %d and %d: something was handed out twice", disturbed, more, most, messages)
	}
	told, twice := 0, 0
	for _, n := range calls {
		told++
		if n > 1 {
			twice++
		}
	}
	if told != members || twice > share { // whom the share that came twice had told, the instance that had forgotten it tells again
		t.Errorf("%d of %d were told, %d of them more than once", told, members, twice)
	}
}

// TestManyWhoWereToldAreToldOfTheEnd: nobody is named, they are more than a message tells, and why they are told stays.
func TestManyWhoWereToldAreToldOfTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const members = share + 20
	r.audience(t, "all", members, false)
	opened := event.Event{ID: "1", Source: "test", Type: "incident.opened", Time: r.clock(), Title: "Disk full", Audience: "all", Target: event.Target{Type: "incident", ID: "7"}}
	r.post(t, "opened", opened)
	r.walk(t, 1)
	over := opened
	over.ID, over.Type, over.Audience, over.Title = "2", "incident.resolved", "", "Disk has room"
	r.advance(time.Second)
	over.Time = r.clock()
	r.post(t, "resolved", over)
	for handled, m := range r.pubsub.Messages() {
		if m.Attributes["notBefore"] == "" {
			if code := r.deliver(t, "events-notify", m.ID, m.Data, m.Attributes); code != http.StatusNoContent {
				t.Fatalf("message %d: got %d", handled, code)
			}
		}
	}
	docs, err := r.firestore.CollectionGroup("notifications").Where("why", "==", "audience:all").Documents(context.Background()).GetAll()
	must(t, err)
	ended := 0
	for _, doc := range docs {
		if doc.Data()["type"] == "incident.resolved" {
			ended++
		}
	}
	if len(docs) != members || ended != members {
		t.Errorf("%d of %d items say that it is over, want %d", ended, len(docs), members)
	}
}
