//go:build unix

package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
)

// listen opens a person's inbox as a client does, and returns its snapshots once the first one is there. Listen before you
// post: a write that the official emulator takes while it registers a listener may never reach that listener (about one in
// a hundred such races; it was seen with the bare SDK), where the real Firestore would show it.
func listen(t *testing.T, uid string) <-chan []map[string]any {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	inbox := database.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).
		OrderBy("updatedAt", firestore.Desc).Limit(100)
	out := make(chan []map[string]any)
	open := make(chan struct{})
	go func() {
		first := sync.OnceFunc(func() { close(open) })
		for ctx.Err() == nil { // a broken stream is opened again, as a client does
			snapshots := inbox.Snapshots(ctx)
			for {
				snap, err := snapshots.Next()
				if err != nil {
					break
				}
				docs, err := snap.Documents.GetAll()
				if err != nil {
					break
				}
				first()
				var items []map[string]any
				for _, doc := range docs {
					items = append(items, doc.Data())
				}
				select {
				case out <- items:
				case <-ctx.Done():
				}
			}
			snapshots.Stop()
		}
	}()
	select {
	case <-open:
	case <-time.After(patience):
		t.Fatalf("the inbox of %s did not open", uid)
	}
	return out
}

// await reads snapshots until one is as wanted.
func await(t *testing.T, snapshots <-chan []map[string]any, what string, wanted func([]map[string]any) bool) []map[string]any {
	t.Helper()
	deadline := time.After(patience)
	var last []map[string]any
	for {
		select {
		case items := <-snapshots:
			if last = items; wanted(items) {
				return items
			}
		case <-deadline:
			t.Fatalf("waiting for %s: the last snapshot was %v", what, last)
		}
	}
}

func titled(title string) func([]map[string]any) bool {
	return func(items []map[string]any) bool { return len(items) == 1 && items[0]["title"] == title }
}
