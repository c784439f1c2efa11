package store

import (
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
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

func encode(n *inbox.Notification) (fields, error) {
	members, err := n.Members.MarshalBinary()
	if err != nil {
		return nil, err
	}
	memory, err := n.PackMemory()
	if err != nil {
		return nil, fmt.Errorf("store: memory of %s: %w", n.Type, err)
	}
	actors := make([]*pb.Value, len(n.Actors))
	for i, a := range n.Actors {
		actors[i] = object(field{"id", text(a.ID)}, field{"name", text(a.Name)}, field{"imageUrl", text(a.ImageURL)}, field{"at", moment(a.At)})
	}
	actions := make([]*pb.Value, len(n.Actions))
	for i, a := range n.Actions {
		fields := []field{{"id", text(a.ID)}, {"label", text(a.Label)}, {"url", text(a.URL)}, {"style", text(a.Style)}}
		if a.Webhook != "" {
			fields = append(fields, field{"webhook", text(a.Webhook)})
		}
		actions[i] = object(fields...)
	}
	all := append(make([]field, 0, 48), []field{ // has room for what may follow
		{"type", text(n.Type)}, {"category", text(n.Category)}, {"priority", text(string(n.Priority))}, {"rank", num(int64(n.Priority.Rank()))},
		{"icon", text(n.Icon)}, {"title", text(n.Title)}, {"body", text(n.Body)}, {"url", text(n.URL)},
		{"why", text(n.Why)}, {"held", text(string(n.Held))}, {"muted", text(string(n.Muted))}, {"groupId", text(n.GroupID)},
		{"target", object(field{"type", text(n.Target.Type)}, field{"id", text(n.Target.ID)}, field{"source", text(n.Target.Source)}, field{"title", text(n.Target.Title)}, field{"url", text(n.Target.URL)})},
		{"actors", list(actors)}, {"actions", list(actions)},
		{"actorCount", num(int64(n.ActorCount))}, {"eventCount", num(int64(n.EventCount))}, {"revision", num(n.Revision)},
		{"createdAt", moment(n.CreatedAt)}, {"updatedAt", moment(n.UpdatedAt)}, {"latestAt", moment(n.LatestAt)}, {"openedAt", moment(n.OpenedAt)}, {"expireAt", moment(n.ExpireAt)},
		{"dueAt", moment(n.DueAt)}, // which has no entry in the scheduler's index where it is absent
		{"seenAt", mark(n.SeenAt)}, {"readAt", mark(n.ReadAt)}, {"archivedAt", mark(n.ArchivedAt)}, {"snoozedUntil", mark(n.SnoozedUntil)}, {"retractedAt", mark(n.RetractedAt)}, {"doneAction", null},
		{"followedAt", moment(n.FollowedAt)}, {"doneAt", moment(n.DoneAt)},
		{"push", push(n)},
		{"members", blob(members)}, {"memory", blob(memory)}, {"entryCount", num(int64(n.EntryCount))}, {named, people(n.Named())},
	}...)
	if n.PartCount > 0 {
		all = append(all, field{"partCount", num(int64(n.PartCount))})
	}
	if n.Withdrawn != (inbox.Withdrawal{}) && !unreached(n) {
		all = append(all, field{"withdrawn", object(field{"revision", num(n.Withdrawn.Revision)}, field{"message", text(n.Withdrawn.Message)})})
	}
	if n.Own != (inbox.Own{}) {
		all = append(all, field{"own", object(field{"title", boolean(n.Own.Title)}, field{"body", boolean(n.Own.Body)}, field{"actions", boolean(n.Own.Actions)})})
	}
	if len(n.Data) > 0 {
		data, err := anything(n.Data)
		if err != nil {
			return nil, fmt.Errorf("store: data of %s: %w", n.Type, err)
		}
		all = append(all, field{"data", data})
	}
	f := present(append(all, mailFields(n)...))
	if !n.RetractedAt.IsZero() {
		delete(f, "archivedAt") // what was taken back is in neither list: clients ask for it by null, or in its order
	}
	if n.DoneAction != "" {
		f["doneAction"] = text(n.DoneAction)
	}
	return f, nil
}

// push is the last push. One that no device could get has no revision, so clients conclude that devices show none.
func push(n *inbox.Notification) *pb.Value {
	revision := "revision"
	if unreached(n) {
		revision = "unreached"
	}
	return object(field{"at", moment(n.Push.At)}, field{revision, num(n.Push.Revision)}, field{"message", text(n.Push.Message)})
}

// unreached reports whether no device could get the last push.
func unreached(n *inbox.Notification) bool {
	return n.Push.Revision > 0 && n.Withdrawn == inbox.Withdrawal{Revision: n.Push.Revision}
}

func decode(f fields) (inbox.Notification, error) {
	n := inbox.Notification{
		Type: f["type"].GetStringValue(), Category: f["category"].GetStringValue(), Priority: event.Priority(f["priority"].GetStringValue()),
		Icon: f["icon"].GetStringValue(), Title: f["title"].GetStringValue(), Body: f["body"].GetStringValue(), URL: f["url"].GetStringValue(),
		Why: f["why"].GetStringValue(), Held: attention.Reason(f["held"].GetStringValue()), Muted: attention.Reason(f["muted"].GetStringValue()), GroupID: f["groupId"].GetStringValue(),
		ActorCount: int(f["actorCount"].GetIntegerValue()), EventCount: int(f["eventCount"].GetIntegerValue()), Revision: f["revision"].GetIntegerValue(),
		CreatedAt: instant(f["createdAt"]), UpdatedAt: instant(f["updatedAt"]), LatestAt: instant(f["latestAt"]), OpenedAt: instant(f["openedAt"]), ExpireAt: instant(f["expireAt"]),
		SeenAt: instant(f["seenAt"]), ReadAt: instant(f["readAt"]), ArchivedAt: instant(f["archivedAt"]), SnoozedUntil: instant(f["snoozedUntil"]), RetractedAt: instant(f["retractedAt"]),
		FollowedAt: instant(f["followedAt"]), DoneAction: f["doneAction"].GetStringValue(), DoneAt: instant(f["doneAt"]),
		PartCount: int(f["partCount"].GetIntegerValue()), EntryCount: int(f["entryCount"].GetIntegerValue()),
	}
	t := inside(f["target"])
	n.Target = event.Target{Type: t["type"].GetStringValue(), ID: t["id"].GetStringValue(), Source: t["source"].GetStringValue(), Title: t["title"].GetStringValue(), URL: t["url"].GetStringValue()}
	p, w := inside(f["push"]), inside(f["withdrawn"])
	nobody := p["unreached"].GetIntegerValue()
	n.Push = inbox.Push{At: instant(p["at"]), Revision: max(p["revision"].GetIntegerValue(), nobody), Message: p["message"].GetStringValue()}
	n.Withdrawn = inbox.Withdrawal{Revision: max(w["revision"].GetIntegerValue(), nobody), Message: w["message"].GetStringValue()}
	n.DueAt, n.MailAt = instant(f["dueAt"]), instant(f["mailAt"])
	m := inside(f["mail"])
	n.Mail = inbox.Mail{At: instant(m["at"]), Revision: m["revision"].GetIntegerValue(), Begun: instant(m["begun"])}
	o := inside(f["own"])
	n.Own = inbox.Own{Title: o["title"].GetBooleanValue(), Body: o["body"].GetBooleanValue(), Actions: o["actions"].GetBooleanValue()}
	for _, v := range f["actors"].GetArrayValue().GetValues() {
		a := inside(v)
		n.Actors = append(n.Actors, inbox.Actor{
			Actor: event.Actor{ID: a["id"].GetStringValue(), Name: a["name"].GetStringValue(), ImageURL: a["imageUrl"].GetStringValue()},
			At:    instant(a["at"]),
		})
	}
	for _, v := range f["actions"].GetArrayValue().GetValues() {
		a := inside(v)
		n.Actions = append(n.Actions, event.Action{ID: a["id"].GetStringValue(), Label: a["label"].GetStringValue(), URL: a["url"].GetStringValue(), Style: a["style"].GetStringValue(), Webhook: a["webhook"].GetStringValue()})
	}
	if data, ok := plain(f["data"]).(map[string]any); ok {
		n.Data = data
	}
	if err := n.Members.UnmarshalBinary(f["members"].GetBytesValue()); err != nil {
		return n, err
	}
	return n, n.UnpackMemory(f["memory"].GetBytesValue())
}

// blob is nil where there is nothing.
func blob(b []byte) *pb.Value {
	if len(b) == 0 {
		return nil
	}
	return &pb.Value{ValueType: &pb.Value_BytesValue{BytesValue: b}}
}

// null is the same for all.
var null = &pb.Value{ValueType: &pb.Value_NullValue{}}

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

// mark stores the zero time as null: clients ask whether it is there yet.
func mark(t time.Time) *pb.Value {
	if t.IsZero() {
		return null
	}
	return moment(t)
}

func instant(v *pb.Value) time.Time {
	if t := v.GetTimestampValue(); t != nil {
		return t.AsTime()
	}
	return time.Time{}
}
