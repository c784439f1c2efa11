package webhooks

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var marked = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

// state is an item as Firestore's event has it, with some of its fields.
func state(marks map[string]*pb.Value) *pb.Document {
	doc := &pb.Document{UpdateTime: timestamppb.New(marked), Fields: map[string]*pb.Value{
		"type": text("friend.requested"), "revision": {ValueType: &pb.Value_IntegerValue{IntegerValue: 3}}, "seenAt": none, "readAt": none, "doneAction": none,
		"target": {ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: map[string]*pb.Value{"type": text("user"), "id": text("ann")}}}},
	}}
	for name, value := range marks {
		doc.Fields[name] = value
	}
	return doc
}

var none = &pb.Value{ValueType: &pb.Value_NullValue{}}

func text(s string) *pb.Value { return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: s}} }
func at(t time.Time) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(t)}}
}

// change is a google.events.cloud.firestore.v1.DocumentEventData; nil is a document that it does not have.
func change(t *testing.T, before, after *pb.Document) string {
	t.Helper()
	var data []byte
	for number, doc := range map[protowire.Number]*pb.Document{1: after, 2: before, 3: {Name: "the fields that were changed"}} {
		if doc == nil {
			continue
		}
		raw, err := proto.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		data = protowire.AppendBytes(protowire.AppendTag(data, number, protowire.BytesType), raw)
	}
	return string(data)
}

// told posts an event about an item, and returns what products are told because of it.
func (r *rig) told(t *testing.T, document, body string) (all []string) {
	t.Helper()
	before := len(r.pubsub.Messages())
	req := httptest.NewRequest(http.MethodPost, "/webhooks/marks", strings.NewReader(body))
	req.Header.Set("Ce-Document", document)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if w.Code != http.StatusNoContent {
		t.Fatalf("got %d %s, want 204", w.Code, w.Body)
	}
	for _, m := range r.pubsub.Messages()[before:] {
		all = append(all, string(m.Data))
	}
	return all
}

// What a person does is told, and what functions do to their item is not. Nothing is read or written for it.
func TestWhatAPersonDoesIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	marks := func(all ...any) *pb.Document {
		values := map[string]*pb.Value{}
		for i := 0; i < len(all); i += 2 {
			values[all[i].(string)] = all[i+1].(*pb.Value)
		}
		return state(values)
	}
	for _, test := range []struct {
		name          string
		before, after *pb.Document
		want          []string
	}{
		{"seen", marks(), marks("seenAt", at(marked.Add(-time.Minute))), []string{"notification.seen"}},
		{"read, which implies seen", marks(), marks("readAt", at(marked)), []string{"notification.seen"}},
		{"read after it was seen", marks("seenAt", at(marked)), marks("seenAt", at(marked), "readAt", at(marked)), nil},
		{"seen and accepted at once", marks(), marks("seenAt", at(marked), "doneAction", text("accept")), []string{"notification.seen", "notification.acted"}},
		{"accepted", marks("seenAt", at(marked)), marks("seenAt", at(marked), "doneAction", text("accept")), []string{"notification.acted"}},
		{"archived after that", marks("doneAction", text("accept")), marks("doneAction", text("accept"), "archivedAt", at(marked)), nil},
		{"news, to which nobody has answered", marks("seenAt", at(marked), "doneAction", text("accept")), marks(), nil},
		{"words", marks(), marks("title", text("Else")), nil},
		{"an item without marks, from an older version", &pb.Document{}, &pb.Document{}, nil},
	} {
		got := r.told(t, "users/bob/notifications/i1", change(t, test.before, test.after))
		if len(got) != len(test.want) {
			t.Errorf("%s: told %q, want %q", test.name, got, test.want)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], `"type":"`+want+`"`) || !strings.Contains(got[i], `"recipient":"bob"`) || !strings.Contains(got[i], `"notification":"i1"`) ||
				!strings.Contains(got[i], `"target":{"type":"user","id":"ann"}`) || strings.Contains(got[i], `"action":"accept"`) != (want == "notification.acted") {
				t.Errorf("%s: told %s, want %s", test.name, got[i], want)
			}
		}
	}
}

// Firestore's event comes twice, and somebody else answers in the same breath: the first answer is what the product hears.
func TestAnAnswerReachesTheProductOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, action := range []string{"accept", "accept", "decline"} {
		for _, message := range r.told(t, "users/bob/notifications/i1", change(t, state(nil), state(map[string]*pb.Value{"doneAction": text(action)}))) {
			r.push(t, []byte(message), http.StatusNoContent)
		}
	}
	if got := r.got(); len(got) != 1 || got[0].wrong != nil || !strings.Contains(got[0].body, `"action":"accept"`) {
		t.Errorf("got %+v, want the first answer once", got)
	}
}

// An action that names an endpoint tells that one, once, though it asks for neither the outcome nor the type; whoever takes the other action does not.
// The endpoint that asks for it hears of both.
func TestAnActionTellsTheEndpointThatItNames(t *testing.T) {
	t.Parallel()
	fields := func(all map[string]*pb.Value) *pb.Value {
		return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: all}}}
	}
	asks := func(doneAction *pb.Value) *pb.Document {
		return state(map[string]*pb.Value{"doneAction": doneAction, "actions": {ValueType: &pb.Value_ArrayValue{ArrayValue: &pb.ArrayValue{Values: []*pb.Value{
			fields(map[string]*pb.Value{"id": text("accept"), "webhook": text("desk")}), fields(map[string]*pb.Value{"id": text("decline")}),
		}}}}})
	}
	for action, want := range map[string]string{"accept": "/desk /shop", "decline": "/shop", "made up": "/shop"} {
		r := newRig(t)
		for range 2 { // Firestore's event comes twice
			for _, message := range r.told(t, "users/bob/notifications/i1", change(t, asks(none), asks(text(action)))) {
				r.push(t, []byte(message), http.StatusNoContent)
			}
		}
		var paths []string
		for _, got := range r.got() {
			if paths = append(paths, got.path); got.wrong != nil || !strings.Contains(got.body, `"type":"notification.acted"`) || !strings.Contains(got.body, `"action":"`+action+`"`) {
				t.Errorf("%s: got %+v", action, got)
			}
		}
		slices.Sort(paths)
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("%s: %q were told, want %q", action, got, want)
		}
	}
}

func TestWhatIsNoChangeOfAnItemIsLoggedAndOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := change(t, state(nil), state(map[string]*pb.Value{"doneAction": text("accept")}))
	for document, body := range map[string]string{
		"users/bob/devices/d": good, "users/bob/notifications": good, "": good, "users/bob/notifications/i/parts/1": good, "users//notifications/i": good,
		"users/bob/notifications/1": "", "users/bob/notifications/2": "no protobuf", "users/bob/notifications/3": change(t, nil, state(nil)),
		"users/bob/notifications/4": change(t, state(nil), nil), "users/bob/notifications/5": `{"value":{}}`,
	} {
		if got := r.told(t, document, body); len(got) != 0 {
			t.Errorf("%s: told %q", document, got)
		}
	}
	if n := r.logged("not an item") + r.logged("not a change of an item"); n != 10 {
		t.Errorf("%d lines of log, want 10", n)
	}
	for i := range good { // what was cut off on its way
		r.told(t, "users/bob/notifications/i", good[:i])
	}
}
