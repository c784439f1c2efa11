//go:build unix

package bill

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/profile"
)

// populate gives people a profile with a phone.
func (s *system) populate(ctx context.Context, uids ...string) error {
	bulk := s.db.BulkWriter(ctx)
	for _, uid := range uids {
		phone := profile.Device{Kind: "token", Value: "device-of-" + uid, Platform: "android", LastSeenAt: s.stack.Clock.Now()}
		if _, err := bulk.Set(s.db.Doc("users/"+uid), map[string]any{"locale": "en", "devices": map[string]profile.Device{"phone": phone}}); err != nil {
			return err
		}
	}
	bulk.End()
	return nil
}

// screens are listeners on people's inboxes, with the query of the web package.
type screens struct {
	mu     sync.Mutex
	events map[string]int // by person: of how many events the inbox tells
	close  context.CancelFunc
}

// look opens a screen for each, and returns when all have had their first answer.
func (s *system) look(ctx context.Context, uids ...string) (*screens, error) {
	ctx, cancel := context.WithCancel(ctx)
	all := &screens{events: map[string]int{}, close: cancel}
	first := make(chan error)
	for _, uid := range uids {
		go func() { all.follow(ctx, s.pages, uid, first) }()
	}
	for range uids {
		if err := <-first; err != nil {
			cancel()
			return nil, err
		}
	}
	return all, nil
}

// follow listens until ctx ends. The first answer, or what went wrong before it, goes to first.
func (s *screens) follow(ctx context.Context, db *firestore.Client, uid string, first chan<- error) {
	snapshots := db.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).OrderBy("updatedAt", firestore.Desc).Limit(100).Snapshots(ctx)
	defer snapshots.Stop()
	for {
		snap, err := snapshots.Next()
		if first != nil {
			select {
			case first <- err:
			case <-ctx.Done():
			}
			first = nil
		}
		if err != nil {
			return
		}
		items, err := snap.Documents.GetAll()
		if err != nil {
			return
		}
		events := int64(0)
		for _, item := range items {
			n, _ := item.Data()["eventCount"].(int64)
			events += n
		}
		s.mu.Lock()
		s.events[uid] = int(events)
		s.mu.Unlock()
	}
}

// await waits until the person's screen tells of so many events.
func (s *screens) await(ctx context.Context, uid string, events int) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		got := s.events[uid]
		s.mu.Unlock()
		switch {
		case got >= events:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("the screen of %s tells of %d events, want %d", uid, got, events)
		}
	}
}
