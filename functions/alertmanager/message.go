package alertmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/source"
)

// message is what both post, as far as it is of use: prometheus.io/docs/alerting/latest/configuration/#webhook_config.
type message struct {
	groupLabels map[string]string // equal for all alerts in it
	groupKey    string            // what identifies their group, and
	groupName   string            // what it is called: set by Map
	externalURL *url.URL          // where the sender is, for links that are relative; nil: it does not say
	truncated   int               // how many alerts the sender left out
	alerts      []alert
}

type alert struct {
	status       string
	labels       map[string]string
	annotations  map[string]string
	startsAt     time.Time
	endsAt       time.Time // of what fires it is a guess
	generatorURL string    // the query behind the alert
	panelURL     string    // Grafana's
	dashboardURL string    // Grafana's
	fingerprint  string    // of its labels
}

// What an alert's status says.
const (
	firing   = "firing"
	resolved = "resolved"
)

// fires orders alerts: 1 for those that fire, 0 for the others.
func (a *alert) fires() int {
	if a.status == firing {
		return 1
	}
	return 0
}

// read reads a message field by field: one that is not as expected costs no other one. It returns what it left out, in a
// sentence each that names the field. The error is a problem: the body is no such message at all.
func read(body []byte) (*message, []string, error) {
	if json.Valid(body) && source.Crowded(body) {
		return nil, nil, problem.New(http.StatusRequestEntityTooLarge, "a list or an object has more than %d entries; set max_alerts at the sender", source.MaxEntries)
	}
	var raw struct {
		Status, GroupLabels, ExternalURL, TruncatedAlerts json.RawMessage
		Alerts                                            []json.RawMessage
	}
	if err := json.Unmarshal(body, &raw); err != nil || raw.Alerts == nil {
		return nil, nil, problem.New(http.StatusBadRequest, "the body is no webhook message of Alertmanager or Grafana: a JSON object with a list \"alerts\" was expected").Because(err)
	}
	m := &message{externalURL: base(text(raw.ExternalURL))}
	m.groupLabels, _ = texts(raw.GroupLabels)
	if json.Unmarshal(raw.TruncatedAlerts, &m.truncated) != nil {
		m.truncated = 0
	}
	var left []string
	status := text(raw.Status)
	for i, one := range raw.Alerts {
		a, fault := readAlert(one, status)
		if fault != "" {
			left = append(left, fmt.Sprintf("alerts[%d]%s", i, fault))
		}
		if a != nil {
			m.alerts = append(m.alerts, *a)
		}
	}
	return m, left, nil
}

// readAlert returns nil for an alert of which nothing can be said. The fault tells what was left out, "" for nothing.
func readAlert(one json.RawMessage, status string) (a *alert, fault string) {
	var raw struct {
		Status, Labels, Annotations, StartsAt, EndsAt, GeneratorURL, PanelURL, DashboardURL, Fingerprint json.RawMessage
	}
	if bytes.Equal(one, []byte("null")) || json.Unmarshal(one, &raw) != nil {
		return nil, " is left out: an object was expected"
	}
	a = &alert{
		status: strings.ToLower(text(raw.Status)), generatorURL: text(raw.GeneratorURL), panelURL: text(raw.PanelURL),
		dashboardURL: text(raw.DashboardURL), fingerprint: text(raw.Fingerprint),
	}
	if a.status == "" {
		a.status = strings.ToLower(status)
	}
	if a.status != firing && a.status != resolved {
		return nil, ".status: the alert is left out; firing or resolved was expected"
	}
	var ok bool
	if a.labels, ok = texts(raw.Labels); !ok || len(a.labels) == 0 {
		return nil, ".labels: the alert is left out; an object of strings was expected"
	}
	a.annotations, _ = texts(raw.Annotations)
	if a.startsAt, ok = instant(raw.StartsAt); !ok {
		fault = ".startsAt: is left out; an RFC 3339 time was expected"
	}
	if a.status == resolved {
		a.endsAt, _ = instant(raw.EndsAt)
	}
	return a, fault
}

// maxOther is how much is kept of what is no text where a text was expected, in bytes.
const maxOther = 1_000

// text is a string as it is, other JSON as it is written, and "" for null and for what is missing.
func text(raw json.RawMessage) (s string) {
	if len(raw) == 0 || json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return strings.ToValidUTF8(string(raw[:min(len(raw), maxOther)]), "")
}

// texts is an object of texts, without those that are empty. It reports whether raw is an object.
func texts(raw json.RawMessage) (map[string]string, bool) {
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil || values == nil {
		return nil, false
	}
	all := make(map[string]string, len(values))
	for key, value := range values {
		if s := text(value); s != "" {
			all[key] = s
		}
	}
	return all, true
}

// instant reports whether raw is a time or is missing.
func instant(raw json.RawMessage) (t time.Time, ok bool) {
	if len(raw) > 0 && json.Unmarshal(raw, &t) != nil {
		return time.Time{}, false
	}
	return t, true
}
