//go:build unix

package main

import (
	"context"
	"sync"
	"testing"

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
	w := waitFor(t, "the inbox of "+uid)
	select {
	case <-open:
	case <-w.late:
		w.fail("none")
	case <-system.Done():
		w.fail("none")
	}
	return out
}

// await reads snapshots until one is as wanted.
func await(t *testing.T, snapshots <-chan []map[string]any, what string, wanted func([]map[string]any) bool) []map[string]any {
	t.Helper()
	w := waitFor(t, what)
	var last []map[string]any
	for {
		select {
		case items := <-snapshots:
			if last = items; wanted(items) {
				return items
			}
		case <-w.late:
			w.fail(last)
		case <-system.Done():
			w.fail(last)
		}
	}
}

func titled(title string) func([]map[string]any) bool {
	return func(items []map[string]any) bool { return len(items) == 1 && items[0]["title"] == title }
}
