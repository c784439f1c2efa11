//go:build unix

package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cloud.google.com/go/firestore"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// screens are listeners on people's inboxes. They note when each event is first to be seen.
type screens struct {
	mu   sync.Mutex
	seen map[int]time.Time
	last map[string]any // the newest item of anybody
	stop context.CancelFunc
}

func (r *run) watch(ctx context.Context, uids ...string) *screens {
	ctx, cancel := context.WithCancel(ctx)
	s := &screens{seen: map[int]time.Time{}, stop: cancel}
	var ready sync.WaitGroup
	for _, uid := range uids {
		ready.Add(1)
		snapshots := r.db.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).
			OrderBy("updatedAt", firestore.Desc).Limit(100).Snapshots(ctx)
		go func() {
			defer snapshots.Stop()
			for first := true; ; first = false {
				snap, err := snapshots.Next()
				if first {
					ready.Done()
				}
				if err != nil {
					return
				}
				s.note(snap)
			}
		}()
	}
	ready.Wait()
	return s
}

func (s *screens) note(snap *firestore.QuerySnapshot) {
	at := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range snap.Changes {
		data := change.Doc.Data()
		fields, _ := data["data"].(map[string]any)
		seq, ok := fields["seq"].(float64)
		if n, isInt := fields["seq"].(int64); isInt {
			seq, ok = float64(n), true
		}
		if text, isText := fields["seq"].(string); isText { // the references store a number of JSON as the text that it is
			var err error
			seq, err = strconv.ParseFloat(text, 64)
			ok = err == nil
		}
		if ok {
			s.last = data
			if _, known := s.seen[int(seq)]; !known {
				s.seen[int(seq)] = at
			}
		}
	}
}

func (s *screens) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *screens) actors() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := s.last["actorCount"].(int64)
	return int(n)
}

// look is how long bare commits take on which one screen waits: the emulator looks through all items of all people before it answers. They are BatchWrites, as
// Tidings commits.
func (r *run) look(ctx context.Context) (latency, error) {
	const uid = "looked-at"
	s := r.watch(ctx, uid)
	defer s.stop()
	raw, ctx, err := bare(ctx, r.stack.Addresses.Firestore)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	var l latency
	for i := range 15 {
		fields := valueOf(item(like(-90_000-i, "a", "p", uid), 1)).GetMapValue().Fields
		name := database + "/documents/users/" + uid + "/notifications/n"
		start := time.Now()
		answer, err := raw.BatchWrite(ctx, &pb.BatchWriteRequest{Database: database, Writes: []*pb.Write{{Operation: &pb.Write_Update{Update: &pb.Document{Name: name, Fields: fields}}}}})
		if err == nil {
			err = status.ErrorProto(answer.Status[0])
		}
		if err != nil {
			return nil, err
		}
		l = append(l, time.Since(start))
	}
	return l, nil
}

// valueOf is a field of an item in the API's form.
func valueOf(v any) *pb.Value {
	switch v := v.(type) {
	case string:
		return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: v}}
	case int:
		return &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: int64(v)}}
	case time.Time:
		return &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(v)}}
	case []any:
		list := &pb.ArrayValue{}
		for _, v := range v {
			list.Values = append(list.Values, valueOf(v))
		}
		return &pb.Value{ValueType: &pb.Value_ArrayValue{ArrayValue: list}}
	case map[string]any:
		fields := map[string]*pb.Value{}
		for name, v := range v {
			fields[name] = valueOf(v)
		}
		return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: fields}}}
	case nil:
		return &pb.Value{ValueType: &pb.Value_NullValue{}}
	}
	return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: fmt.Sprint(v)}} // a number of JSON, as the references store it
}
