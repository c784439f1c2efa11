package alertmanager_test

import (
	"strings"
	"testing"
)

func TestTheLinkIsTheFirstThatOpens(t *testing.T) {
	t.Parallel()
	const (
		runbook   = "https://runbooks.example/disk"
		panel     = "https://grafana.example/d/1?viewPanel=2"
		dashboard = "https://grafana.example/d/1"
		generator = "http://prometheus.example/graph?g0.expr=up"
	)
	tests := []struct {
		name, runbookURL, runbook, panel, dashboard, generator string
		external                                               string // "" is https://grafana.example/
		want                                                   string
	}{
		{name: "the runbook", runbookURL: runbook, panel: panel, dashboard: dashboard, generator: generator, want: runbook},
		{name: "the runbook's other spelling", runbook: runbook, panel: panel, generator: generator, want: runbook},
		{name: "a runbook with the end of its line", runbookURL: runbook + "\n", want: runbook},
		{name: "the panel", panel: panel, dashboard: dashboard, generator: generator, want: panel},
		{name: "the dashboard", dashboard: dashboard, generator: generator, want: dashboard},
		{name: "what it is made of", generator: generator, want: generator},
		{name: "nothing", want: ""},
		{name: "no address", runbookURL: "n/a", runbook: "see the wiki", panel: panel, want: panel},
		{name: "an address that runs", runbookURL: "javascript:alert(1)", runbook: "data:text/html,x", panel: "vbscript:x", dashboard: dashboard, want: dashboard},
		{name: "an address of the machine", runbookURL: "file:///etc/passwd", generator: generator, want: generator},
		{name: "a template that was not filled in", runbookURL: "{{ $labels.runbook }}", generator: generator, want: generator},
		{name: "an address too long", runbookURL: "https://x.example/" + strings.Repeat("x", 3000), panel: panel, want: panel},
		{name: "another host's without a scheme", runbookURL: "//evil.example/x", panel: "//evil.example/y", generator: generator, want: generator},
		{name: "another host's behind a backslash", runbookURL: `/\evil.example`, panel: `https:\\evil.example`, generator: generator, want: generator},
		{name: "a scheme without a host", runbookURL: "https:///x", runbook: "http:x", panel: panel, want: panel},
		{name: "a path of the sender's", panel: "/d/abc?viewPanel=2", want: "https://grafana.example/d/abc?viewPanel=2"},
		{name: "a path of the sender's, as a person writes it", runbookURL: "/runbooks/disk", want: "https://grafana.example/runbooks/disk"},
		{name: "a path that is relative", panel: "d/abc", external: "https://example.com/grafana", want: "https://example.com/grafana/d/abc"},
		{name: "a path of a sender who does not say where they are", panel: "/d/abc", external: "none", want: ""},
		{name: "a path of a sender who is nowhere", panel: "/d/abc", external: "javascript:alert(1)", generator: generator, want: generator},
		{name: "a path of a sender who is a path", panel: "/d/abc", external: "/grafana", want: ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := an("firing", "f", "s", "alertname", "x").with("generatorURL", test.generator).with("panelURL", test.panel).with("dashboardURL", test.dashboard).
				with("annotations", fields{"runbook_url": test.runbookURL, "runbook": test.runbook})
			external := test.external
			if external == "" {
				external = "https://grafana.example/"
			}
			mapped, err := newSource().Map(nil, group(a).with("externalURL", external).body(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := mapped.Events[0].Target.URL; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
