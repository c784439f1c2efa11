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

// screens are listeners, with the queries of the web package.
type screens struct {
	mu    sync.Mutex
	tells map[string]int // by person: how much of what the case waits for
	close context.CancelFunc
}

// listener is one query that a person's page listens to.
type listener struct {
	uid   string
	query firestore.Query
	tells func(documents []*firestore.DocumentSnapshot) int // how much of what the case waits for; nil: it waits for nothing here
}

func (s *system) inboxOf(uid string) firestore.Query {
	return s.pages.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).OrderBy("updatedAt", firestore.Desc).Limit(100)
}

// look opens a screen for each, which tells of events, and returns when all have had their first answer.
func (s *system) look(ctx context.Context, uids ...string) (*screens, error) {
	var all []listener
	for _, uid := range uids {
		all = append(all, listener{uid, s.inboxOf(uid), events})
	}
	return listen(ctx, all)
}

// lookAtAll opens for each all that a page listens to: the inbox, what everybody is told, and the person's marks on that. It tells of announcements.
func (s *system) lookAtAll(ctx context.Context, uids ...string) (*screens, error) {
	told := s.pages.Collection("announcements").OrderBy("createdAt", firestore.Desc).Limit(20)
	var all []listener
	for _, uid := range uids {
		marks := s.pages.Collection("users/" + uid + "/announcements").Limit(100)
		all = append(all, listener{uid, s.inboxOf(uid), nil}, listener{uid, told, announcements}, listener{uid, marks, nil})
	}
	return listen(ctx, all)
}

// events is of how many events these items tell.
func events(items []*firestore.DocumentSnapshot) (sum int) {
	for _, item := range items {
		n, _ := item.Data()["eventCount"].(int64)
		sum += int(n)
	}
	return sum
}

func announcements(documents []*firestore.DocumentSnapshot) int { return len(documents) }

func listen(ctx context.Context, all []listener) (*screens, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &screens{tells: map[string]int{}, close: cancel}
	first := make(chan error)
	for _, l := range all {
		go s.follow(ctx, l, first)
	}
	late := time.After(patience)
	for answered := range all {
		var err error
		select {
		case err = <-first:
		case <-late:
			err = fmt.Errorf("%d of %d listeners had no answer in %s", len(all)-answered, len(all), patience)
		}
		if err != nil {
			cancel()
			return nil, err
		}
	}
	return s, nil
}

// follow listens until ctx ends. The first answer, or what went wrong before it, goes to first.
func (s *screens) follow(ctx context.Context, l listener, first chan<- error) {
	snapshots := l.query.Snapshots(ctx)
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
		documents, err := snap.Documents.GetAll()
		if err != nil {
			return
		}
		if l.tells == nil {
			continue
		}
		s.mu.Lock()
		s.tells[l.uid] = l.tells(documents)
		s.mu.Unlock()
	}
}

// await waits until the person's screen tells of so many events, or announcements.
func (s *screens) await(ctx context.Context, uid string, want int) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		got := s.tells[uid]
		s.mu.Unlock()
		switch {
		case got >= want:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("the screen of %s tells of %d, want %d", uid, got, want)
		}
	}
}
