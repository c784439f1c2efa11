package inbox

import (
	"testing"
	"time"

	"tidings.dev/shared/event"
)

func TestLateIsWhatTheAddressSays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 2, 0, 0, time.UTC)
	for _, kind := range []event.Type{
		{Name: "likes", Group: &event.Group{Key: "likes", Window: 5 * time.Minute}},
		{Name: "states", Group: &event.Group{Key: "states", Counts: event.CountStates}},
	} {
		for _, ago := range []time.Duration{0, time.Minute, 3 * time.Minute, 12 * time.Minute, time.Hour, -time.Minute, -time.Hour} {
			for _, retract := range []bool{false, true} {
				e := event.Event{Time: now.Add(-ago), Retract: retract}
				if got, want := Late(kind, e, now), Locate(kind, e, now).Late(); got != want {
					t.Errorf("%s, %s ago, retract %t: got %t, want %t", kind.Name, ago, retract, got, want)
				}
			}
		}
	}
}
