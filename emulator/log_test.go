//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Why did Bob not get a push? One event to three people, and one call that says what was decided for each: the facts go by Pub/Sub into the
// table, and the function reads them there.
func TestTheLogSaysWhyNobodyWasPushed(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	run := fresh("log")
	reached, muted, quiet := run+"-reached", run+"-muted", run+"-quiet"
	for _, uid := range []string{reached, muted, quiet} {
		register(t, uid)
	}
	set(t, "users/"+muted, map[string]any{"preferences": map[string]any{"in_app": map[string]any{"social": false}}})
	set(t, "users/"+quiet, map[string]any{"doNotDisturb": map[string]any{"enabled": true}})
	event := like("Alice", reached)
	event["id"], event["source"], event["recipients"] = run, "/log test", []string{reached, muted, quiet}
	publish(t, event)
	header := map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken}
	url := system.Addresses.Insight + "/v1/events/%2Flog%20test/" + run + "/log"
	want := map[string]string{
		reached: "in_app shown , push pushed , email held no_mail",
		muted:   "in_app held preference, push held preference, email held no_mail",
		quiet:   "in_app shown , push held do_not_disturb, email held no_mail",
	}
	eventually(t, "the log of three people", func() (any, bool) {
		_, body := call(t, http.MethodGet, fmt.Sprintf("%s?recipient=%s&recipient=%s&recipient=%s", url, reached, muted, quiet), "", header)
		var log struct {
			Recipients []struct {
				UID       string
				Decisions []struct{ Channel, Outcome, Reason, Says, Instance string }
				Steps     []any
			}
		}
		_ = json.Unmarshal([]byte(body), &log) // of a 404 there is none yet
		got := map[string]string{}
		for _, r := range log.Recipients {
			for _, d := range r.Decisions {
				if got[r.UID] != "" {
					got[r.UID] += ", "
				}
				got[r.UID] += d.Channel + " " + d.Outcome + " " + d.Reason
			}
		}
		return body, cmp.Equal(want, got)
	})
	if status, body := call(t, http.MethodGet, url, "", nil); status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d %s", status, body)
	}
}
