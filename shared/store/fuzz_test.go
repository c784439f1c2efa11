package store

import (
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
	"tidings.dev/shared/store/wire"
)

var fuzzedAt = time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC)

// FuzzItem: any document under notifications/ is an item or is refused, and an item that was read is written as it is read again. The
// input is a document as Firestore sends it.
func FuzzItem(f *testing.F) {
	for _, n := range seedItems(f) {
		doc, err := encode(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := decode(wire.NewReader(raw))
		if err != nil || proto.Unmarshal(raw, new(pb.Document)) != nil {
			return
		}
		once, err := encode(&n)
		if err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		again, err := decode(wire.NewReader(once))
		if err != nil {
			t.Fatalf("written, but cannot be read: %v", err)
		}
		twice, err := encode(&again)
		if diff := cmp.Diff(tree(t, once), tree(t, twice), protocmp.Transform()); diff != "" || err != nil {
			t.Errorf("%v; -once +twice:\n%s", err, diff)
		}
	})
}

// tree is a document as the generated code reads it.
func tree(t testing.TB, raw []byte) *pb.Document {
	t.Helper()
	doc := new(pb.Document)
	if err := proto.Unmarshal(raw, doc); err != nil {
		t.Fatalf("what was written is no document: %v", err)
	}
	return doc
}

// FuzzProfile: the same for users/{uid}, which its owner writes, with their leases and the copies of their devices. Nothing in it is refused: what
// is of no use is as if it were not there.
func FuzzProfile(f *testing.F) {
	most := 5
	settings := encodeSettings(profile.Settings{
		Locale: "de", TimeZone: "Europe/Vienna", Preferences: profile.Preferences{event.Push: {"social": false}},
		Mutes: map[string]profile.Mute{"post/42": {Title: "A walk", Until: fuzzedAt}}, DoNotDisturb: profile.DoNotDisturb{Enabled: true, Until: fuzzedAt},
		QuietHours: profile.QuietHours{Enabled: true, Week: quiet.Schedule{"sat": {"22:00-09:00"}}}, Digest: profile.Digest{Every: "week", At: "18:30", On: "fri"}, PushesPerHour: &most,
	})
	f.Add(sent(f, settings))
	f.Add(sent(f, fields{
		"devices":  object(field{"phone", encodeDevice(profile.Device{Kind: "fid", Value: "x", Platform: "web", Locale: "de", LastSeenAt: fuzzedAt})}),
		"sessions": object(field{"page", encodeSession(profile.Session{ExpiresAt: fuzzedAt, Target: "post/42", Visible: true})}),
		"deeds":    array([]*pb.Value{str("seen 1764240000123 3 i-1"), num(1)}),
		pushBudget: object(field{"fullAt", moment(fuzzedAt)}, field{"message", str("m")}),
		"mutes":    str("none"), "preferences": object(field{"push", num(1)}), "pushesPerHour": num(1 << 40),
	}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if proto.Unmarshal(raw, new(pb.Document)) != nil {
			return
		}
		read := wire.NewReader(raw)
		p := decodeProfile("bob", read.Fields)
		if read.Err() != nil {
			t.Fatalf("the generated code reads what is called malformed here: %v", read.Err())
		}
		once := encodeSettings(p.Settings)
		twice := encodeSettings(decodeSettings(wire.Read(&pb.Document{Fields: once}).Fields))
		if diff := cmp.Diff(&pb.Document{Fields: once}, &pb.Document{Fields: twice}, protocmp.Transform()); diff != "" {
			t.Errorf("settings: -once +twice:\n%s", diff)
		}
		for _, d := range p.Devices {
			if diff := cmp.Diff(d, decodeCopy(d.UID, d.ID, encodeDevice(d))); diff != "" {
				t.Errorf("device: -want +got:\n%s", diff)
			}
		}
		for _, s := range p.Sessions {
			if diff := cmp.Diff(s, decodeSession(s.ID, wire.Read(&pb.Document{Fields: inside(encodeSession(s))}).Fields)); diff != "" {
				t.Errorf("session: -want +got:\n%s", diff)
			}
		}
		_ = p.Location()
		_ = p.Muted(event.Target{Type: "post", ID: "42", Source: "s"}, fuzzedAt)
		_ = p.Shows(event.Target{Type: "post", ID: "42"}, fuzzedAt)
	})
}

// encodeSession is a lease as clients write it.
func encodeSession(s profile.Session) *pb.Value {
	return object(field{"expiresAt", moment(s.ExpiresAt)}, field{"target", text(s.Target)}, field{"visible", boolean(s.Visible)})
}

// seedItems are items as the fold makes them: a lone event with data of all kinds, and a group.
func seedItems(t testing.TB) (all []*inbox.Notification) {
	t.Helper()
	lone := event.Type{Name: "order.shipped", Category: "orders", Priority: event.High, Icon: "order", Channels: []event.Channel{event.InApp, event.Push}}
	liked := event.Type{Name: "post.liked", Category: "social", Priority: event.Medium, Icon: "heart", Group: &event.Group{Key: "post.liked", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountActors}}
	for _, kind := range []event.Type{lone, liked} {
		box := new(inbox.Box)
		for _, actor := range []string{"alice", "carol"} {
			e := event.Event{
				ID: actor, Source: "shop", Type: kind.Name, Time: fuzzedAt, Actor: event.Actor{ID: actor, Name: "Zoë", ImageURL: "/z.png"},
				Target: event.Target{Type: "post", ID: "42", Title: "A walk", URL: "/posts/42"}, Recipients: []string{"bob"}, Title: "Own words",
				Actions: []event.Action{{ID: "view", Label: "View", URL: "/posts/42", Style: "primary"}},
				Data:    map[string]any{"s": "x", "n": 1.5, "i": 7, "b": true, "z": nil, "l": []any{"x", map[string]any{}}},
			}
			op := inbox.Op{Event: &e, Accepted: event.Acceptance{At: fuzzedAt, OwnID: true}, Type: &kind, Message: "m", Why: "recipient"}
			if _, err := box.Fold(inbox.Locate(kind, e, fuzzedAt), op, fuzzedAt, func(*inbox.Notification) inbox.Words { return inbox.Words{Title: "t"} }); err != nil {
				t.Fatal(err)
			}
		}
		for _, item := range box.Changed() {
			all = append(all, &item.Notification)
		}
	}
	return all
}

// sent is a document as it is sent.
func sent(t testing.TB, f fields) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pb.Document{Fields: f})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// BenchmarkItem writes and reads items as they are sent, here and by the generated code.
func BenchmarkItem(b *testing.B) {
	n := seedItems(b)[2] // a group of two
	raw, err := encode(n)
	if err != nil {
		b.Fatal(err)
	}
	doc := tree(b, raw)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			_, _ = encode(n)
		}
	})
	b.Run("write, generated: without the tree", func(b *testing.B) {
		for b.Loop() {
			_, _ = proto.Marshal(doc)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			_, _ = decode(wire.NewReader(raw))
		}
	})
	b.Run("read, generated: only the tree", func(b *testing.B) {
		for b.Loop() {
			_ = proto.Unmarshal(raw, new(pb.Document))
		}
	})
}
