package alertmanager_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/alertmanager"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/event"
)

func testdata(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func newSource() *alertmanager.Source {
	return &alertmanager.Source{Secrets: []string{"new", "old"}, TeamLabel: "team"}
}

func request(authorization string) func(body io.Reader) *http.Request {
	return func(body io.Reader) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/alertmanager", body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		return r
	}
}

func TestAlertmanagerIsASource(t *testing.T) {
	t.Parallel()
	authorize := func(value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	for name, authorization := range map[string]string{"Bearer": "Bearer new", "the old one": "bearer old", "Basic": "Basic YWxlcnRzOm5ldw=="} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, sourcetest.Case{
				Source: newSource(), Body: testdata(t, "firing.json"), Request: request(authorization),
				Forgeries: map[string]func(r *http.Request){
					"no header": func(r *http.Request) { r.Header.Del("Authorization") }, "no secret": authorize("Bearer "), "another one": authorize("Bearer newer"),
					"the beginning": authorize("Bearer ne"), "another scheme": authorize("Digest new"), "as user": authorize("Basic bmV3Og=="), "both": authorize("Bearer new,old"),
				},
			})
		})
	}
}

func TestWithoutASecretNobodyIsLetIn(t *testing.T) {
	t.Parallel()
	for _, src := range []*alertmanager.Source{{}, {Secrets: []string{""}}} {
		for _, authorization := range []string{"", "Bearer ", "Basic Og=="} {
			if src.Verify(request(authorization)(nil), nil) == nil {
				t.Errorf("%q was let in", authorization)
			}
		}
	}
}

// published is what a message makes, as "type title: summary → audience".
func published(t *testing.T, body string) (lines []string, events []event.Event) {
	t.Helper()
	mapped, err := newSource().Map(nil, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Holds(t, newSource(), nil, []byte(body))
	for _, e := range mapped.Events {
		summary, _ := e.Data["summary"].(string)
		lines = append(lines, string(e.Priority)+" "+e.Type+" "+e.Target.Title+": "+summary+" → "+e.Audience)
		events = append(events, e.Event)
	}
	if len(lines) == 0 {
		lines = []string{mapped.Why}
	}
	return lines, events
}

func TestWhatIsMadeOfAlerts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		change     string // "old => new", everywhere
		want       []string
	}{
		{"firing", "firing.json", "", []string{
			"urgent incident.opened HighErrorRate: More than 5 % of requests to checkout fail → oncall-shop",
			"urgent incident.opened HighErrorRate: More than 5 % of requests to checkout fail → oncall-shop",
		}},
		{"resolved", "resolved.json", "", []string{
			"medium incident.resolved HighErrorRate: More than 5 % of requests to checkout fail → oncall-shop",
			"medium incident.resolved HighErrorRate: More than 5 % of requests to checkout fail → oncall-shop",
		}},
		{"Grafana", "grafana.json", "", []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-platform"}},
		{"no team", "grafana.json", `, "team": "platform" => `, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall"}},
		{"a team with a slash", "grafana.json", `"platform" => "a/b c"`, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-a-b-c"}},
		{"no severity", "grafana.json", `"severity": "warning", => `, []string{"high incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-platform"}},
		{"info", "grafana.json", `"warning" => "info"`, []string{"low incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-platform"}},
		{"info, resolved", "grafana.json", `"severity": "warning", "team": "platform"} => "severity": "info"}`, []string{"low incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall"}},
		{"grouped by more than the name", "firing.json", `"groupLabels": { => "groupLabels": {"cluster": "eu-west", `, []string{
			"urgent incident.opened HighErrorRate (eu-west): More than 5 % of requests to checkout fail → oncall-shop",
			"urgent incident.opened HighErrorRate (eu-west): More than 5 % of requests to checkout fail → oncall-shop",
		}},
		{"nothing", "", `=> {"alerts": []}`, []string{"there are no alerts in it"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := ""
			if test.body != "" {
				body = testdata(t, test.body)
			}
			old, changed, _ := strings.Cut(test.change, "=> ")
			if old = strings.TrimSuffix(old, " "); old != "" {
				body = strings.ReplaceAll(body, old, changed)
			} else if test.change != "" {
				body = changed
			}
			got, _ := published(t, body)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// One of two alerts is resolved while the other one fires: the item must not say that all is well.
func TestResolvedMeansThatNoneFires(t *testing.T) {
	t.Parallel()
	var m struct {
		Status          string                       `json:"status"`
		TruncatedAlerts int                          `json:"truncatedAlerts"`
		GroupLabels     map[string]string            `json:"groupLabels"`
		Alerts          []map[string]json.RawMessage `json:"alerts"`
	}
	if err := json.Unmarshal([]byte(testdata(t, "resolved.json")), &m); err != nil {
		t.Fatal(err)
	}
	write := func() string {
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	m.Alerts[1]["status"] = json.RawMessage(`"firing"`)
	got, _ := published(t, write())
	if want := []string{"urgent incident.opened HighErrorRate: More than 5 % of requests to checkout fail → oncall-shop"}; !cmp.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
	m.Alerts, m.Status, m.TruncatedAlerts = m.Alerts[:1], "firing", 1
	if got, _ = published(t, write()); len(got) != 1 || !strings.Contains(got[0], "still fire") {
		t.Errorf("the other one is not in the message: got %q", got)
	}
}

// Alertmanager repeats what fires every few hours, and whatever else changes in the group.
func TestARepetitionIsTheSameEvent(t *testing.T) {
	t.Parallel()
	_, first := published(t, testdata(t, "firing.json"))
	_, again := published(t, strings.ReplaceAll(testdata(t, "firing.json"), "0001-01-01T00:00:00Z", "2026-11-21T09:29:00Z"))
	_, resolved := published(t, testdata(t, "resolved.json"))
	_, later := published(t, strings.ReplaceAll(testdata(t, "firing.json"), "T09:2", "T10:2"))
	for i := range first {
		if first[i].ID != again[i].ID {
			t.Error("a guess at its end made an alert another event")
		}
		if first[i].ID == resolved[i].ID || first[i].ID == later[i].ID || first[i].ID == first[1-i].ID {
			t.Error("two events have the same id")
		}
		if first[i].Target.ID != resolved[i].Target.ID || first[i].Target.ID != first[1-i].Target.ID {
			t.Error("they are not one item")
		}
	}
}

func FuzzMap(f *testing.F) {
	for _, name := range []string{"firing.json", "resolved.json", "grafana.json"} {
		f.Add([]byte(testdata(f, name)))
	}
	f.Fuzz(func(t *testing.T, body []byte) { sourcetest.Holds(t, newSource(), nil, body) })
}
