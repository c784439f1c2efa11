//go:build unix

package bench

import (
	"fmt"
	"time"

	"tidings.dev/shared/event"
)

// like is one like; seq is found again in what the screen shows.
func like(seq int, actor, post, uid string) event.Event {
	return event.Event{
		ID: fmt.Sprintf("e%d", seq), Source: "bench", Type: "post.liked", Time: time.Now().UTC().Truncate(time.Microsecond),
		Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: post, Title: "A post"},
		Recipients: []string{uid}, Data: map[string]any{"seq": float64(seq)},
	}
}

func mention(seq int, actor, uid string) event.Event {
	e := like(seq, actor, "p", uid)
	e.Type = "user.mentioned"
	return e
}

// flood is n low events, from this number on: ten likes of the post of each of a thousand people. They group, because the official emulator looks through
// all items of all people for each listener: a flood of items of their own would slow down whatever is measured after it.
func (r *run) flood(from, n int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		events[i] = like(2_000_000+from+i, fmt.Sprint("a", i), "p", fmt.Sprint("flood", i%1000))
		events[i].Priority, events[i].GroupKey = event.Low, "flood" // by which the floor, too, writes one item for each of them
	}
	return events
}
