//go:build unix

package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	vkit "cloud.google.com/go/firestore/apiv1"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"
	"google.golang.org/protobuf/proto"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/requirement"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// TestLarge is one post that very many people like, and one event to very many people, while a process is killed. In the
// long form the like is 50,000 people's and the audience has 100,000.
//
//	go test ./emulator/faults -v -run Large -long -timeout 1h
func TestLarge(t *testing.T) {
	likes, members := 1_500, 1_000
	if *long {
		likes, members = 50_000, 100_000
	}
	o := Options{Seed: *seed, Dir: t.TempDir(), Root: filepath.Join("..", "..")}
	w, err := newWorld(t.Context(), o)
	if errors.Is(err, google.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 or later)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	nothing := &plan{}
	if err := w.prepare(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	w.fcm.ClearFaults()
	c := newChaos(w, o, nothing)
	d := newDeliverer(w, c, o)
	if err := w.startPushes(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	t.Run("likes", func(t *testing.T) { manyLikes(t, d, likes) })
	t.Run("audience", func(t *testing.T) { largeAudience(t, d, members) })
}

// manyLikes delivers likes of one post, each to any of the two processes and one in ten twice; one in fifty is taken back.
func manyLikes(t *testing.T, d *deliverer, likes int) {
	rng := rand.New(rand.NewPCG(d.o.Seed, 4))
	now := timeOf(0).Add(-time.Minute)
	var all []delivery
	left := likes
	for i := range likes {
		m := &message{id: fmt.Sprintf("l%06d", i), event: event.Event{
			ID: fmt.Sprint(i), Source: "large", Type: "post.liked", Time: now.Add(time.Duration(i) * time.Microsecond), Recipients: []string{"star"},
			Actor: event.Actor{ID: fmt.Sprint("fan ", i), Name: fmt.Sprint("Fan ", i)}, Target: event.Target{Type: "post", ID: "hit", Title: "The hit"},
		}}
		all = append(all, delivery{m, 0})
		if rng.IntN(10) == 0 {
			all = append(all, delivery{m, 1})
		}
		if rng.IntN(50) == 0 {
			back := *m
			back.id, back.event.ID, back.event.Retract = "b"+m.id, "back"+m.event.ID, true
			back.event.Time = back.event.Time.Add(time.Second)
			all = append(all, delivery{&back, 0})
			left--
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if err := d.stage(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if !d.w.drain(30 * time.Minute) {
		t.Fatal("some messages never come to an end")
	}

	raw, err := vkit.NewClient(t.Context(), local(d.w.firestoreHost)...)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	docs := raw.ListDocuments(owner(t.Context()), &firestorepb.ListDocumentsRequest{
		Parent: "projects/" + project + "/databases/(default)/documents/users/star", CollectionId: "notifications",
	})
	var shown []*firestorepb.Document // the others hold what was taken back before it came
	for doc, err := range docs.All() {
		if err != nil {
			t.Fatal(err)
		}
		if doc.Fields["eventCount"].GetIntegerValue() > 0 {
			shown = append(shown, doc)
		}
	}
	if len(shown) != 1 {
		t.Fatalf("%d items are shown, want one", len(shown))
	}
	doc := shown[0]
	if got := doc.Fields["actorCount"].GetIntegerValue(); got != int64(left) {
		t.Errorf("%d actors, want %d", got, left)
	}
	size := proto.Size(doc)
	if size >= 4<<10 {
		t.Errorf("the document has %d bytes, want fewer than 4,096", size)
	}
	t.Logf("%d likes: %q in %d bytes and %d parts; largest write %d bytes; memory %d and %d MB", likes, doc.Fields["title"].GetStringValue(), size,
		doc.Fields["partCount"].GetIntegerValue(), max(d.w.subscribers[0].firestore.Counts().LargestWrite, d.w.subscribers[1].firestore.Counts().LargestWrite),
		d.w.subscribers[0].peakMB(t), d.w.subscribers[1].peakMB(t))
	for _, s := range d.w.subscribers {
		if got := s.firestore.Counts().LargestWrite; got > 10<<20 {
			t.Errorf("%s: a commit of %d bytes; Firestore takes 10 MiB", s.name, got)
		}
	}
}

// largeAudience tells everybody once, though one of the processes is killed while it does.
func largeAudience(t *testing.T, d *deliverer, members int) {
	uid := func(i int) string { return fmt.Sprintf("m%06d", i) }
	bulk := d.w.db.BulkWriter(t.Context())
	var listed []string
	for i := range members {
		if i%2 == 0 {
			listed = append(listed, uid(i))
		} else if _, err := bulk.Set(d.w.db.Doc("audiences/all/members/"+uid(i)), map[string]any{"since": beginning}); err != nil {
			t.Fatal(err)
		}
	}
	for uids := range slices.Chunk(listed, 1000) {
		if _, err := bulk.Set(d.w.db.Doc("audiences/all/lists/"+uids[0]), map[string]any{"uids": uids}); err != nil {
			t.Fatal(err)
		}
	}
	bulk.End()
	for _, s := range d.w.subscribers { // what is measured begins here
		s.kill()
		if err := s.start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	pages := d.w.pushes[0] // of the topic "events"
	before := pages.Stats().Delivered
	m := &message{id: "all", event: event.Event{ID: "all", Source: "large", Type: "system.announcement", Time: timeOf(0), Title: "To all", Audience: "all"}}
	if err := d.deliver(t.Context(), delivery{m, 0}); err != nil {
		t.Fatal(err)
	}
	half := members / event.MaxRecipients / 2
	for deadline := time.Now().Add(30 * time.Minute); pages.Stats().Delivered-before < half; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the audience is not walked")
		}
	}
	killed := d.w.subscribers[0]
	peak := killed.peakMB(t)
	killed.kill()
	if err := killed.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !d.w.drain(30 * time.Minute) {
		t.Fatal("some messages never come to an end")
	}
	told := map[string]int{}
	iter := d.w.db.CollectionGroup("notifications").Where("groupId", "==", groupOf(t, m)).Select("revision", "eventCount").Documents(t.Context())
	defer iter.Stop()
	for {
		doc, err := iter.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		told[doc.Ref.Parent.Parent.ID]++
		if doc.Data()["revision"] != int64(1) || doc.Data()["eventCount"] != int64(1) {
			t.Errorf("%s: %v, want one event in one revision", doc.Ref.Path, doc.Data())
		}
	}
	missing, twice := 0, 0
	for i := range members {
		switch told[uid(i)] {
		case 0:
			missing++
		case 1:
		default:
			twice++
		}
	}
	if missing+twice > 0 || len(told) != members {
		t.Errorf("%d people are told, want %d; %d were missed, %d told twice", len(told), members, missing, twice)
	}
	for _, s := range d.w.subscribers {
		peak = max(peak, s.peakMB(t))
	}
	t.Logf("%d members in %d messages; memory at most %d MB", members, pages.Stats().Delivered-before+1, peak)
	if peak >= 200 {
		t.Errorf("a process took %d MB, want less than 200", peak)
	}
}

func groupOf(t *testing.T, m *message) string {
	t.Helper()
	return inbox.Locate(event.Type{Name: m.event.Type}, m.event, m.event.Time).GroupID
}

// peakMB is the most memory that the process has had.
func (s *subscriber) peakMB(t *testing.T) int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.PID()))
	if err != nil {
		t.Logf("no figure for memory here: %v", err)
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb int
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb >> 10
}
