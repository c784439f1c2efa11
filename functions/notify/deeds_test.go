package notify

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/topics/topicstest"
)

// deedsOf are the deeds of a person among facts without repeats, as "channel stage revision of item at seconds after the rig's beginning".
func deedsOf(facts []fact.Fact, uid string) (all []string) {
	begin := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, f := range fact.Once(facts) {
		if f.Person == topicstest.Key.Person(uid) && slices.Contains([]fact.Stage{fact.Seen, fact.Opened, fact.Acted, fact.Dismissed}, f.Stage) {
			all = append(all, fmt.Sprintf("%s %s %d of %s at %v", f.Channel, f.Stage, f.Revision, f.Item, f.HappenedAt.Time().Sub(begin)))
		}
	}
	slices.Sort(all)
	return all
}

// Whoever looks at an item, since a push of it is to be withdrawn or was held back, finds its marks, and tells them with their times.
func TestTheMarksOfAnItemThatIsLookedAtAreTold(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Date(2026, 11, 21, 9, 0, s, 0, time.UTC) }
	for name, tt := range map[string]struct {
		marks []firestore.Update
		want  []string
	}{
		"nothing": {nil, nil},
		"seen":    {[]firestore.Update{{Path: "seenAt", Value: at(3)}}, []string{"in_app seen 1 of ITEM at 3s"}},
		"opened": {[]firestore.Update{{Path: "seenAt", Value: at(3)}, {Path: "readAt", Value: at(7)}, {Path: "followedAt", Value: at(7)}},
			[]string{"in_app opened 1 of ITEM at 7s", "in_app seen 1 of ITEM at 3s"}},
		"read only": {[]firestore.Update{{Path: "readAt", Value: at(7)}}, []string{"in_app seen 1 of ITEM at 7s"}},
		"acted": {[]firestore.Update{{Path: "readAt", Value: at(4)}, {Path: "doneAction", Value: "thank"}, {Path: "doneAt", Value: at(9)}},
			[]string{"in_app acted 1 of ITEM at 9s", "in_app seen 1 of ITEM at 4s"}},
		"acted, by a client that does not say when": {[]firestore.Update{{Path: "readAt", Value: at(4)}, {Path: "doneAction", Value: "thank"}},
			[]string{"in_app acted 1 of ITEM at 4s", "in_app seen 1 of ITEM at 4s"}},
		"archived unread":                {[]firestore.Update{{Path: "archivedAt", Value: at(5)}}, []string{"in_app dismissed 1 of ITEM at 5s", "in_app seen 1 of ITEM at 5s"}},
		"read and archived":              {[]firestore.Update{{Path: "readAt", Value: at(4)}, {Path: "archivedAt", Value: at(5)}}, []string{"in_app seen 1 of ITEM at 4s"}},
		"archived, since it is muted":    {[]firestore.Update{{Path: "archivedAt", Value: at(5)}, {Path: "muted", Value: "mute"}}, nil},
		"made up, of the day after next": {[]firestore.Update{{Path: "seenAt", Value: at(2 * 86400)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, told := telling(t)
			r.device(t, "bob", "tok")
			r.post(t, "1", r.like("alice", 0, "bob"))
			ref, _ := r.only(t, "bob")
			if len(tt.marks) > 0 {
				r.mark(t, "bob", tt.marks...)
			}
			r.advance(10 * time.Second)
			for _, message := range []string{"look", "another look"} {
				r.look(t, "bob", message)
			}
			var want []string
			for _, w := range tt.want {
				want = append(want, w[:len(w)-len("ITEM at 3s")]+ref.ID+w[len(w)-len(" at 3s"):])
			}
			facts := told()
			if diff := cmp.Diff(want, deedsOf(facts, "bob")); diff != "" {
				t.Errorf("-want +told:\n%s", diff)
			}
			deeds := 0
			for _, f := range facts {
				if f.Event == "" && f.Stage != fact.Withdrawn {
					deeds++
				}
			}
			if deeds != len(want) {
				t.Errorf("%d deeds are told, want %d: an instance tells each once", deeds, len(want))
			}
		})
	}
}

// What is on the screen when it comes is seen at once, and the commit that shows it says so.
func TestWhatIsOnTheScreenIsToldAsSeen(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	r.lease(t, "bob", "tab", time.Minute, "post/42", true)
	r.post(t, "1", r.like("alice", 0, "bob"))
	ref, _ := r.only(t, "bob")
	if diff := cmp.Diff([]string{"in_app seen 1 of " + ref.ID + " at 0s"}, deedsOf(told(), "bob")); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
}

// What a person's pages have written into their profile is told with the next event for them, of whatever item, once by an instance. What is
// no deed, or too old for the table, is left out.
func TestTheDeedsInAProfileAreTold(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	ms := func(d time.Duration) int64 { return r.now.Add(d).UnixMilli() }
	deeds := []string{
		fmt.Sprintf("seen %d 3 old-1", ms(-time.Hour)), fmt.Sprintf("opened %d 3 old-1", ms(-59*time.Minute)), fmt.Sprintf("acted %d 4 old-2", ms(-time.Second)),
		fmt.Sprintf("seen %d 1 ancient", ms(-31*24*time.Hour)), fmt.Sprintf("seen %d 1 future", ms(time.Hour)), "seen yesterday 1 wrong", "",
	}
	r.says(t, "bob", map[string]any{"deeds": deeds})
	for i := range 3 {
		r.post(t, fmt.Sprint(i), r.like(fmt.Sprint("alice", i), 0, "bob", "carol"))
	}
	facts := told()
	if diff := cmp.Diff([]string{"in_app acted 4 of old-2 at -1s", "in_app opened 3 of old-1 at -59m0s", "in_app seen 3 of old-1 at -1h0m0s"}, deedsOf(facts, "bob")); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
	if others := deedsOf(facts, "carol"); len(others) > 0 {
		t.Errorf("carol is told to have done %q", others)
	}
	count := 0
	for _, f := range facts {
		if f.Item == "old-1" || f.Item == "old-2" {
			count++
		}
	}
	if count != 3 {
		t.Errorf("%d deeds are told in three events, want 3", count)
	}
}

// The same deeds, told by several instances and from both places, are the same facts.
func TestADeedIsOneFactWhoeverTellsIt(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	r.device(t, "bob", "tok")
	r.post(t, "1", r.like("alice", 0, "bob"))
	ref, item := r.only(t, "bob")
	seen := r.now.Add(3*time.Second + 123_456*time.Microsecond)
	r.advance(5 * time.Second)
	r.mark(t, "bob", firestore.Update{Path: "seenAt", Value: seen}, firestore.Update{Path: "readAt", Value: seen})
	r.look(t, "bob", "look")
	r.says(t, "bob", map[string]any{"deeds": []string{fmt.Sprintf("seen %d %d %s", seen.UnixMilli(), item.Revision, ref.ID)}})
	r.deedsTold = recent{} // another instance
	like := r.like("carol", 0, "bob")
	like.Target.ID = "43"
	r.post(t, "2", like)
	rows := map[string]int{}
	for _, f := range told() {
		if f.Stage == fact.Seen {
			rows[f.ID+" "+f.HappenedAt.Time().String()]++
		}
	}
	if len(rows) != 1 {
		t.Errorf("got %v; one fact, of one moment, was expected", rows)
	}
	for _, n := range rows {
		if n != 2 {
			t.Errorf("it is told %d times, want twice", n)
		}
	}
}

// Facts, those of deeds among them, cost no operation of Firestore: the same events cost the same with them and without.
func TestFactsCostNoOperation(t *testing.T) { // not parallel: it sets the environment
	counts := map[bool]tap.Counts{}
	for _, tells := range []bool{false, true} {
		t.Run(fmt.Sprint("told: ", tells), func(t *testing.T) {
			base := newRig(t)
			r, wire := base.other(t)
			facts := func() []fact.Fact { return nil }
			if tells {
				n := r.Needs
				n.Facts, facts = topicstest.Telling(t, r.pubsub)
				r.use(n)
			}
			base.device(t, "bob", "tok")
			r.says(t, "bob", map[string]any{"deeds": []string{fmt.Sprintf("seen %d 3 i-1", r.now.UnixMilli()), fmt.Sprintf("opened %d 3 i-1", r.now.UnixMilli())}})
			before := wire.Counts()
			r.post(t, "1", r.like("alice", 0, "bob", "carol"))
			r.post(t, "2", r.like("dave", time.Second, "bob"))
			r.mark(t, "bob", firestore.Update{Path: "readAt", Value: r.now})
			r.look(t, "bob", "look")
			counts[tells] = wire.Counts().Sub(before)
			if deeds := deedsOf(facts(), "bob"); tells != (len(deeds) == 3) {
				t.Errorf("told %q", deeds)
			}
		})
	}
	with, without := counts[true], counts[false]
	if with.Reads != without.Reads || with.Writes != without.Writes || with.Deletes != without.Deletes || with.Reads == 0 {
		t.Errorf("with facts: %+v\nwithout:    %+v", with, without)
	}
}
