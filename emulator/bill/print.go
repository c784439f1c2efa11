//go:build unix

package bill

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"tidings.dev/infra/cost/prices"
)

const million = 1e6

// dollars is what a million of these parts cost.
func dollars(list prices.List, parts []Part) (sum float64, err error) {
	for _, p := range parts {
		price, err := list.Of(p.Price)
		if err != nil {
			return 0, err
		}
		sum += price.For(p.Quantity * million)
	}
	return sum, nil
}

// print shows the cases: first all of them, one line each, then each with its parts.
func print(out io.Writer, list prices.List, r Report) error {
	fmt.Fprintf(out, "What Google bills (%s; prices of infra/cost/prices/prices.json), in dollars for a million:\n\n", list.Where)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "$ a million\ttarget\tfloor\t× floor\t\t\n")
	for _, c := range r.Cases {
		sum, err := dollars(list, c.Parts)
		if err != nil {
			return err
		}
		floor, err := dollars(list, c.Floor)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%.2f\t%s\t%s\t%s\t\t%s\n", sum, orNone(c.Target, "%.2f"), orNone(floor, "%.2f"), orNone(ratio(sum, floor), "%.2f"), c.Name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprint(out, "\nThe floor is what Google's prices leave even to the ideal system, without any CPU.\n")
	for _, c := range r.Cases {
		if err := printParts(out, list, c); err != nil {
			return err
		}
	}
	return nil
}

func ratio(sum, floor float64) float64 {
	if floor == 0 {
		return 0
	}
	return sum / floor
}

func orNone(v float64, format string) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}

// printParts shows one case, line by line: quantity × price.
func printParts(out io.Writer, list prices.List, c Result) error {
	fmt.Fprintf(out, "\n%s (%d measured), for a million times one %s:\n", c.Name, c.Units, c.Unit)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var notes []string
	for _, p := range c.Parts {
		price, err := list.Of(p.Price)
		if err != nil {
			return err
		}
		mark := ""
		if p.Computed != "" {
			mark = "computed"
			notes = append(notes, fmt.Sprintf("  %s: computed, not measured: %s.", p.What, p.Computed))
		}
		fmt.Fprintf(w, "  %s\t%s %s\t× $%s for %s\t= $%.4f\t%s\n", p.What, amount(p.Quantity*million), price.Unit, amount(price.Dollars), amount(price.Per), price.For(p.Quantity*million), mark)
	}
	sum, err := dollars(list, c.Parts)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  all\t\t\t= $%.4f\t\n", sum)
	if err := w.Flush(); err != nil {
		return err
	}
	if c.Key == "day" {
		fmt.Fprintf(out, "  for a person and month of 30 days: $%.5f; for 1,000 people: $%.2f\n", 30*sum/million, 30*sum/1000)
	}
	if len(notes) > 0 {
		fmt.Fprintln(out, strings.Join(notes, "\n"))
	}
	return nil
}

// amount writes a number with what says something of it.
func amount(v float64) string {
	switch {
	case v >= million:
		return fmt.Sprintf("%.6g million", v/million)
	case v >= 1000:
		return fmt.Sprintf("%d,%03d", int(v+.5)/1000, int(v+.5)%1000)
	case v < 0.001:
		return strconv.FormatFloat(v, 'f', -1, 64) // a price
	}
	return fmt.Sprintf("%.4g", v)
}
