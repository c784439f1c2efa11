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

// budgets are DESIGN §9's, held against what was measured. With a device for each recipient, those hold that speak of events
// as they come in: the others have no place where a push could matter.
func (b *bench) budgets() (all []Budget) {
	if slices.Contains(b.systems, tidings) {
		all = append(b.everywhere(tidings, ""), b.withoutDevices()...)
	}
	if slices.Contains(b.systems, pushing) {
		all = append(all, b.everywhere(pushing, "with pushes: ")...)
	}
	if mine, off := b.figure("paced", traced, "cpu_s_per_1000"), b.figure("paced", pushing, "cpu_s_per_1000"); mine > 0 && off > 0 {
		all = append(all, Budget{"telemetry at 1 %: CPU per 1,000 paced events ≤ 1.05 × without it", fmt.Sprintf("%.3f × (%.3g, without %.3g)", mine/off, mine, off), mine <= 1.05*off})
	}
	return all
}

func (b *bench) everywhere(system, prefix string) (all []Budget) {
	add := func(promise, found string, holds bool) { all = append(all, Budget{prefix + promise, found, holds}) }
	// against compares with the floor, where that was measured.
	against := func(promise, workload, name string, holds func(ratio float64) bool) {
		mine, floor := b.figure(workload, system, name), b.figure(workload, floorRef, name)
		if floor > 0 {
			add(promise, fmt.Sprintf("%.2f × (%.3g, floor %.3g)", mine/floor, mine, floor), holds(mine/floor))
		}
	}
	atMost := func(limit float64) func(float64) bool { return func(ratio float64) bool { return ratio <= limit } }
	against("paced: p50 ≤ 1.15 × floor", "paced", "p50_ms", atMost(1.15))
	against("paced: p99 ≤ 1.35 × floor", "paced", "p99_ms", atMost(1.35))
	against("CPU per 1,000 paced events ≤ 1.5 × floor", "paced", "cpu_s_per_1000", atMost(1.5))

	applied := b.figure("storm", system, "applied")
	add("storm: 1,000 likes counted exactly", fmt.Sprintf("%.0f (naive %.0f in 20 s)", applied, b.figure("storm", naiveRef, "applied")), applied == 1000)
	v := b.figure("storm", system, "writes_per_event")
	add("storm: ≤ 0.05 writes per event", fmt.Sprintf("%.3f", v), v <= .05)
	v = b.figure("storm", system, "visible_after_ms")
	add("storm: last state visible ≤ 1 s after the last 202", fmt.Sprintf("%.0f ms", v), v <= 1000)
	if large := b.figure("storm of 10,000", system, "cpu_s_per_1000"); large > 0 {
		small := b.figure("storm", system, "cpu_s_per_1000")
		applied = b.figure("storm of 10,000", system, "applied")
		add("storm of 10,000: counted exactly, for ≤ 2 × the CPU for a like", fmt.Sprintf("%.0f, %.2f × (%.3g, of 1,000 %.3g)", applied, large/small, large, small), applied == 10_000 && large <= 2*small)
	}

	against("mixed: ≥ 1 × floor's rate", "mixed", "events_per_s", func(ratio float64) bool { return ratio >= 1 })
	billed := func(system string) float64 {
		return b.figure("mixed", system, "reads_per_event") + b.figure("mixed", system, "writes_per_event")
	}
	if naive := billed(naiveRef); naive > 0 {
		add("mixed: ≤ half of naive's billed operations", fmt.Sprintf("%.2f, naive %.2f per event", billed(system), naive), billed(system) <= naive/2)
	}
	for _, lone := range []struct {
		name  string
		reads float64
	}{{"groups", 3}, {"stands alone", 1}} {
		reads, writes := b.figure("lone event that "+lone.name, system, "reads"), b.figure("lone event that "+lone.name, system, "writes")
		promise := fmt.Sprintf("a lone event that %s: ≤ %.0f reads + 1 write", lone.name, lone.reads)
		add(promise, fmt.Sprintf("%.0f + %.0f", reads, writes), reads <= lone.reads && writes <= 1)
	}
	return all
}

func (b *bench) withoutDevices() (all []Budget) {
	add := func(promise, found string, holds bool) { all = append(all, Budget{promise, found, holds}) }
	bulk := b.figure(inMembers, "BulkWriter", "writes_per_s")
	for _, form := range []string{inLists, inMembers} {
		figure := func(name string) float64 { return b.figure(form, tidings, name) }
		const few = .01 // walking takes as much
		add(form+": ≤ 1 write each, and a hundredth", fmt.Sprintf("%.4f", figure("writes_per_event")), figure("writes_per_event") <= 1+few)
		add(form+": ≤ 1 read each, and a hundredth", fmt.Sprintf("%.3f", figure("reads_per_event")), figure("reads_per_event") <= 1+few)
		rate := figure("writes_per_s")
		add(form+": ≥ 0.9 × a bare BulkWriter", fmt.Sprintf("%.2f × (%.0f/s, BulkWriter %.0f/s)", rate/bulk, rate, bulk), rate >= .9*bulk)
	}
	idle, busy := b.figure("urgent", tidings, "idle_p99_ms"), b.figure("urgent", tidings, "busy_p99_ms")
	floorIdle, floorBusy := b.figure("urgent", floorRef, "idle_p99_ms"), b.figure("urgent", floorRef, "busy_p99_ms")
	add("urgent while 10,000 wait: p99 ≤ 2 × idle",
		fmt.Sprintf("%.2f × (%.0f ms, idle %.0f ms); floor %.2f × (%.0f ms, idle %.0f ms)", busy/idle, busy, idle, floorBusy/floorIdle, floorBusy, floorIdle), busy <= 2*idle)
	if bare := b.figure("start-up", "bare", "exec_to_answer_ms"); bare > 0 {
		up := b.figure("start-up", tidings, "exec_to_answer_ms")
		add("exec to first answer ≤ 2 × a bare binary", fmt.Sprintf("%.2f × (%.0f ms, bare %.0f ms)", up/bare, up, bare), up <= 2*bare)
	}
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
