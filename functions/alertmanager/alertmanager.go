// Package alertmanager makes incidents of the alerts that Prometheus Alertmanager and Grafana post. An alert rule is one
// item on each screen of the team on duty: firing opens it, or opens it again, and it says so when all is well.
//
// Each alert is an instance of its item, and its state is what the sender said last. An alert that is not in a message keeps
// its state: it may be silenced, inhibited or cut off (max_alerts), and fire all the same. So nothing that fires is shown as
// resolved. The price: an alert that ends while it is silenced, or while Alertmanager is restarted without its state, is
// never said to be resolved, and its item stays open until the person archives it or it expires.
//
// An item stands for the alerts of one name and one team, within one group of the sender's: `group_by: [alertname, cluster]`
// asks for an item for each cluster. A group that is cut differently while an alert fires is another item.
//
// Each team is told of its own alerts. A fingerprint is made of an alert's labels, so an alert cannot change its team: the
// sender resolves it under the old label and opens another one. "Resolved" names nobody: it goes to whoever was told that the
// alert fires, also to those who have left the team since.
package alertmanager

import (
	"cmp"
	"fmt"
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

// Map makes an incident.opened of each alert that fires, and an incident.resolved of each that is resolved. The events have
// no ids and no times: an alert that flaps repeats the same bytes, and its state is what was said last. Those that fire come
// last and the most severe one at the end, since later entries are newer: the item speaks of that one.
//
// An alert that cannot be read is left out, and the answer says so. Only a message without any that can be read is refused.
func (s *Source) Map(_ http.Header, body []byte) (source.Mapped, error) {
	m, left, err := read(body)
	if err != nil {
		return source.Mapped{}, err
	}
	if len(m.alerts) == 0 && len(left) > 0 {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "no alert in the body can be read: %s", sentence(left))
	}
	slices.SortStableFunc(m.alerts, func(a, b alert) int {
		return cmp.Or(cmp.Compare(a.fires(), b.fires()), cmp.Compare(a.priority().Rank(), b.priority().Rank()))
	})
	m.groupKey, m.groupName = s.group(m.groupLabels)
	var mapped source.Mapped
	for i := range m.alerts {
		mapped.Events = append(mapped.Events, s.event(m, &m.alerts[i]))
	}
	if m.truncated > 0 {
		left = append(left, fmt.Sprintf("truncatedAlerts: the alerts that the sender cut off (%d) keep the state that was said last", m.truncated))
	}
	if len(m.alerts) == 0 {
		left = append(left, "there are no alerts in it")
	}
	mapped.Why = sentence(left)
	return mapped, nil
}

// maxReasons is how many reasons an answer gives.
const maxReasons = 5

func sentence(reasons []string) string {
	if more := len(reasons) - maxReasons; more > 0 {
		reasons = append(reasons[:maxReasons:maxReasons], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(reasons, "; ")
}

// event is what an alert says, to the team that its labels name. Where a team has nobody, oncall is told that the alert
// fires. That it is over is told to whoever was told that it fires, and so names nobody.
func (s *Source) event(m *message, a *alert) source.Event {
	team := audience(a.labels[s.TeamLabel])
	e := event.Event{
		Type: "incident.opened", Audience: team, Instance: a.instance(), Priority: a.priority(),
		Target: event.Target{Type: "alert", ID: s.incident(m, a, team), Title: s.title(m, a), URL: m.link(a)},
		Data:   data(a),
	}
	if a.status == resolved {
		e.Type = "incident.resolved"
		if e.Priority.Rank() > event.Medium.Rank() {
			e.Priority = event.Medium // good news is never loud
		}
		e.Audience = ""
		return source.Event{Event: e}
	}
	return source.Event{Event: e, Fallback: everybody}
}

// data is what sentences and clients may use, without what the sender left out.
func data(a *alert) map[string]any {
	all := map[string]any{}
	for key, value := range map[string]string{
		"summary": a.summary(), "severity": a.labels["severity"], "instance": a.labels["instance"],
		"startsAt": stamp(a.startsAt), "endsAt": stamp(a.endsAt),
	} {
		if value != "" {
			all[key] = value
		}
	}
	return all
}

// stamp writes a time that can be one; of an alert that fires, the end is the year 1.
func stamp(t time.Time) string {
	if t.Unix() < 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
