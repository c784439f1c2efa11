package alertmanager

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// name is the rule's. Grafana calls an alert about a rule's data DatasourceNoData or DatasourceError, and has the rule's name
// in another label. It is "" where the labels name none.
func (a *alert) name() string {
	if a.labels["alertname"] == "" || a.aboutData() {
		return cmp.Or(a.labels["rulename"], a.labels["alertname"])
	}
	return a.labels["alertname"]
}

// aboutData reports whether the alert says that a rule of Grafana's has no data to decide by.
func (a *alert) aboutData() bool {
	return a.labels["alertname"] == "DatasourceNoData" || a.labels["alertname"] == "DatasourceError"
}

// incident identifies the item: the name, Grafana's folder of the rule, the team, and what else the alert's group has in
// common. An alert without a name is an incident of its own.
func (s *Source) incident(m *message, a *alert, team string) string {
	name := a.name()
	if name == "" {
		name = "alert " + a.instance()
	}
	return id(name, a.labels["grafana_folder"], team, m.groupKey)
}

// title is the alert's name, with what else its group has in common: "HighLatency (eu-west, checkout)". An alert without a
// name is called by its labels.
func (s *Source) title(m *message, a *alert) string {
	if a.name() == "" {
		return cmp.Or(strings.Join(values(s.unnamed(a.labels)), ", "), "An alert")
	}
	if m.groupName != "" {
		return fmt.Sprintf("%s (%s)", a.name(), m.groupName)
	}
	return a.name()
}

// group is what a group has in common besides what identifies the incident anyway, as a part of its id and for people. Each of thousands of
// alerts repeats it, so both are short.
func (s *Source) group(all map[string]string) (key, name string) {
	common := s.unnamed(all)
	if key = labels(common); len(key) > event.MaxTitle {
		key = id(key)
	}
	return key, source.Line(strings.Join(values(common), ", "), event.MaxTitle)
}

// unnamed is the labels without the name, the folder and the team.
func (s *Source) unnamed(all map[string]string) map[string]string {
	all = maps.Clone(all)
	for _, known := range []string{"alertname", "rulename", "grafana_folder", s.TeamLabel} {
		delete(all, known)
	}
	return all
}

// instance is which alert it is, whenever it is said: its fingerprint, or a hash of its labels.
func (a *alert) instance() string {
	printable := func(c rune) bool { return c > ' ' && c <= '~' }
	if a.fingerprint != "" && len(a.fingerprint) <= 64 && strings.IndexFunc(a.fingerprint, func(c rune) bool { return !printable(c) }) < 0 {
		return a.fingerprint
	}
	return id(a.fingerprint, labels(a.labels))
}

// summary is what has happened, in the words of whoever wrote the rule.
func (a *alert) summary() string {
	words := cmp.Or(a.annotations["summary"], a.annotations["description"], a.annotations["message"], a.annotations["Error"])
	if !a.aboutData() || a.name() == a.labels["alertname"] {
		return words
	}
	return strings.TrimSuffix(a.labels["alertname"]+": "+words, ": ") // the rule's words are about another condition
}

// priority is what the label "severity" means, in the words that are in use. An alert that has none deserves a look.
func (a *alert) priority() event.Priority {
	switch strings.ToLower(a.labels["severity"]) {
	case "critical", "page", "emergency", "fatal", "disaster":
		return event.Urgent
	case "warning", "minor", "medium":
		return event.Medium
	case "info", "informational", "low", "debug", "none":
		return event.Low
	}
	return event.High // error, major, high, and what we do not know
}

// everybody is the audience of alerts without a team, and of those whose team has no members.
const everybody = "oncall"

// audience is the team on duty: oncall-TEAM in small letters, with a hyphen for what has no place in a path, or oncall where
// the label is missing.
func audience(team string) string {
	team = strings.Map(func(c rune) rune {
		if c == '/' || c <= ' ' || c > '~' && !unicode.In(c, unicode.L, unicode.M, unicode.N) {
			return '-'
		}
		return c
	}, strings.ToLower(strings.TrimSpace(team)))
	if team == "" {
		return everybody
	}
	name := everybody + "-" + team
	for len(name) > event.MaxUID {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// labels writes labels in one way, whatever the order.
func labels(all map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%q=%q,", name, all[name])
	}
	return b.String()
}

// values are the labels' values in the order of their names.
func values(all map[string]string) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// id is a short name for all the parts together.
func id(parts ...string) string {
	raw, _ := json.Marshal(parts) // strings always can be
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}
