//go:build unix

package bench

import (
	"context"
	"strconv"
	"sync"
	"time"

	"cloud.google.com/go/firestore"
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

// look is how long bare commits take on which one screen waits: the emulator looks through all items of all people before it answers.
func (r *run) look(ctx context.Context) (latency, error) {
	const uid = "looked-at"
	s := r.watch(ctx, uid)
	defer s.stop()
	var l latency
	for i := range 15 {
		start := time.Now()
		if _, err := r.db.Doc("users/"+uid+"/notifications/n").Set(ctx, item(like(-90_000-i, "a", "p", uid), 1)); err != nil {
			return nil, err
		}
		l = append(l, time.Since(start))
	}
	return l, nil
}
