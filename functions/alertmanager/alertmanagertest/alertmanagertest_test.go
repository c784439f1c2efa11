package alertmanagertest_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/alertmanager/alertmanagertest"
)

type message struct {
	Status          string
	TruncatedAlerts int
	Alerts          []struct {
		Status, Fingerprint, StartsAt string
		Labels                        map[string]string
	}
}

func TestTheSameSeedIsTheSameIncident(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		if diff := cmp.Diff(alertmanagertest.Generate(seed), alertmanagertest.Generate(seed)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// A model that never does what is hard proves nothing: each of these is to happen often in a few hundred incidents.
func TestTheModelDoesWhatIsHard(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(300) {
		var last []byte
		first := map[string]string{} // the start of each alert that was resolved, by fingerprint
		name := map[string]string{}  // of each alert, by fingerprint
		for _, step := range alertmanagertest.Generate(seed) {
			var m message
			if err := json.Unmarshal(step.Body, &m); err != nil {
				t.Fatal(err)
			}
			seen["messages"]++
			if bytes.Equal(last, step.Body) {
				seen["the same message again"]++
			}
			last = step.Body
			listed, names, teams, severities, statuses := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
			for _, a := range m.Alerts {
				listed[a.Fingerprint], statuses[a.Status] = true, true
				name[a.Fingerprint], names[a.Labels["alertname"]] = a.Labels["alertname"], true
				teams[a.Labels["alertname"]+a.Labels["team"]] = true
				severities[a.Labels["alertname"]+a.Labels["severity"]] = true
				if a.Status == "resolved" {
					first[a.Fingerprint] = a.StartsAt
				} else if first[a.Fingerprint] == a.StartsAt {
					seen["fires again with the same start"]++
				}
			}
			absent := 0
			for _, in := range step.Want {
				for _, one := range in.Open {
					if !listed[one] && names[name[one]] {
						absent++
					}
				}
			}
			for what, ok := range map[string]bool{
				"two teams or names": len(teams) > 1, "mixed severities": len(severities) > 1, "both statuses": len(statuses) > 1,
				"cut off": m.TruncatedAlerts > 0, "resolved, but cut off": m.TruncatedAlerts > 0 && m.Status == "resolved",
				"burns, but is not in the message": absent > 0, "resolved, while another one burns": m.Status == "resolved" && absent > 0,
			} {
				if ok {
					seen[what]++
				}
			}
		}
	}
	for what, n := range seen {
		t.Logf("%6d × %s", n, what)
	}
	for _, what := range []string{
		"the same message again", "fires again with the same start", "two teams or names", "mixed severities", "both statuses",
		"cut off", "resolved, but cut off", "burns, but is not in the message", "resolved, while another one burns",
	} {
		if seen[what] < 50 {
			t.Errorf("%s: %d times", what, seen[what])
		}
	}
	if seen["messages"] < 3_000 {
		t.Errorf("%d messages", seen["messages"])
	}
}
