package courier

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/push"
)

var now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// What a push says is found once for each language, and not for each of a person's devices.
func TestDevicesOfOneLanguageAreToldTheSame(t *testing.T) {
	t.Parallel()
	words, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{} // by title
	var gone []string
	c := New(Needs{
		Catalog: words, Sender: &push.Sender{}, Enter: func(int) func() { return func() {} }, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Remove: func(_ context.Context, d profile.Device) error {
			gone = append(gone, d.ID)
			return nil
		},
		Beacon: func(_ string, item *inbox.Item) string {
			found[item.Title]++
			return ""
		},
	})
	item := &inbox.Item{ID: "1", Notification: inbox.Notification{Type: "user.followed", ActorCount: 7}}
	var devices []profile.Device // without an address, so that FCM need not be asked
	for i := range 30 {
		devices = append(devices, profile.Device{ID: fmt.Sprint(i), Locale: []string{"en", "de", ""}[i%3], LastSeenAt: now})
	}
	c.Tell(t.Context(), []Errand{{UID: "bob", Effect: inbox.Effect{Kind: inbox.Show, Item: item}, Devices: devices}})
	for title, times := range found {
		if times != 1 {
			t.Errorf("%q was found %d times, want once", title, times)
		}
	}
	if len(found) != 3 {
		t.Errorf("got %v, want words in 3 languages", found)
	}
	if slices.Sort(gone); len(slices.Compact(gone)) != len(devices) {
		t.Errorf("%d devices were seen to, want %d", len(gone), len(devices))
	}
}

// However many targets FCM wants to be left alone, and however evenly they come and go, they are gone through for one in some thousand of them.
func TestQuietTargetsAreSeldomGoneThrough(t *testing.T) {
	t.Parallel()
	var q quiet
	times, most := 0, 0
	for i := range 3 * maxQuiet {
		at := now.Add(time.Duration(i) * time.Millisecond)
		before := len(q.ends)
		q.set(fmt.Sprint(i), at.Add(maxQuiet*time.Millisecond), at)
		if len(q.ends) <= before {
			times++
		}
		most = max(most, len(q.ends))
		if got := q.until(fmt.Sprint(i)); !got.After(at) {
			t.Fatalf("target %d: got %s, want that it is left alone", i, got)
		}
	}
	if times > 30 || most > maxQuiet {
		t.Errorf("they were gone through %d times, and were %d at most; want up to 30 times and %d", times, most, maxQuiet)
	}
}
