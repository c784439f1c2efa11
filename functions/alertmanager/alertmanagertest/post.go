package alertmanagertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// said is the model's account of what it has said: the alerts of each incident.
type said struct {
	by    map[[2]string]map[string]*saying // audience and title, then fingerprint
	order int
}

type saying struct {
	burns    bool
	order    int // the later, the larger
	summary  string
	priority event.Priority
}

// post makes a step of a message, and another one where the answer gets lost and the same message comes again.
func (w *world) post(g *group, alerts []*alert) {
	truncated := 0
	if most := w.sender.maxAlerts; most > 0 && len(alerts) > most {
		alerts, truncated = alerts[:most], len(alerts)-most
	}
	body := w.body(g, alerts, truncated)
	what := fmt.Sprintf("%s; %d flushes %v", strings.Join(w.happened, "; "), w.minute, g.labels)
	w.happened = nil
	w.said.hear(g, alerts)
	w.steps = append(w.steps, Step{What: what, Body: body, Want: w.said.incidents()})
	if w.chance(5) {
		w.said.hear(g, alerts)
		w.steps = append(w.steps, Step{What: "the answer gets lost", Body: body, Want: w.said.incidents()})
	}
}

// day is when the incident begins.
var day = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func (w *world) body(g *group, alerts []*alert, truncated int) []byte {
	at := func(minute int) string { return day.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339Nano) }
	status := "resolved" // of those in the message
	var list []map[string]any
	for _, a := range alerts {
		one := map[string]any{
			"status": "firing", "labels": a.labels, "annotations": map[string]string{"summary": a.summary()}, "startsAt": at(a.starts),
			"endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example/graph", "fingerprint": a.fingerprint,
		}
		if a.fires {
			status = "firing"
		} else {
			one["status"], one["endsAt"] = "resolved", at(a.ends)
		}
		list = append(list, one)
	}
	raw, err := json.Marshal(map[string]any{
		"version": "4", "groupKey": "{}:{" + written(g.labels) + "}", "truncatedAlerts": truncated, "status": status, "receiver": "tidings",
		"groupLabels": g.labels, "commonLabels": map[string]string{}, "commonAnnotations": map[string]string{}, "externalURL": "http://alertmanager.example:9093", "alerts": list,
	})
	if err != nil {
		panic(err) // strings and numbers always can be written
	}
	return raw
}

func (a *alert) summary() string {
	return fmt.Sprintf("%s of %s at %d", a.labels["alertname"], cmp.Or(a.labels["instance"], a.labels["cluster"]), a.readings)
}

func (a *alert) priority() event.Priority {
	return map[string]event.Priority{"critical": event.Urgent, "warning": event.Medium, "info": event.Low, "": event.High}[a.labels["severity"]]
}

// hear notes what a message says: what is resolved first, and the most severe last.
func (s *said) hear(g *group, alerts []*alert) {
	alerts = slices.Clone(alerts)
	slices.SortStableFunc(alerts, func(a, b *alert) int { return cmp.Compare(a.priority().Rank(), b.priority().Rank()) })
	for _, a := range alerts {
		key, fp := [2]string{a.audience(), g.title(a)}, a.fingerprint
		switch {
		case s.by[key][fp] == nil && !a.fires: // nobody was ever told that it burns
			continue
		case s.by[key] == nil:
			s.by[key] = map[string]*saying{}
		}
		s.order++
		s.by[key][fp] = &saying{burns: a.fires, order: s.order, summary: a.summary(), priority: a.priority()}
	}
}

// audience is who is told of the alert.
func (a *alert) audience() string {
	if team := a.labels["team"]; team != "" && team != "ghost" {
		return "oncall-" + team
	}
	return "oncall"
}

// title is how the alert's incident is called: by its name, and what else the group has in common.
func (g *group) title(a *alert) string {
	common := maps.Clone(g.labels)
	delete(common, "alertname")
	delete(common, "team")
	var values []string
	for _, name := range slices.Sorted(maps.Keys(common)) {
		values = append(values, common[name])
	}
	if len(values) == 0 {
		return a.labels["alertname"]
	}
	return fmt.Sprintf("%s (%s)", a.labels["alertname"], strings.Join(values, ", "))
}

// incidents is the account as inboxes have to show it.
func (s *said) incidents() (all []Incident) {
	for key, sayings := range s.by {
		in, newest := Incident{Audience: key[0], Title: key[1]}, 0
		for fp, one := range sayings {
			if !one.burns {
				continue
			}
			in.Open = append(in.Open, fp)
			if one.order > newest {
				newest, in.Summary = one.order, one.summary
			}
			if one.priority.Rank() > in.Priority.Rank() {
				in.Priority = one.priority
			}
		}
		slices.Sort(in.Open)
		all = append(all, in)
	}
	Sort(all)
	return all
}
