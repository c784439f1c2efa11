package main

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T) model {
	t.Helper()
	m, err := readModel(".")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var update = flag.Bool("update", false, "write the tables of infra/README.md anew")

// The README shows what the command prints.
func TestReadmeShowsTheTables(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../README.md", "<!-- go run ./infra/cost -->\n", "<!-- end -->\n"
	var tables strings.Builder
	if err := realMain(".", &tables); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(readme), begin)
	shown, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no tables between %q and %q", file, begin, end)
	}
	if *update {
		shown = tables.String()
		if err := os.WriteFile(file, []byte(before+begin+shown+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(tables.String(), shown); diff != "" {
		t.Errorf("%s differs from what go run ./infra/cost prints; run go test ./infra/cost -update (-command +README):\n%s", file, diff)
	}
}

func TestFormulas(t *testing.T) {
	t.Parallel()
	v := values{"a": 2, "each(a)": 9}
	for formula, want := range map[string]float64{"1 + a * 3": 7, "(1 + a) * 3 - 1": 8, "a / 4": .5, "each(a) + 1": 10} {
		if got, err := evaluate(formula, v); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, %v, want %v", formula, got, err, want)
		}
	}
	for _, formula := range []string{"b", "1 +", "a % 2", "max(1, 2)", "each(b)", "each(1)", `"x"`} {
		if got, err := evaluate(formula, v); err == nil {
			t.Errorf("%s: got %v, want an error", formula, got)
		}
	}
}

func TestFreeTiersAreTakenOnce(t *testing.T) {
	t.Parallel()
	m := read(t)
	idle, err := m.costs(0)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		if idle[i] > 0 && l.price != "alert_conditions" {
			t.Errorf("while nothing happens, %q costs $%.2f", l.what, idle[i])
		}
	}
	const many = 1e7
	quantities, err := m.quantities(many)
	if err != nil {
		t.Fatal(err)
	}
	costs, err := m.costs(many)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.prices.Prices {
		units, paid := 0.0, 0.0
		for i, l := range lines {
			if l.price == p.Name {
				units, paid = units+quantities[i], paid+costs[i]
			}
		}
		want := max(0, units-p.Free) * p.Dollars / p.Per
		if math.Abs(paid-want) > 1e-6*max(1, want) {
			t.Errorf("%s: $%.2f, want $%.2f", p.Name, paid, want)
		}
	}
}

// More people never cost less.
func TestCostsGrow(t *testing.T) {
	t.Parallel()
	m, last := read(t), -1.0
	for people := 1.0; people < 1e9; people *= 3 {
		costs, err := m.costs(people)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, c := range costs {
			sum += c
		}
		if sum < last {
			t.Errorf("%.0f people cost $%.2f, fewer cost $%.2f", people, sum, last)
		}
		last = sum
	}
}
