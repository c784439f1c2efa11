// Package prices is the list of what Google bills and for how much, and how the work of a function becomes seconds on the bill of Cloud Run. The
// table of infra/README.md and `go run ./emulator bill` compute with it; there is no other price in the project.
package prices

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
)

// Price is what one thing costs.
type Price struct {
	Name    string  `json:"name"`
	Dollars float64 `json:"dollars"` // for Per units
	Per     float64 `json:"per"`
	Free    float64 `json:"free"` // units a month (Firestore counts by the day: 30 of them)
	Unit    string  `json:"unit"`
	Seen    string  `json:"seen"` // when the price was looked up; "" not yet
	Source  string  `json:"source"`
}

// For is what so many units cost, without what is free.
func (p Price) For(units float64) float64 { return units * p.Dollars / p.Per }

// List is all of them.
type List struct {
	Where  string  `json:"where"` // region and currency
	Prices []Price `json:"prices"`
}

//go:embed prices.json
var file []byte

// Read returns the list. It is an error if the file is not what it must be.
func Read() (l List, err error) {
	if err := json.Unmarshal(file, &l); err != nil {
		return l, fmt.Errorf("prices.json: %w", err)
	}
	for _, p := range l.Prices {
		if p.Name == "" || p.Per <= 0 || p.Dollars < 0 {
			return l, fmt.Errorf("prices.json: %q: name, per and dollars must be given", p.Name)
		}
	}
	return l, nil
}

// Of returns the price of that name.
func (l List) Of(name string) (Price, error) {
	for _, p := range l.Prices {
		if p.Name == name {
			return p, nil
		}
	}
	return Price{}, fmt.Errorf("prices.json has no %q", name)
}

const (
	// Granule is for how many seconds a request without company is billed at least (cloud.google.com/run/pricing).
	Granule = 0.1

	// Utilisation is how busy Cloud Run keeps the CPU of an instance before it starts another one (cloud.google.com/run/docs/about-instance-autoscaling).
	Utilisation = 0.6
)

// Busy is for how many seconds instances are billed, for so many requests of so many seconds of CPU each, spread evenly over a span of seconds. Few
// requests are alone, and each costs a granule; more and more of them share an instance, until what counts is the CPU itself.
func Busy(requests, cpu, span float64) float64 {
	return max(span*(1-math.Exp(-requests/span*Granule)), Shared(requests*cpu))
}

// Shared is for how many seconds instances are billed for so many seconds of CPU where requests never come alone. An instance takes as many requests at
// a time as shared/topology says, so its CPU is what is short: 80 requests that wait 30 ms each need an instance for 0.4 ms each.
func Shared(cpu float64) float64 { return cpu / Utilisation }
