package main

import (
	"bytes"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What can be computed by hand.
func TestByHand(t *testing.T) {
	t.Parallel()
	s, c := plain(t)
	s.PushCall, s.QueryCall, s.PublishCall, s.ReadCall, s.WriteCall, s.WriteDocument, s.ListenerCall = .03, .1, .02, .01, .03, .0002, .05
	idle := costs{audience: operations{1, 1}, alone: operations{1, 1}} // CPU that takes no time
	for _, tc := range []struct {
		name string
		c    costs
		s    func(s *settings)
		do   func(m *model)
		want float64
	}{
		{"one event: push, message, commit, read, write, screen", c, nil, func(m *model) {
			m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: c.alone}})
		}, .03 + .0002 + (.001 + .0001) + .01 + (.03 + .0002) + .05},
		{"1,000 people, one instance: push, query, publish, push; a queue has 100, 100 and 50 of them, one commit after the other", idle, func(s *settings) {
			s.Share, s.RampStart = 400, 0
		}, func(m *model) { m.begin(1000, &kind{operations: idle.audience}, false) },
			.03 + .1 + .02 + .03 + 2*(.01+.03+100*.0002) + (.01 + .03 + 50*.0002) + .05},
		{"10 people, one write a second: the last one begins after nine", idle, func(s *settings) { s.Writes, s.Inboxes, s.Queues, s.Share = 1, 1, 1, 1 }, func(m *model) {
			m.publish(&parcel{messages: 10, people: 1, kind: &kind{operations: idle.alone}})
			m.normal.window = 10
		}, .03 + .01 + 9 + (.03 + .0002) + .05},
		{"one event, and no instance runs", idle, func(s *settings) { s.Start = 1.5 }, func(m *model) {
			m.instances = nil
			m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: idle.alone}})
		}, 1.5 + .03 + .01 + (.03 + .0002) + .05},
		{"an item of one person, 50 likes at once: one commit", idle, nil, func(m *model) {
			m.normal.window = 50
			m.publish(&parcel{messages: 50, people: 1, inbox: &inboxOf{meter: meter{rate: 1}}, kind: &kind{operations: idle.alone}})
		}, .03 + .01 + (.03 + .0002) + .05},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := s
			if tc.s != nil {
				tc.s(&s)
			}
			m := newModel(s, tc.c, 0, 1)
			m.warm(1, 0)
			tc.do(m)
			m.run(1e6, never)
			if math.Abs(m.seen.last-tc.want) > 1e-9 {
				t.Errorf("the last one waits %.6f s, want %.6f", m.seen.last, tc.want)
			}
		})
	}
}

// What limits.json says of our own code is what the code says.
func TestOurOwnLimitsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	list, _, err := readLimits(nil)
	if err != nil {
		t.Fatal(err)
	}
	source := func(file string) string {
		raw, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for name, at := range map[string]struct{ file, pattern string }{
		"pubsub_backoff":  {"shared/topology/table.go", `minBackoff +Seconds = ([\d_]+)`},
		"run_instances":   {"shared/topology/table.go", `(?s)Name: "notify".*?MaxInstances: ([\d_]+)`},
		"run_concurrency": {"shared/topology/table.go", `(?s)Name: "notify".*?Concurrency: ([\d_]+)`},
		"scheduler_every": {"shared/topology/table.go", `"due", "due", "/due", "[^"]+", ([\d_]+)`},
		"due_pages":       {"functions/due/due.go", `allPages += ([\d_]+)`},
		"due_page":        {"shared/store/inbox.go", `MaxBatch = ([\d_]+)`},
		"due_time":        {"functions/due/due.go", `walkTime += ([\d_]+) \* time.Second`},
		"walk_stride":     {"functions/notify/walk.go", `stride = ([\d_]+)`},
		"walk_share":      {"functions/notify/walk.go", `share = ([\d_]+)`},
		"walk_wait":       {"functions/notify/walk.go", `maxWait += ([\d_]+) \* time.Second`},
		"queues":          {"functions/notify/groupcommit/committer.go", `queues += ([\d_]+)`},
		"queue_waiting":   {"functions/notify/groupcommit/queue.go", `maxWaiting = ([\d_]+)`},
		"queue_courtesy":  {"functions/notify/groupcommit/queue.go", `courtesy += ([\d_]+) \* time.Millisecond`},
		"queue_alarm":     {"functions/notify/groupcommit/queue.go", `alarm += ([\d_]+) \* time.Second`},
		"commit_inboxes":  {"functions/notify/groupcommit/committer.go", `maxInboxes += ([\d_]+)`},
		"commit_jobs":     {"functions/notify/groupcommit/committer.go", `maxJobs += ([\d_]+)`},
		"inbox_pause":     {"functions/notify/groupcommit/queue.go", `longest += ([\d_]+) \* time.Millisecond`},
		"inbox_quiet":     {"functions/notify/groupcommit/queue.go", `quiet += ([\d_]+) \* time.Millisecond`},
		"tell_time":       {"functions/notify/courier/courier.go", `startTime = ([\d_]+) \* time.Second`},
	} {
		found := regexp.MustCompile(at.pattern).FindStringSubmatch(source(at.file))
		if found == nil {
			t.Errorf("%s: nothing in %s looks like %s", name, at.file, at.pattern)
			continue
		}
		want, _ := strconv.ParseFloat(strings.ReplaceAll(found[1], "_", ""), 64)
		if strings.Contains(at.pattern, "Millisecond") {
			want /= 1000
		}
		i := slices.IndexFunc(list, func(l limit) bool { return l.Name == name })
		if i < 0 || list[i].Value != want {
			t.Errorf("%s: limits.json has %v, %s has %v", name, list[max(i, 0)].Value, at.file, want)
		}
	}
}

func TestEachLimitHasItsSource(t *testing.T) {
	t.Parallel()
	list, s, err := readLimits(nil)
	if err != nil {
		t.Fatal(err)
	}
	if most := 2 * s.Inboxes; most > s.Batch { // an item, and the profile
		t.Errorf("a commit writes up to %d documents, a BatchWrite takes %d", most, s.Batch)
	}
	for _, l := range list {
		if l.What == "" || l.Source == "" || l.Seen == "" || !slices.Contains([]string{"published", "second hand", "ours", "assumed"}, l.Kind) {
			t.Errorf("%s: what it is, kind, source and date must be given: %+v", l.Name, l)
		}
	}
}

// Programs take turns on the cores, and none is on more of them than it has threads.
func TestProgramsShareTheCores(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		cores   int
		threads []int     // of each program, which has two pieces of 10 ms
		want    []float64 // when each has done both, seconds
	}{
		{"a thread alone does one after the other", 2, []int{1}, []float64{.02}},
		{"two threads do both at once", 2, []int{2}, []float64{.01}},
		{"two programs on one core have half of it each", 1, []int{1, 1}, []float64{.039, .04}},
		{"three programs on two cores", 2, []int{1, 1, 1}, []float64{.03, .03, .03}},
		{"who has one thread does not get the second core", 2, []int{1, 2}, []float64{.02, .02}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var e engine
			all, done := newCores(&e, tc.cores), make([]float64, len(tc.threads))
			for i, n := range tc.threads {
				p := all.program(n)
				for range 2 {
					p.run(.01, func() { done[i] = e.now })
				}
			}
			e.run(math.Inf(1), never)
			for i, want := range tc.want {
				if math.Abs(done[i]-want) > slice*1.01 {
					t.Errorf("program %d is done at %.4f s, want %.4f", i, done[i], want)
				}
			}
		})
	}
}

// Pub/Sub's emulator gives a batch at a tick, whoever asks when.
func TestMessagesComeInBatches(t *testing.T) {
	t.Parallel()
	ticks := ticks{every: 1, phase: .25, batch: 2}
	for i, tc := range []struct{ asked, want float64 }{{0, .25}, {.25, .25}, {.25, 1.25}, {.5, 1.25}, {.5, 2.25}, {7, 7.25}, {7.5, 8.25}} {
		if got := ticks.next(tc.asked); got != tc.want {
			t.Errorf("message %d, asked for at %g s, comes at %g, want %g", i, tc.asked, got, tc.want)
		}
	}
}

func TestCheckNeedsWhatOlderBenchmarksDoNotPrint(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(measuredFile)
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(old, bytes.ReplaceAll(raw, []byte("firestore_cpu_s_per_1000"), []byte("unknown")), 0o600); err != nil {
		t.Fatal(err)
	}
	err = realMain([]string{"-check", old}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "firestore_cpu_s_per_1000") || !strings.Contains(err.Error(), "measure it anew") {
		t.Errorf("error %v, want one that names the figure and says what to do", err)
	}
}

// The model of the benchmark's machine is set to some figures and says others.
func TestCheckComparesWithABenchmark(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := realMain([]string{"-check", measuredFile}, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 2+9 {
		t.Errorf("%d lines, want a head and nine figures:\n%s", lines, out.String())
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.Contains(line, "calibrated") && !strings.Contains(line, "| +0 % |") && !strings.Contains(line, "| -0 % |") {
			t.Errorf("a figure that the model was set to is not met: %s", line)
		}
	}
}

var update = flag.Bool("update", false, "write the tables of emulator/README.md anew")

// The README shows what the command prints. The largest scenarios take seconds: of them it is only looked whether there is a row.
func TestReadmeShowsTheTables(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	readme := string(raw)
	printed := func(args ...string) string {
		var out bytes.Buffer
		if err := realMain(append(args, "-measured", measuredFile, "-data", dataDir), &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	check := printed("-check", measuredFile)
	if *update {
		readme = between(t, readme, "<!-- go run ./emulator/scale -->\n", printed())
		readme = between(t, readme, "<!-- go run ./emulator/scale -check emulator/scale/measured.json -->\n", check)
		if err := os.WriteFile(readmeFile, []byte(readme), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const anew = "emulator/README.md differs from what go run ./emulator/scale prints; run go test ./emulator/scale -update. It should have\n%s"
	for _, s := range scenarios {
		if row := "| " + s.what + " |"; !strings.Contains(readme, row) {
			t.Errorf(anew, row)
		}
	}
	for _, name := range []string{"day-1k", "day-10k", "announcement", "incident"} {
		if row := strings.Split(printed("-scenario", name), "\n")[4]; !strings.Contains(readme, row) {
			t.Errorf(anew, row)
		}
	}
	if !strings.Contains(readme, check) {
		t.Errorf(anew, check)
	}
}

// between replaces what stands between begin and the next end.
func between(t *testing.T, text, begin, with string) string {
	t.Helper()
	before, rest, begins := strings.Cut(text, begin)
	_, after, ends := strings.Cut(rest, "<!-- end -->")
	if !begins || !ends {
		t.Fatalf("%s has nothing between %q and <!-- end -->", readmeFile, begin)
	}
	return before + begin + with + "<!-- end -->" + after
}

// A day that is too much for the instances has its first limit, and what waits is told in hours.
func TestADayThatIsTooLarge(t *testing.T) {
	t.Parallel()
	s, c := plain(t)
	s.Instances, c.publish, c.message = 1, 0, .005
	d, err := readData(dataDir)
	if err != nil {
		t.Fatal(err)
	}
	e := env{settings: s, costs: c, data: d, seed: 1, events: 2000}
	if o := e.ordinary(1e5); o.first != none || o.share > 1 || o.last > 10 {
		t.Errorf("100,000 people and one instance: %s at %g, the last one waits %g s, want no limit", o.first, o.share, o.last)
	}
	o := e.ordinary(3e6)
	if o.first != byCPU || o.share < 1 || o.p99 < 60 {
		t.Errorf("3 million people and one instance: %s at %g, p99 %g s, want notify's CPU and minutes", o.first, o.share, o.p99)
	}
	s.Instances = 20
	if more := (env{settings: s, costs: c, data: d, seed: 1, events: 2000}).ordinary(3e6); more.last >= o.last {
		t.Errorf("with 20 instances the last one waits %g s, with one %g s", more.last, o.last)
	}
}

const measuredFile, dataDir, readmeFile = "measured.json", "../../infra/cost", "../README.md"
