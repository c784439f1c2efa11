package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"tidings.dev/infra/operator"
)

// printLetters prints a line for each letter, with what an operator needs to tell them apart.
func printLetters(out io.Writer, letters []letter) {
	if len(letters) == 0 {
		fmt.Fprintln(out, "no letter is like that")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAILED\tREPLAYED\tATTEMPTS\tID\tTYPE\tREASON")
	for _, l := range letters {
		replayed := "no"
		if l.ReplayedAt != nil {
			replayed = l.ReplayedAt.UTC().Format(time.TimeOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", l.FailedAt.UTC().Format(time.RFC3339), replayed, l.Attempts, l.ID, cmp.Or(l.Attributes["ce-type"], "-"), operator.Line(l.Reason, 100))
	}
	_ = w.Flush() // out's own errors are nobody's business here
}

// printReasons prints how many letters each reason has, the most frequent first.
func printReasons(out io.Writer, letters []letter) {
	counts := map[string]int{}
	for _, l := range letters {
		counts[operator.Line(l.Reason, 400)]++
	}
	byCount := func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) }
	for _, reason := range slices.SortedFunc(maps.Keys(counts), byCount) {
		fmt.Fprintf(out, "%6d  %s\n", counts[reason], reason)
	}
	if len(letters) == 0 {
		fmt.Fprintln(out, "no letter is like that")
	}
}
