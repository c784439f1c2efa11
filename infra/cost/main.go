// Command cost prints what Tidings costs in a month for 1,000, 100,000 and 10 million people, as the tables of infra/README.md:
//
//	go run ./infra/cost
//
// It multiplies what was counted on the wire for an event, a visit, a mark (measured.json: what `go run ./emulator bill -json FILE` writes) by what people
// do (assumptions.json) and by list prices (prices/prices.json). Each line is a formula, and what is printed is what is computed.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"tidings.dev/infra/cost/prices"
)

func main() {
	dir := flag.String("data", "infra/cost", "the folder of measured.json and assumptions.json")
	flag.Parse()
	if err := realMain(*dir, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func realMain(dir string, out io.Writer) error {
	m, err := readModel(dir)
	if err != nil {
		return err
	}
	return m.print(out)
}

// sizes are the columns: nobody is what a project costs while nothing happens.
var sizes = []struct {
	name   string
	people float64
}{{"idle", 0}, {"1 k", 1e3}, {"100 k", 1e5}, {"10 M", 1e7}}

func (m model) print(out io.Writer) error {
	columns := make([][]float64, len(sizes))
	for i, s := range sizes {
		var err error
		if columns[i], err = m.costs(s.people); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "| $ a month | quantity | price |")
	for _, s := range sizes {
		fmt.Fprintf(out, " %s |", s.name)
	}
	fmt.Fprint(out, "\n| --- | --- | --- |")
	for range sizes {
		fmt.Fprint(out, " ---: |")
	}
	fmt.Fprintln(out)
	totals := make([]float64, len(sizes))
	for i, l := range lines {
		fmt.Fprintf(out, "| %s | `%s` | `%s` |", l.what, l.formula, l.price)
		for c := range sizes {
			totals[c] += columns[c][i]
			fmt.Fprintf(out, " %s |", dollars(columns[c][i]))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprint(out, "| **all** | | |")
	for _, t := range totals {
		fmt.Fprintf(out, " **%s** |", dollars(t))
	}
	fmt.Fprint(out, "\n| for each thousand people | | | |")
	for c, s := range sizes[1:] {
		fmt.Fprintf(out, " %s |", dollars(totals[c+1]/s.people*1000))
	}
	fmt.Fprintln(out)
	m.printTerms(out)
	return m.printPrices(out)
}

// printTerms explains the names of the formulas.
func (m model) printTerms(out io.Writer) {
	fmt.Fprint(out, "\n| name | is |\n| --- | --- |\n")
	for _, s := range steps {
		fmt.Fprintf(out, "| `%s` | `%s` |\n", s.name, s.formula)
	}
	for _, a := range m.assumptions {
		fmt.Fprintf(out, "| `%s` | %g: %s |\n", a.Name, a.Value, a.What)
	}
	var sum []string
	for _, k := range kinds {
		volume := k.volume
		if strings.Contains(volume, " ") {
			volume = "(" + volume + ")"
		}
		sum = append(sum, volume+" * "+k.key+"_x")
	}
	fmt.Fprintf(out, "| `each(x)` | `%s` |\n", strings.Join(sum, " + "))
	for _, k := range kinds {
		q := m.measured[k.key].quantities
		fmt.Fprintf(out, "| `%s_x` | measured:", k.key)
		for i, name := range []string{"reads", "heard", "writes", "deletes", "requests"} {
			if i > 0 {
				fmt.Fprint(out, ",")
			}
			fmt.Fprintf(out, " %s %.3g", name, q[name])
		}
		fmt.Fprintf(out, ", pubsub %.3g GiB |\n", q["pubsub"])
	}
	fmt.Fprintf(out, "| `cpu_seconds`, `memory_seconds` | the sum over all functions of busy(requests, CPU of each), times their CPUs or GiB. busy(r, s), the seconds billed for r requests of s seconds of CPU, is the larger of month × (1 − e^(−r / month × %g)) and r × s / %g |\n", prices.Granule, prices.Utilisation)
}

// printPrices lists the prices with their dates, and where their free tiers end.
func (m model) printPrices(out io.Writer) error {
	fmt.Fprintf(out, "\n| price (%s) | $ | free a month | enough for | seen |\n| --- | ---: | ---: | ---: | --- |\n", m.prices.Where)
	for _, p := range m.prices.Prices {
		free, enough := "", ""
		if p.Free > 0 {
			people, err := m.freeUntil(p.Name)
			if err != nil {
				return err
			}
			free, enough = number(p.Free), number(people)+" people"
			if math.IsInf(people, 1) {
				enough = "any number"
			}
		}
		seen := p.Seen
		if seen == "" {
			seen = "not looked up: check it"
		}
		fmt.Fprintf(out, "| `%s` | %s for %s %s | %s | %s | %s, %s |\n", p.Name, strconv.FormatFloat(p.Dollars, 'f', -1, 64), number(p.Per), p.Unit, free, enough, seen, p.Source)
	}
	return nil
}

func dollars(v float64) string {
	if v > 0 && v < 100 {
		return fmt.Sprintf("%.2f", v)
	}
	return number(math.Round(v))
}

// number writes a whole number with commas.
func number(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
