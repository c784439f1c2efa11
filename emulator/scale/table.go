package main

import (
	"fmt"
	"io"
	"strings"
)

// printTable prints a row for each scenario.
func printTable(out io.Writer, of []scenario, outcomes []outcome) {
	fmt.Fprint(out, "| what happens | first limit met | what decides | p50 | p99 | last | last push | price | what lifts it |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n")
	for i, o := range outcomes {
		first, most, lifts := "none", "", ""
		if o.first != none {
			first, most, lifts = fmt.Sprintf("%s, after %s", o.first, span(o.at)), o.most.String(), named[o.most].lifts
		}
		if o.nearest != none {
			first, most = "none", fmt.Sprintf("nearest: %s, %s", o.nearest, percent(o.share))
			if o.share > 1 {
				first = o.nearest.String()
			}
			if o.share > .5 {
				lifts = named[o.nearest].lifts
			}
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", of[i].what, first, most, span(o.p50), span(o.p99), span(o.last), span(o.pushed), dollars(o.dollars), lifts)
	}
}

// printDetail prints one scenario with its time line.
func printDetail(out io.Writer, sc scenario, o outcome) {
	fmt.Fprintf(out, "%s: %s\n\n", sc.name, sc.what)
	printTable(out, []scenario{sc}, []outcome{o})
	fmt.Fprintf(out, "\n%d instances of notify at most. Refused: %d messages. Read %s, wrote %s, pushed %s, %s messages in and out.\n", o.instances, o.usage.refusals,
		count(o.usage.reads), count(o.usage.writes), count(o.usage.pushes), count(o.usage.messages))
	fmt.Fprint(out, "\n| waited for | person-seconds |\n| --- | ---: |\n")
	for c, seconds := range o.waited {
		if seconds > 0 {
			fmt.Fprintf(out, "| %s | %s |\n", constraint(c), count(seconds))
		}
	}
	fmt.Fprint(out, "\n| time | not listed yet | in Pub/Sub | in notify | told | window | in flight | instances | writes/s allowed | pushed | FCM behind |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, at := range o.line {
		p := at.people
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %.0f | %d | %d | %s | %s | %s |\n", span(at.at), count(float64(p.listed)), count(float64(p.queued+p.refused)),
			count(float64(p.delivering+p.waiting+p.committing)), count(float64(p.told)), at.window, at.inFlight, at.instances, count(at.writes), count(at.pushes), span(at.behind))
	}
}

// printLimits prints limits.json as a table.
func printLimits(out io.Writer, list []limit) {
	fmt.Fprint(out, "| limit | value | is | kind | source, seen |\n| --- | ---: | --- | --- | --- |\n")
	for _, l := range list {
		fmt.Fprintf(out, "| `%s` | %s %s | %s | %s | %s, %s |\n", l.Name, strings.TrimSuffix(fmt.Sprintf("%.10g", l.Value), ".0"), l.Unit, l.What, l.Kind, l.Source, l.Seen)
	}
}

// span writes a time for people.
func span(seconds float64) string {
	switch {
	case seconds == 0:
		return "0"
	case seconds < 1:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	case seconds < 100:
		return fmt.Sprintf("%.2g s", seconds)
	case seconds < 2*60*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}

func percent(share float64) string { return fmt.Sprintf("%.2g %%", share*100) }

func dollars(v float64) string {
	switch {
	case v < 0.01:
		return fmt.Sprintf("$%.4f", v)
	case v < 100:
		return fmt.Sprintf("$%.2f", v)
	}
	return "$" + count(v)
}

// count writes a whole number with commas.
func count(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
