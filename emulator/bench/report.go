//go:build unix

package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// budgets are DESIGN §9's, held against what was measured.
func (b *bench) budgets() []Budget {
	ratio := func(workload, name string) (float64, string) {
		mine, floor := b.figure(workload, tidings, name), b.figure(workload, floorRef, name)
		if floor == 0 {
			return 0, "floor not measured"
		}
		return mine / floor, fmt.Sprintf("%.2f × (%.3g, floor %.3g)", mine/floor, mine, floor)
	}
	var all []Budget
	atMost := func(promise string, limit float64, value float64, found string) {
		all = append(all, Budget{promise, found, value <= limit})
	}
	v, s := ratio("paced", "p50_ms")
	atMost("paced: p50 ≤ 1.25 × floor", 1.25, v, s)
	v, s = ratio("paced", "p99_ms")
	atMost("paced: p99 ≤ 1.5 × floor", 1.5, v, s)

	applied := b.figure("storm", tidings, "applied")
	all = append(all, Budget{"storm: 1,000 likes counted exactly", fmt.Sprintf("%.0f (naive %.0f in 20 s)", applied, b.figure("storm", naiveRef, "applied")), applied == 1000})
	v = b.figure("storm", tidings, "writes_per_event")
	atMost("storm: ≤ 0.05 writes per event", .05, v, fmt.Sprintf("%.3f", v))
	v = b.figure("storm", tidings, "visible_after_ms")
	atMost("storm: last state visible ≤ 1 s after the last 202", 1000, v, fmt.Sprintf("%.0f ms", v))

	const audience = "audience of 10,000"
	v = b.figure(audience, tidings, "writes_per_event")
	atMost("audience: ≤ 1 write each", 1, v, fmt.Sprintf("%.3f", v))
	v = b.figure(audience, tidings, "reads_per_event")
	atMost("audience: ≤ 1 read each", 1, v, fmt.Sprintf("%.3f", v))
	mine, bulk := b.figure(audience, tidings, "writes_per_s"), b.figure(audience, "BulkWriter", "writes_per_s")
	all = append(all, Budget{"audience: ≥ 0.9 × a bare BulkWriter", fmt.Sprintf("%.2f × (%.0f/s, BulkWriter %.0f/s)", mine/bulk, mine, bulk), mine >= .9*bulk})

	v, s = ratio("mixed", "events_per_s")
	all = append(all, Budget{"mixed: ≥ 1 × floor's rate", s, v >= 1})
	billed := func(system string) float64 {
		return b.figure("mixed", system, "reads_per_event") + b.figure("mixed", system, "writes_per_event")
	}
	all = append(all, Budget{"mixed: ≤ half of naive's billed operations", fmt.Sprintf("%.2f, naive %.2f per event", billed(tidings), billed(naiveRef)), billed(tidings) <= billed(naiveRef)/2})

	for _, lone := range []struct {
		name  string
		reads float64
	}{{"groups", 3}, {"stands alone", 1}} {
		reads, writes := b.figure("lone event that "+lone.name, tidings, "reads"), b.figure("lone event that "+lone.name, tidings, "writes")
		all = append(all, Budget{fmt.Sprintf("a lone event that %s: ≤ %.0f reads + 1 write", lone.name, lone.reads), fmt.Sprintf("%.0f + %.0f", reads, writes), reads <= lone.reads && writes <= 1})
	}
	idle, busy := b.figure("urgent", tidings, "idle_p99_ms"), b.figure("urgent", tidings, "busy_p99_ms")
	all = append(all, Budget{"urgent while 10,000 wait: p99 ≤ 2 × idle", fmt.Sprintf("%.2f × (%.0f ms, idle %.0f ms)", busy/idle, busy, idle), busy <= 2*idle})
	v, s = ratio("paced", "cpu_s_per_1000")
	atMost("CPU per 1,000 paced events ≤ 1.5 × floor", 1.5, v, s)
	up, bare := b.figure("start-up", tidings, "exec_to_answer_ms"), b.figure("start-up", "bare", "exec_to_answer_ms")
	all = append(all, Budget{"exec to first answer ≤ 2 × a bare binary", fmt.Sprintf("%.2f × (%.0f ms, bare %.0f ms)", up/bare, up, bare), up <= 2*bare})
	return all
}

func (b *bench) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	last := ""
	for _, workload := range b.workloads() {
		for _, r := range b.results {
			if r.Workload != workload {
				continue
			}
			name := workload
			if name == last {
				name = ""
			}
			last = workload
			var parts []string
			for _, k := range slices.Sorted(maps.Keys(r.Figures)) {
				parts = append(parts, fmt.Sprintf("%s %.4g", strings.ReplaceAll(k, "_", " "), r.Figures[k]))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, r.System, strings.Join(parts, "  "))
		}
	}
	fmt.Fprintln(w)
	for _, budget := range b.budgets() {
		mark := "holds"
		if !budget.Holds {
			mark = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", mark, budget.Promise, budget.Found)
	}
	w.Flush()
}

// workloads are those that were run, in the order of their first result.
func (b *bench) workloads() (names []string) {
	for _, r := range b.results {
		if !slices.Contains(names, r.Workload) {
			names = append(names, r.Workload)
		}
	}
	return names
}
