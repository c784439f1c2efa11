//go:build unix

package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// cancelEvent deletes an event, by its path below /v1/events/, and returns status and body.
func cancelEvent(t *testing.T, path string) (int, string) {
	t.Helper()
	return call(t, http.MethodDelete, system.Addresses.Publish+"/v1/events/"+path, "", map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken})
}

// TestAScheduledEventComesWhenItIsDue: and one that was cancelled does not. It moves the clock, so it runs while no other test does.
func TestAScheduledEventComesWhenItIsDue(t *testing.T) {
	requireSystem(t)
	uid := fresh("planner")
	source := "https://shop.example/" + uid
	screen := listen(t, uid)
	at := system.Clock.Now().Add(20 * time.Minute).UTC().Truncate(time.Second)
	for _, title := range []string{"Lunch", "Dinner"} {
		publish(t, map[string]any{"id": title + " 1", "source": source, "type": "info", "title": title, "recipients": []string{uid}, "sendAt": at})
	}
	status, body := cancelEvent(t, "https:%2F%2Fshop.example%2F"+uid+"/Lunch%201")
	if want := `{"cancelled":"scheduled","sendAt":"` + at.Format(time.RFC3339) + `"}`; status != http.StatusOK || strings.TrimSpace(body) != want {
		t.Errorf("got %d %s, want %s", status, body, want)
	}
	for _, step := range []time.Duration{10 * time.Minute, 11 * time.Minute} { // a tick in between finds nothing
		if err := system.Clock.Advance(step); err != nil {
			t.Fatal(err)
		}
	}
	items := await(t, screen, "the reminder", titled("Dinner"))
	if created, ok := items[0]["createdAt"].(time.Time); len(items) != 1 || !ok || created.Before(at) {
		t.Errorf("got %v, want the other reminder alone, not before %s", items, at)
	}
}
