// Package alertmanager makes incidents of the alerts that Prometheus Alertmanager and Grafana post. An alert rule is one
// item on each screen of the team on duty: firing opens it, or opens it again, and it says so when all is well.
//
// An item stands for the alerts of one name within one group of Alertmanager's, because these, and only these, come
// together in each request: only so can "resolved" mean that none of them fires any more. With the usual
// `group_by: [alertname]` that is one item for an alert rule.
package alertmanager

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/source"
)

// Source is Alertmanager, or Grafana's unified alerting, whose webhook has the same fields and more. It implements
// [source.Source].
type Source struct {
	Secrets   source.Secrets // as Bearer token, or as the password of Basic
	TeamLabel string         // the label that names the team on duty: its value X makes the audience oncall-X
}

// Name is the function's.
func (*Source) Name() string { return "alertmanager" }

// Verify looks for one of the secrets.
func (s *Source) Verify(r *http.Request, _ []byte) error {
	if !s.Secrets.Presented(r) {
		return source.Unverified{
			Challenge: `Bearer realm="tidings"`,
			Detail:    "Authorization: is missing or wrong; send the secret as Bearer token, or as the password of Basic",
		}
	}
	return nil
}

// message is what both post, version 4: prometheus.io/docs/alerting/latest/configuration/#webhook_config.
type message struct {
	Status          string            // firing, as long as one alert of the group does; resolved
	GroupLabels     map[string]string // equal for all alerts in it
	TruncatedAlerts int               // how many the sender left out
	Alerts          []alert
}

type alert struct {
	Status       string
	Labels       map[string]string
	Annotations  map[string]string
	StartsAt     time.Time
	EndsAt       time.Time // of a firing one it is a guess
	GeneratorURL string    // the query behind the alert
	PanelURL     string    // Grafana's
	Fingerprint  string    // of its labels
}

// Map makes an incident.opened of each firing alert, and an incident.resolved of each resolved one if none of its name
// fires any more. A firing alert is repeated every few hours, and whenever another one of its group changes: it has
// the same id then.
func (s *Source) Map(_ http.Header, body []byte) (source.Mapped, error) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil || m.Alerts == nil {
		err = cmp.Or(err, errors.New("it has no alerts"))
		return source.Mapped{}, problem.New(http.StatusBadRequest, "the body is no webhook message of Alertmanager or Grafana: %v", err)
	}
	firing := map[string]bool{}
	for _, a := range m.Alerts {
		firing[a.name()] = firing[a.name()] || a.Status == "firing"
	}
	var mapped source.Mapped
	seen := map[string]bool{}
	for _, a := range m.Alerts {
		stillFiring := firing[a.name()] || m.TruncatedAlerts > 0 && m.Status == "firing"
		e := s.event(&m, &a)
		if (a.Status == "resolved" && stillFiring) || seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		mapped.Events = append(mapped.Events, source.Event{Event: e})
	}
	switch {
	case len(m.Alerts) == 0:
		mapped.Why = "there are no alerts in it"
	case len(mapped.Events) == 0:
		mapped.Why = "what is resolved is one alert of several, and others of its name still fire"
	}
	return mapped, nil
}

func (s *Source) event(m *message, a *alert) event.Event {
	e := event.Event{
		Type: "incident.opened", Time: a.StartsAt, Priority: priority(a.Labels["severity"]), Audience: s.audience(a.Labels),
		Target: event.Target{
			Type: "alert", ID: id("alert", a.name(), labels(m.GroupLabels)), Title: m.title(a),
			URL: cmp.Or(a.PanelURL, a.Annotations["runbook_url"], a.GeneratorURL),
		},
		Data: map[string]any{
			"summary":  cmp.Or(a.Annotations["summary"], a.Annotations["description"], a.Annotations["message"]),
			"severity": a.Labels["severity"], "instance": a.Labels["instance"],
		},
	}
	ends := ""
	if a.Status == "resolved" {
		e.Type, e.Time, ends = "incident.resolved", a.EndsAt, a.EndsAt.UTC().Format(time.RFC3339Nano)
		if e.Priority.Rank() > event.Medium.Rank() {
			e.Priority = event.Medium // good news is never loud
		}
	}
	e.ID = id(cmp.Or(a.Fingerprint, labels(a.Labels)), a.StartsAt.UTC().Format(time.RFC3339Nano), a.Status, ends)
	return e
}

func (a *alert) name() string { return cmp.Or(a.Labels["alertname"], "An alert") }

// title is the alert's name, with what else its group has in common: "HighLatency (eu-west, checkout)".
func (m *message) title(a *alert) string {
	var common []string
	for _, name := range slices.Sorted(maps.Keys(m.GroupLabels)) {
		if value := m.GroupLabels[name]; name != "alertname" && name != "grafana_folder" && value != "" {
			common = append(common, value)
		}
	}
	if len(common) == 0 {
		return a.name()
	}
	return fmt.Sprintf("%s (%s)", a.name(), strings.Join(common, ", "))
}

// priority is what the label "severity" means, in the words that are in use. An alert that has none deserves a look.
func priority(severity string) event.Priority {
	switch strings.ToLower(severity) {
	case "critical", "page", "emergency", "fatal", "disaster":
		return event.Urgent
	case "warning", "minor", "medium":
		return event.Medium
	case "info", "informational", "low", "debug", "none":
		return event.Low
	}
	return event.High // error, major, high, and what we do not know
}

// audience is the team on duty: oncall-TEAM, or oncall where the label is missing.
func (s *Source) audience(all map[string]string) string {
	team := strings.Map(func(c rune) rune {
		if c == '/' || c <= ' ' || c > '~' {
			return '-'
		}
		return c
	}, strings.ToLower(all[s.TeamLabel]))
	if team == "" {
		return "oncall"
	}
	name := "oncall-" + team
	return name[:min(len(name), event.MaxUID)]
}

// labels writes labels in one way, whatever the order.
func labels(all map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%q=%q,", name, all[name])
	}
	return b.String()
}

// id is a short name for all the parts together.
func id(parts ...string) string {
	raw, _ := json.Marshal(parts) // strings always can be
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}
