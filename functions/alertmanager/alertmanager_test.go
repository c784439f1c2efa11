package alertmanager_test

import (
	"bytes"
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

// published is what a message makes, as "priority type title: summary → audience".
func published(t *testing.T, body string) (lines []string) {
	t.Helper()
	mapped, err := newSource().Map(nil, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Holds(t, newSource(), nil, []byte(body))
	for _, e := range mapped.Events {
		summary, _ := e.Data["summary"].(string)
		lines = append(lines, string(e.Priority)+" "+e.Type+" "+e.Target.Title+": "+summary+" → "+e.Audience)
	}
	if len(lines) == 0 {
		lines = []string{mapped.Why}
	}
	return lines
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
			"medium incident.resolved HighErrorRate: More than 5 % of requests to checkout fail → ",
			"medium incident.resolved HighErrorRate: More than 5 % of requests to checkout fail → ",
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
		{"a team of blanks", "grafana.json", `"platform" => "  "`, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall"}},
		{"a team in another script", "grafana.json", `"platform" => "Größe 团队\u202e"`, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-größe-团队-"}},
		{"a team with a very long name", "grafana.json", `"platform" => "` + strings.Repeat("é", 100) + `"`, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-" + strings.Repeat("é", 60)}},
		{"grouped by the team as well", "grafana.json", `"groupLabels": { => "groupLabels": {"team": "platform", `, []string{"medium incident.opened Disk almost full: Less than 10 % of the disk of db-1 is free → oncall-platform"}},
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
			got := published(t, body)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// FuzzMessage: whatever comes with our secret, the mapping holds, and the function answers without a 5xx.
func FuzzMessage(f *testing.F) {
	for _, name := range []string{"firing.json", "resolved.json", "grafana.json"} {
		f.Add("", []byte(testdata(f, name)))
	}
	f.Add(sourcetest.Compress, []byte(`{"externalURL": "http://a/b", "alerts": [null, 7, {"status": "resolved", "labels": {"alertname": 7}, "panelURL": "d?x", "endsAt": 1}]}`))
	f.Add("gzip", []byte("\x1f\x8b"))
	door := sourcetest.NewDoor(f, newSource())
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		sourcetest.Holds(t, newSource(), nil, body)
		h := http.Header{}
		body = sourcetest.Coded(h, encoding, body)
		r := request("Bearer new")(bytes.NewReader(body))
		r.Header["Content-Encoding"] = h["Content-Encoding"]
		door.Gets(t, r)
	})
}
