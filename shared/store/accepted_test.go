package store_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/store"
)

func receipt(id, content string, at time.Time) event.Receipt {
	return event.Receipt{Source: "/shop", ID: id, Content: content, At: at}
}

func enter(t *testing.T, s *store.Store, receipts ...event.Receipt) []event.Receipt {
	t.Helper()
	hold, err := s.Enter(context.Background(), receipts)
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

func TestTheFirstReceiptHoldsForADay(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := receipt("1", "a", now)
	other := event.Receipt{Source: "/blog", ID: "1", Content: "c", At: now}
	for _, step := range []struct {
		name       string
		give, want []event.Receipt
	}{
		{"new", []event.Receipt{first, other}, []event.Receipt{first, other}},
		{"the same, later, among new ones", []event.Receipt{receipt("2", "b", now.Add(1e9)), receipt("1", "a", now.Add(1e9))}, []event.Receipt{receipt("2", "b", now.Add(1e9)), first}},
		{"other content", []event.Receipt{receipt("1", "b", now.Add(2e9))}, []event.Receipt{first}},
		{"just within a day", []event.Receipt{receipt("1", "b", now.Add(24*time.Hour-1000))}, []event.Receipt{first}},
		{"a day later", []event.Receipt{receipt("1", "b", now.Add(24*time.Hour))}, []event.Receipt{receipt("1", "b", now.Add(24*time.Hour))}},
		{"after that", []event.Receipt{receipt("1", "a", now.Add(25*time.Hour))}, []event.Receipt{receipt("1", "b", now.Add(24*time.Hour))}},
	} {
		if diff := cmp.Diff(step.want, enter(t, s, step.give...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

func TestReceiptsOfOneEventAgreeHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	enter(t, s, receipt("old", "a", now.Add(-25*time.Hour)))
	for _, id := range []string{"new", "old"} {
		var wait sync.WaitGroup
		got := make([]event.Receipt, 8)
		for i := range got {
			wait.Go(func() {
				if hold, err := s.Enter(context.Background(), []event.Receipt{receipt(id, strconv.Itoa(i), now.Add(time.Duration(i)*time.Second))}); err != nil {
					t.Error(err)
				} else {
					got[i] = hold[0]
				}
			})
		}
		wait.Wait()
		for _, r := range got {
			if r != got[0] || r.Content == "a" {
				t.Errorf("%s: got %v", id, got)
				break
			}
		}
	}
}

func TestMoreReceiptsThanOneCallTakes(t *testing.T) {
	t.Parallel()
	s := open(t)
	var many []event.Receipt
	for i := range store.MaxBatch + 1 {
		many = append(many, receipt(strconv.Itoa(i), "a", now))
	}
	for range 2 {
		if diff := cmp.Diff(many, enter(t, s, many...)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
}
