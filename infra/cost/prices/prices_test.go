package prices_test

import (
	"math"
	"testing"

	"tidings.dev/infra/cost/prices"
)

func TestTheListIsWhole(t *testing.T) {
	t.Parallel()
	list, err := prices.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Prices {
		if got, err := list.Of(p.Name); err != nil || got != p || p.Unit == "" || p.Source == "" {
			t.Errorf("%s: got %+v, %v", p.Name, got, err)
		}
	}
	if _, err := list.Of("sugar"); err == nil {
		t.Error("a price that nobody knows has been found")
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * 60 * 60
	for _, test := range []struct {
		name                string
		requests, cpu, want float64
	}{
		{"nothing", 0, 1, 0},
		{"a request that is alone is billed a granule", 1000, 0.001, 1000 * prices.Granule},
		{"and never less than its CPU", 1000, 1, 1000 / prices.Utilisation},
		{"requests without end share instances", 1e9, 1, 1e9 / prices.Utilisation},
	} {
		if got := prices.Busy(test.requests, test.cpu, month); math.Abs(got-test.want) > 0.01*test.want {
			t.Errorf("%s: got %v s, want %v", test.name, got, test.want)
		}
	}
}
