package withdraw_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/functions/withdraw"
	"tidings.dev/shared/store/storetest"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// FuzzReceive: whatever Eventarc brings about whatever stands under the name is acknowledged, or is to be delivered again, because the item
// cannot be read. What is published is an order to look at that item.
func FuzzReceive(f *testing.F) {
	at := &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))}}
	number := &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: 2}}
	read, err := proto.Marshal(&pb.Document{Fields: map[string]*pb.Value{
		"readAt": at, "eventCount": number, "push": {ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: map[string]*pb.Value{"at": at, "revision": number}}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("users/bob/notifications/i", read)
	f.Add("users/bob/notifications/i", []byte{})
	f.Add("users//notifications/", read)
	f.Add("users/b\x00b/notifications/\xff", read)
	f.Add("users/bob/devices/i", read)
	documents, all := storetest.Open(f)
	sink, publisher := topicstest.NewSink(f)
	fn := withdraw.New(withdraw.Needs{Store: documents, Publisher: publisher, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, document string, item []byte) {
		var doc pb.Document
		if proto.Unmarshal(item, &doc) != nil {
			return
		}
		all.Clear()
		all.Put(document, doc.Fields)
		r := httptest.NewRequest(http.MethodPost, "/withdraw", nil)
		r.Header.Set("Ce-Document", document)
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, r)
		if w.Code != http.StatusNoContent && w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d %s, want a 204, or a 503 where the item cannot be read", w.Code, w.Body)
		}
		for _, m := range sink.Take() {
			e, err := topics.Decode(topics.PushedMessage{MessageID: "1", Data: m.Data, Attributes: m.Attributes})
			if err != nil || "users/"+e.Look.UID+"/notifications/"+e.Look.ID != document {
				t.Errorf("%s: published %+v, %v", document, e.Look, err)
			}
		}
	})
}
