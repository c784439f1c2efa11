// Package intaketest has in memory what the door keeps, for tests of whatever takes events in.
package intaketest

import (
	"context"
	"sync"

	"tidings.dev/shared/event"
)

// Ledger returns one that is empty, as [intake.Intake] wants it. It keeps its receipts for ever.
func Ledger() func(context.Context, []event.Receipt) ([]event.Receipt, error) {
	var mu sync.Mutex
	kept := map[[2]string]event.Receipt{}
	return func(_ context.Context, receipts []event.Receipt) ([]event.Receipt, error) {
		mu.Lock()
		defer mu.Unlock()
		hold := make([]event.Receipt, len(receipts))
		for i, r := range receipts {
			k := [2]string{r.Source, r.ID}
			if _, ok := kept[k]; !ok {
				kept[k] = r
			}
			hold[i] = kept[k]
		}
		return hold, nil
	}
}
