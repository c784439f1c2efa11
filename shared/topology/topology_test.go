package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/topics"
	"tidings.dev/shared/topology"
)

func TestTopicsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	want := []string{string(topics.Events), string(topics.Urgent), string(topics.Retry), string(topics.DeadLetters), string(topics.Facts), string(topics.Outgoing)}
	if diff := cmp.Diff(want, topology.Deployed().Topics); diff != "" {
		t.Errorf("topics (-shared/topics +table):\n%s", diff)
	}
}

// Whoever is called is there, at a path that it serves, and lets the caller in.
func TestEveryCallArrives(t *testing.T) {
	t.Parallel()
	table := topology.Deployed()
	check := func(what, name, path string, by topology.Caller) {
		t.Helper()
		f, ok := table.Function(name)
		if !ok {
			t.Errorf("%s: there is no function %q", what, name)
			return
		}
		served := slices.ContainsFunc(f.Paths, func(p string) bool {
			return p == path || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
		})
		if !served {
			t.Errorf("%s: %s serves %q, not %s", what, name, f.Paths, path)
		}
		if !slices.Contains(f.Callers, by) {
			t.Errorf("%s: %s lets in %q, not %s", what, name, f.Callers, by)
		}
	}
	for _, s := range table.Subscriptions {
		check("subscription "+s.Name, s.Function, s.Path, topology.PubSub)
	}
	for _, tr := range table.Triggers {
		check("trigger "+tr.Name, tr.Function, tr.Path, topology.Eventarc)
	}
	for _, j := range table.Jobs {
		check("job "+j.Name, j.Function, j.Path, topology.Scheduler)
	}
}

// Pages renew their leases in the profile every 40 seconds: no function is called for that.
func TestNoFunctionIsCalledForALease(t *testing.T) {
	t.Parallel()
	for _, tr := range topology.Deployed().Triggers {
		if got := strings.Count(tr.Document, "/"); got != 3 || !strings.HasPrefix(tr.Document, "users/{uid}/") {
			t.Errorf("trigger %s is about %s, which is not a document below a profile", tr.Name, tr.Document)
		}
	}
}

func TestNobodyIsLetInForNothing(t *testing.T) {
	t.Parallel()
	table := topology.Deployed()
	for _, f := range table.Functions {
		for _, c := range f.Callers {
			calls := c == topology.Public || c == topology.Operator ||
				c == topology.PubSub && slices.ContainsFunc(table.Subscriptions, func(s topology.Subscription) bool { return s.Function == f.Name }) ||
				c == topology.Eventarc && slices.ContainsFunc(table.Triggers, func(tr topology.Trigger) bool { return tr.Function == f.Name }) ||
				c == topology.Scheduler && slices.ContainsFunc(table.Jobs, func(j topology.Job) bool { return j.Function == f.Name })
			if !calls {
				t.Errorf("%s lets in %s, which never calls it", f.Name, c)
			}
		}
		if public := slices.Contains(f.Callers, topology.Public); public != (f.Authentication != "") {
			t.Errorf("%s: public %v, authentication %q; a public function says how it knows its caller, and no other does", f.Name, public, f.Authentication)
		}
		if f.Source && !slices.Contains(f.Callers, topology.Public) {
			t.Errorf("%s is a source that nobody outside can call", f.Name)
		}
	}
}

// What Google's APIs would refuse, or take and do something else.
func TestLimits(t *testing.T) {
	t.Parallel()
	table := topology.Deployed()
	within := func(what string, got, low, high int) {
		t.Helper()
		if got < low || got > high {
			t.Errorf("%s is %d; %d to %d was expected", what, got, low, high)
		}
	}
	for _, f := range table.Functions {
		within(f.Name+": concurrency", f.Concurrency, 1, 1000)
		within(f.Name+": timeout", int(f.Timeout), 1, 3600)
		within(f.Name+": memory", f.MemoryMiB, 128, 32768)
		within(f.Name+": instances", f.MaxInstances, 1, 100)
		within(f.Name+": CPU", f.CPU, 1, 8)
		for _, topic := range f.Publishes {
			if !slices.Contains(table.Topics, topic) {
				t.Errorf("%s publishes to %q, which is no topic", f.Name, topic)
			}
		}
	}
	for _, c := range table.Commands {
		within(c.Name+": timeout", int(c.Timeout), 1, 24*60*60) // longer ones are in preview
		within(c.Name+": memory", c.MemoryMiB, 512, 32768)
		within(c.Name+": CPU", c.CPU, 1, 8)
		if _, is := table.Function(c.Name); is {
			t.Errorf("%s is a function too: FUNCTION_TARGET would say both", c.Name)
		}
	}
	for _, s := range table.Subscriptions {
		within(s.Name+": ack deadline", int(s.AckDeadline), 10, 600)
		within(s.Name+": least backoff", int(s.MinBackoff), 10, int(s.MaxBackoff))
		within(s.Name+": most backoff", int(s.MaxBackoff), int(s.MinBackoff), 600)
		if dead := s.DeadLetter != ""; dead != (s.Attempts > 0) {
			t.Errorf("%s: %d attempts and dead letters to %q", s.Name, s.Attempts, s.DeadLetter)
		}
		if s.Attempts > 0 {
			within(s.Name+": attempts", s.Attempts, 5, 100)
		}
		if f, _ := table.Function(s.Function); f.Timeout > s.AckDeadline {
			t.Errorf("%s may take %d s over a message that comes again after %d s", s.Function, f.Timeout, s.AckDeadline)
		}
		if !slices.Contains(table.Topics, s.Topic) || s.DeadLetter == s.Topic {
			t.Errorf("%s: topic %q, dead letters to %q", s.Name, s.Topic, s.DeadLetter)
		}
	}
}

func TestNobodyAdministers(t *testing.T) {
	t.Parallel()
	may := []string{"roles/datastore.user", "roles/firebasecloudmessaging.admin", "roles/firebaseauth.viewer", "roles/bigquery.jobUser"}
	held := map[string][]string{}
	for _, f := range topology.Deployed().Functions {
		held[f.Name] = f.Roles
	}
	for _, c := range topology.Deployed().Commands {
		held[c.Name] = c.Roles
	}
	for name, roles := range held {
		for _, role := range roles {
			if !slices.Contains(may, role) {
				t.Errorf("%s has the role %s; %q are those that it may have", name, role, may)
			}
		}
	}
}
