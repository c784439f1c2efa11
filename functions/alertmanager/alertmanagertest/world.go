package alertmanagertest

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// condition is what a rule watches: it burns or not. Its labels make it an alert.
type condition struct {
	labels      map[string]string
	name        string // the labels, written in one way
	fingerprint string // of the labels
	burns       bool
	starts      int // the minute from which it burns
	ends        int // the minute in which it ended
	readings    int // how often its annotations were written: each time with another value
	announced   bool
}

// call gives the condition these labels, and the fingerprint that follows from them: other labels are another alert.
func (c *condition) call(labels map[string]string) {
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	c.labels, c.name = labels, written(labels)
	h := fnv.New64a()
	h.Write([]byte(c.name))
	c.fingerprint = fmt.Sprintf("%016x", h.Sum64())
}

// written is the labels in one way.
func written(labels map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		b.WriteString(name + "=" + labels[name] + ",")
	}
	return b.String()
}

// world is the conditions, the Prometheus that evaluates them, and the Alertmanager that tells of them.
type world struct {
	*rand.Rand
	minute     int
	conditions []*condition
	gone       []*condition // with labels that are no more: they end, and are told of until they are forgotten
	happened   []string     // since the last step
	sender     sender
	said       said
	steps      []Step
}

func newWorld(r *rand.Rand) *world {
	w := &world{Rand: r, said: said{by: map[[2]string]map[string]*saying{}}}
	w.sender = newSender(r)
	add := func(name, instance, severity, team, cluster string) {
		c := &condition{}
		c.call(map[string]string{"alertname": name, "instance": instance, "severity": severity, "team": team, "cluster": cluster})
		w.conditions = append(w.conditions, c)
	}
	for i, cluster := range []string{"east", "west"} {
		add("ClusterDown", "", "critical", "platform", cluster) // inhibits the warnings of its cluster
		add("HighLatency", "web-"+cluster, "warning", []string{"shop", "platform"}[i], cluster)
		for _, db := range []string{"db-a", "db-b", "db-c"} {
			severity := []string{"critical", "warning", "info", ""}[r.IntN(4)]
			add("DiskFull", db+"."+cluster, severity, []string{"shop", "platform"}[r.IntN(2)], cluster)
		}
	}
	add("NodeDown", "node-1", "critical", "", "east")
	add("CertExpires", "www", "warning", "ghost", "")
	return w
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

func (w *world) note(format string, args ...any) {
	w.happened = append(w.happened, fmt.Sprintf("%d ", w.minute)+fmt.Sprintf(format, args...))
}

// any is one condition.
func (w *world) any() *condition { return w.conditions[w.IntN(len(w.conditions))] }

// something happens, or not.
func (w *world) something() {
	switch n := w.IntN(100); {
	case n < 22:
		w.begin(w.any(), w.chance(40))
	case n < 38:
		w.end(w.any())
	case n < 46:
		w.flap(w.any())
	case n < 50:
		w.relabel(w.any())
	case n < 56:
		w.sender.silence(w, w.any().labels)
	case n < 61:
		w.sender.unsilence(w)
	case n < 63:
		w.sender.restart(w)
	}
}

// calm ends all that burns, and all silences.
func (w *world) calm() {
	for _, c := range w.conditions {
		w.end(c)
	}
	w.sender.silences = nil
	w.note("all is well, and nothing is silenced")
}

// begin lets a condition burn. What begins again soon may keep its start.
func (w *world) begin(c *condition, keepsStart bool) {
	if c.burns {
		return
	}
	if !keepsStart || !c.announced || w.minute-c.ends > forgotten {
		c.starts = w.minute
	}
	c.burns, c.announced = true, true
	w.note("%s burns", c)
}

func (w *world) end(c *condition) {
	if c.burns {
		c.burns, c.ends = false, w.minute
		w.note("%s is over", c)
	}
}

// flap ends a condition and begins it again, or the other way round, within a minute.
func (w *world) flap(c *condition) {
	if c.burns {
		w.end(c)
		w.begin(c, w.chance(50))
	} else {
		w.begin(c, w.chance(50))
		w.end(c)
	}
}

// relabel gives a condition another team or severity. To everybody behind the rule that is another alert, and the old one ends.
func (w *world) relabel(c *condition) {
	if c.labels["alertname"] != "DiskFull" {
		return
	}
	old, labels := *c, maps.Clone(c.labels)
	w.note("%s gets another label", c)
	if w.chance(50) {
		labels["team"] = map[string]string{"shop": "platform", "platform": "shop"}[labels["team"]]
	} else {
		labels["severity"] = map[string]string{"critical": "warning"}[labels["severity"]]
	}
	if c.call(labels); c.name == old.name {
		return
	}
	if old.burns {
		old.burns, old.ends = false, w.minute
		c.starts = w.minute
	}
	w.gone = append(w.gone, &old)
}

func (c *condition) String() string { return c.name }

// forgotten is for how many minutes Prometheus tells again of what is over.
const forgotten = 15

// evaluate is what Prometheus does each minute: it sends all that burns, and what ended not long ago.
func (w *world) evaluate() {
	for _, c := range slices.Concat(w.gone, w.conditions) { // what has new labels burns after its old ones have ended
		if c.burns {
			c.readings++
		}
		if c.burns || c.announced && w.minute-c.ends < forgotten {
			w.sender.receive(w, c)
		}
	}
}
