package tap

import (
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const target = 2

func wire(t *testing.T, m proto.Message) frame {
	t.Helper()
	raw, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func listenTo(t *testing.T, token string) frame {
	return wire(t, &pb.ListenRequest{TargetChange: &pb.ListenRequest_AddTarget{AddTarget: &pb.Target{TargetId: target, ResumeType: &pb.Target_ResumeToken{ResumeToken: []byte(token)}}}})
}

// change is a document of that version in the result.
func change(t *testing.T, document string, version int64) frame {
	d := &pb.Document{Name: document, UpdateTime: &timestamppb.Timestamp{Seconds: version}}
	return wire(t, &pb.ListenResponse{ResponseType: &pb.ListenResponse_DocumentChange{DocumentChange: &pb.DocumentChange{Document: d, TargetIds: []int32{target}}}})
}

func current(t *testing.T, token string) frame {
	return wire(t, &pb.ListenResponse{ResponseType: &pb.ListenResponse_TargetChange{TargetChange: &pb.TargetChange{
		TargetChangeType: pb.TargetChange_CURRENT, ResumeToken: []byte(token),
	}}})
}

// What a listener is sent, and what Firestore bills for it.
func TestListeners(t *testing.T) {
	t.Parallel()
	left := wire(t, &pb.ListenResponse{ResponseType: &pb.ListenResponse_DocumentRemove{DocumentRemove: &pb.DocumentRemove{Document: "a", RemovedTargetIds: []int32{target}}}})
	reset := wire(t, &pb.ListenResponse{ResponseType: &pb.ListenResponse_TargetChange{TargetChange: &pb.TargetChange{TargetChangeType: pb.TargetChange_RESET}}})
	deleted := wire(t, &pb.ListenResponse{ResponseType: &pb.ListenResponse_DocumentDelete{DocumentDelete: &pb.DocumentDelete{Document: "b", RemovedTargetIds: []int32{target}}}})
	for _, test := range []struct {
		name    string
		answers []frame
		want    int64
	}{
		{"nothing is there: the query itself", []frame{current(t, "1")}, 1},
		{"two documents", []frame{change(t, "a", 1), change(t, "b", 1), current(t, "1")}, 2},
		{"one of them changes, and the emulator sends both again", []frame{change(t, "a", 1), change(t, "b", 1), current(t, "1"), change(t, "a", 2), change(t, "b", 1), current(t, "2")}, 3},
		{"one is not on the page that the emulator sends again", []frame{change(t, "a", 1), change(t, "b", 1), current(t, "1"), reset, change(t, "b", 1), current(t, "2")}, 3},
		{"one leaves the result by a change", []frame{change(t, "a", 1), change(t, "b", 1), current(t, "1"), left}, 3},
		{"one is deleted", []frame{change(t, "a", 1), change(t, "b", 1), current(t, "1"), deleted}, 2},
	} {
		l := newListeners(&resumable{})
		l.request(listenTo(t, ""))
		got := int64(0)
		for _, a := range test.answers {
			got += l.answer(a)
		}
		if got != test.want {
			t.Errorf("%s: got %d reads, want %d", test.name, got, test.want)
		}
	}
}

func TestAListenerThatComesBackPaysForWhatHasChanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		away time.Duration
		want int64
	}{{"after a moment", 0, 1}, {"after half an hour", resumeTime + time.Second, 2}} {
		var all resumable
		first := newListeners(&all)
		first.request(listenTo(t, ""))
		for _, a := range []frame{change(t, "a", 1), change(t, "b", 1), current(t, "one")} {
			first.answer(a)
		}
		first.close()
		kept := all.queries["one"]
		kept.heard = kept.heard.Add(-test.away)
		all.queries["one"] = kept

		second := newListeners(&all)
		second.request(listenTo(t, "one"))
		got := int64(0)
		for _, a := range []frame{change(t, "a", 1), change(t, "b", 2), current(t, "two")} {
			got += second.answer(a)
		}
		if got != test.want {
			t.Errorf("%s: got %d reads, want %d", test.name, got, test.want)
		}
	}
}

// Pub/Sub bills at least a kilobyte for each request: a message is pushed by one of its own, and published together with others.
func TestBytesOfMessages(t *testing.T) {
	t.Parallel()
	message := func(size int) *pubsubpb.PubsubMessage {
		return &pubsubpb.PubsubMessage{Data: make([]byte, size-messageOverhead-len("lane")-len("events")), Attributes: map[string]string{"lane": "events"}}
	}
	for _, test := range []struct {
		name              string
		messages          []*pubsubpb.PubsubMessage
		published, pushed int64
	}{
		{"a small one", []*pubsubpb.PubsubMessage{message(400)}, 1000, 1000},
		{"a large one", []*pubsubpb.PubsubMessage{message(1500)}, 1500, 1500},
		{"three small ones at once", []*pubsubpb.PubsubMessage{message(400), message(400), message(400)}, 1200, 3000},
	} {
		var counting Tap
		counting.begin("Publish").request(wire(t, &pubsubpb.PublishRequest{Topic: "t", Messages: test.messages}))
		if got := counting.Counts(); got.PublishBytes != test.published || got.PushBytes != test.pushed {
			t.Errorf("%s: got %d bytes in and %d out, want %d and %d", test.name, got.PublishBytes, got.PushBytes, test.published, test.pushed)
		}
	}
}
