package store

import (
	"cmp"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store/wire"
)

// The stored form of a notification, field by field: written out, because these are the names that clients, rules and
// indexes rely on, and because the subscriber does it for every event.
//
// What is empty is left out, since everybody who listens pays for each field. Fields that clients compare with null are always there.

type fields = map[string]*pb.Value

// field is one of a document, or of a map in it; with a nil value it is left out.
type field struct {
	name  string
	value *pb.Value
}

func encode(n *inbox.Notification) ([]byte, error) {
	members, err := n.Members.MarshalBinary()
	if err != nil {
		return nil, err
	}
	memory, err := n.PackMemory()
	if err != nil {
		return nil, fmt.Errorf("store: memory of %s: %w", n.Type, err)
	}
	w := new(wire.Writer)
	w.Grow(1024 + len(members) + len(memory))
	writeWords(w, n)
	w.Text("category", n.Category)
	w.Text("priority", string(n.Priority))
	w.Int("rank", int64(n.Priority.Rank()))
	w.Text("why", n.Why)
	w.Text("held", string(n.Held))
	w.Text("muted", string(n.Muted))
	w.Text("groupId", n.GroupID)
	w.Int("actorCount", int64(n.ActorCount))
	w.Int("eventCount", int64(n.EventCount))
	w.Int("revision", n.Revision)
	w.Time("createdAt", n.CreatedAt)
	w.Time("updatedAt", n.UpdatedAt)
	w.Time("latestAt", n.LatestAt)
	w.Time("openedAt", n.OpenedAt)
	w.Time("expireAt", n.ExpireAt)
	w.Time("dueAt", n.DueAt) // which has no entry in the scheduler's index where it is absent
	writeMarks(w, n)
	writePushes(w, n)
	w.Bytes("members", members)
	w.Bytes("memory", memory)
	w.Int("entryCount", int64(n.EntryCount))
	w.Ints(named, n.Named())
	if n.PartCount > 0 {
		w.Int("partCount", int64(n.PartCount))
	}
	if len(n.Data) > 0 {
		w.JSON("data", n.Data)
	}
	writeMail(w, n)
	return w.Fields()
}

// writeWords writes what the item says, of whom and what.
func writeWords(w *wire.Writer, n *inbox.Notification) {
	w.Text("type", n.Type)
	w.Text("icon", n.Icon)
	w.Text("title", n.Title)
	w.Text("body", n.Body)
	w.Text("url", n.URL)
	w.Map("target", func() {
		w.Text("type", n.Target.Type)
		w.Text("id", n.Target.ID)
		w.Text("source", n.Target.Source)
		w.Text("title", n.Target.Title)
		w.Text("url", n.Target.URL)
	})
	w.Maps("actors", len(n.Actors), func(i int) {
		a := &n.Actors[i]
		w.Text("id", a.ID)
		w.Text("name", a.Name)
		w.Text("imageUrl", a.ImageURL)
		w.Time("at", a.At)
	})
	w.Maps("actions", len(n.Actions), func(i int) {
		a := &n.Actions[i]
		w.Text("id", a.ID)
		w.Text("label", a.Label)
		w.Text("url", a.URL)
		w.Text("style", a.Style)
		w.Text("webhook", a.Webhook)
	})
	if n.Own != (inbox.Own{}) {
		w.Map("own", func() {
			w.Bool("title", n.Own.Title)
			w.Bool("body", n.Own.Body)
			w.Bool("actions", n.Own.Actions)
		})
	}
}

// writeMarks writes what its owner has done with the item. Clients ask whether these are there yet, so most are null until then.
func writeMarks(w *wire.Writer, n *inbox.Notification) {
	mark := func(name string, t time.Time) {
		if t.IsZero() {
			w.Null(name)
		}
		w.Time(name, t)
	}
	mark("seenAt", n.SeenAt)
	mark("readAt", n.ReadAt)
	if n.RetractedAt.IsZero() { // what was taken back is in neither list: clients ask for this one by null, or in its order
		mark("archivedAt", n.ArchivedAt)
	}
	mark("snoozedUntil", n.SnoozedUntil)
	mark("retractedAt", n.RetractedAt)
	if n.DoneAction == "" {
		w.Null("doneAction")
	}
	w.Text("doneAction", n.DoneAction)
	w.Time("doneAt", n.DoneAt)
	w.Time("followedAt", n.FollowedAt)
}

// writePushes writes the last push and the last withdrawal. A push that no device could get has no revision, so clients conclude that devices show
// none.
func writePushes(w *wire.Writer, n *inbox.Notification) {
	unreached := n.Push.Revision > 0 && n.Withdrawn == inbox.Withdrawal{Revision: n.Push.Revision}
	w.Map("push", func() {
		w.Time("at", n.Push.At)
		if unreached {
			w.Int("unreached", n.Push.Revision)
		} else {
			w.Int("revision", n.Push.Revision)
		}
		w.Text("message", n.Push.Message)
	})
	if n.Withdrawn != (inbox.Withdrawal{}) && !unreached {
		w.Map("withdrawn", func() {
			w.Int("revision", n.Withdrawn.Revision)
			w.Text("message", n.Withdrawn.Message)
		})
	}
}

// writeMail writes what was decided about the item's mail.
func writeMail(w *wire.Writer, n *inbox.Notification) {
	w.Time("mailAt", n.MailAt)
	if n.Mail != (inbox.Mail{}) {
		w.Map("mail", func() {
			w.Time("at", n.Mail.At)
			w.Int("revision", n.Mail.Revision)
			w.Time("begun", n.Mail.Begun)
		})
	}
}

func decode(f *wire.Reader) (inbox.Notification, error) {
	n := inbox.Notification{
		Type: f.Get("type").Text(), Category: f.Get("category").Text(), Priority: event.Priority(f.Get("priority").Text()),
		Icon: f.Get("icon").Text(), Title: f.Get("title").Text(), Body: f.Get("body").Text(), URL: f.Get("url").Text(),
		Why: f.Get("why").Text(), Held: attention.Reason(f.Get("held").Text()), Muted: attention.Reason(f.Get("muted").Text()), GroupID: f.Get("groupId").Text(),
		ActorCount: int(f.Get("actorCount").Int()), EventCount: int(f.Get("eventCount").Int()), Revision: f.Get("revision").Int(),
		CreatedAt: f.Get("createdAt").Time(), UpdatedAt: f.Get("updatedAt").Time(), LatestAt: f.Get("latestAt").Time(), OpenedAt: f.Get("openedAt").Time(), ExpireAt: f.Get("expireAt").Time(),
		SeenAt: f.Get("seenAt").Time(), ReadAt: f.Get("readAt").Time(), ArchivedAt: f.Get("archivedAt").Time(), SnoozedUntil: f.Get("snoozedUntil").Time(), RetractedAt: f.Get("retractedAt").Time(),
		FollowedAt: f.Get("followedAt").Time(), DoneAction: f.Get("doneAction").Text(), DoneAt: f.Get("doneAt").Time(),
		PartCount: int(f.Get("partCount").Int()), EntryCount: int(f.Get("entryCount").Int()),
	}
	t := f.Get("target").Map()
	n.Target = event.Target{Type: t.Get("type").Text(), ID: t.Get("id").Text(), Source: t.Get("source").Text(), Title: t.Get("title").Text(), URL: t.Get("url").Text()}
	p, w := f.Get("push").Map(), f.Get("withdrawn").Map()
	nobody := p.Get("unreached").Int()
	n.Push = inbox.Push{At: p.Get("at").Time(), Revision: max(p.Get("revision").Int(), nobody), Message: p.Get("message").Text()}
	n.Withdrawn = inbox.Withdrawal{Revision: max(w.Get("revision").Int(), nobody), Message: w.Get("message").Text()}
	n.DueAt, n.MailAt = f.Get("dueAt").Time(), f.Get("mailAt").Time()
	m := f.Get("mail").Map()
	n.Mail = inbox.Mail{At: m.Get("at").Time(), Revision: m.Get("revision").Int(), Begun: m.Get("begun").Time()}
	o := f.Get("own").Map()
	n.Own = inbox.Own{Title: o.Get("title").Bool(), Body: o.Get("body").Bool(), Actions: o.Get("actions").Bool()}
	for v := range f.Get("actors").List() {
		a := v.Map()
		n.Actors = append(n.Actors, inbox.Actor{
			Actor: event.Actor{ID: a.Get("id").Text(), Name: a.Get("name").Text(), ImageURL: a.Get("imageUrl").Text()},
			At:    a.Get("at").Time(),
		})
	}
	for v := range f.Get("actions").List() {
		a := v.Map()
		n.Actions = append(n.Actions, event.Action{ID: a.Get("id").Text(), Label: a.Get("label").Text(), URL: a.Get("url").Text(), Style: a.Get("style").Text(), Webhook: a.Get("webhook").Text()})
	}
	if data, ok := f.Get("data").JSON().(map[string]any); ok {
		n.Data = data
	}
	if err := f.Err(); err != nil {
		return n, err
	}
	if err := n.Members.UnmarshalBinary(f.Get("members").Bytes()); err != nil {
		return n, err
	}
	return n, n.UnpackMemory(f.Get("memory").Bytes())
}

func encodePart(p *inbox.Part, expireAt time.Time) ([]byte, error) {
	members, err := p.Members.MarshalBinary()
	if err != nil {
		return nil, err
	}
	w := new(wire.Writer)
	w.Grow(2 * len(members))
	w.Bytes("members", members)
	w.Ints(named, p.Members.Named())
	w.Time("expireAt", expireAt)
	return w.Fields()
}

func decodePart(doc *pb.Document, p *inbox.Part) error {
	f := wire.Read(doc)
	members := f.Get("members").Bytes()
	return cmp.Or(f.Err(), p.Members.UnmarshalBinary(members))
}

// blob is nil where there is nothing.
func blob(b []byte) *pb.Value {
	if len(b) == 0 {
		return nil
	}
	return &pb.Value{ValueType: &pb.Value_BytesValue{BytesValue: b}}
}

func present(all []field) fields {
	n := 0
	for _, one := range all {
		if one.value != nil {
			n++
		}
	}
	f := make(fields, n)
	for _, one := range all {
		if one.value != nil {
			f[one.name] = one.value
		}
	}
	return f
}

// text is nil where there is none.
func text(s string) *pb.Value {
	if s == "" {
		return nil
	}
	return str(s)
}

func str(s string) *pb.Value   { return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: s}} }
func num(i int64) *pb.Value    { return &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: i}} }
func boolean(b bool) *pb.Value { return &pb.Value{ValueType: &pb.Value_BooleanValue{BooleanValue: b}} }
func object(all ...field) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: present(all)}}}
}
func inside(v *pb.Value) fields { return v.GetMapValue().GetFields() }

// list is nil where nothing is in it.
func list(vs []*pb.Value) *pb.Value {
	if len(vs) == 0 {
		return nil
	}
	return array(vs)
}

func array(vs []*pb.Value) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ArrayValue{ArrayValue: &pb.ArrayValue{Values: vs}}}
}

// moment is nil for the zero time.
func moment(t time.Time) *pb.Value {
	if t.IsZero() {
		return nil
	}
	return &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(t)}}
}

func instant(v *pb.Value) time.Time {
	if t := v.GetTimestampValue(); t != nil {
		return t.AsTime()
	}
	return time.Time{}
}
