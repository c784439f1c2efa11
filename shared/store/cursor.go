package store

import (
	"strings"
	"time"

	"cloud.google.com/go/firestore"
)

// cursor says where a list ended that has the latest first: the time by which it is ordered, and the document's id.
func cursor(at time.Time, id string) string { return at.Format(time.RFC3339Nano) + "/" + id }

// startAfter has the list go on behind the cursor; "" is the beginning. What is no cursor is [ErrCursor].
func startAfter(q firestore.Query, after string) (firestore.Query, error) {
	if after == "" {
		return q, nil
	}
	text, id, _ := strings.Cut(after, "/")
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !isID(id) {
		return q, ErrCursor
	}
	return q.StartAfter(at, id), nil
}
