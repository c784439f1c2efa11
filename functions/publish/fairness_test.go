package publish_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics/topicstest"
)

var (
	noisy = flag.Int("producers", 4, "how many producers send twice what they may in TestEachProducerGetsItsLimit, and in TestNobodyIsSlowedByOthers")
	live  = flag.Bool("live", false, "run TestNobodyIsSlowedByOthers, which takes a minute and a machine that has nothing else to do")
)

const (
	rate  = 20 // units a second of each producer
	batch = 10 // events in one request of a noisy producer
)

// pair is two instances of publish with a Firestore that they share, and a tap on the wire to it.
type pair struct {
	instances [2]*service
	wire      *tap.Tap
}

// newPair lets all senders in that are named. It sets the environment, so that the test must not be parallel.
func newPair(t *testing.T, clock func() time.Time, senders []string) *pair {
	t.Helper()
	project := firestoretest.Project(t)
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	var who []string
	for _, s := range senders {
		who = append(who, fmt.Sprintf("%q", "serviceAccount:"+s))
	}
	s := startWith(t, fmt.Sprintf(`{all: {producers: [%s], types: [info], recipients: true, priority: low, rate: %d}}`, strings.Join(who, ", "), rate))
	p := &pair{wire: wire}
	for i := range p.instances {
		st, err := store.Open(t.Context(), project)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		p.instances[i] = s.limitedBy(&limit.Limiter{Add: st.CountUnits, Now: clock, Log: slog.New(slog.DiscardHandler)})
	}
	return p
}

// accounts are so many addresses of accounts.
func accounts(kind string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%d@p.iam", kind, i))
	}
	return all
}

// post sends so many events of a sender to one instance, and says whether they were accepted.
func (p *pair) post(t *testing.T, instance int, bearer string, events int) bool {
	w := p.instances[instance].ask("["+strings.Repeat(info(1)+",", events-1)+info(1)+"]", bearer)
	if w.Code != http.StatusAccepted && w.Code != http.StatusTooManyRequests {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	return w.Code == http.StatusAccepted
}

// Producers who send twice what they may, in turn to both instances, get what they may within a tenth, and cost less than 0.05 writes an event. Those who
// send less than they may get it all. The clock is the test's: nothing here depends on how fast the machine is.
func TestEachProducerGetsItsLimit(t *testing.T) { // not parallel: it sets the environment
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	loud, calm := accounts("loud", *noisy), accounts("calm", *noisy/4)
	p := newPair(t, func() time.Time { return now }, slices.Concat(loud, calm))
	bearer := map[string]string{}
	for _, name := range slices.Concat(loud, calm) {
		bearer[name] = googleToken(map[string]any{"email": name})
	}
	for _, name := range loud { // the bucket is empty when the time begins
		if !p.post(t, 0, bearer[name], limit.Of(rate).Burst) {
			t.Fatal("refused at the beginning")
		}
	}
	const turns, turn = 120, 250 * time.Millisecond // 30 s
	admitted, before := map[string]int{}, p.wire.Counts()
	for i := range turns {
		now = now.Add(turn)
		for _, name := range loud { // 40 units a second
			if p.post(t, i%2, bearer[name], batch) {
				admitted[name] += batch
			}
		}
		for _, name := range calm { // 16 units a second
			if !p.post(t, i%2, bearer[name], 4) {
				t.Errorf("%s, who sends less than they may, was refused in turn %d", name, i)
			}
			admitted[name] += 4
		}
	}
	all, want := 0, rate*int(turns*turn/time.Second)
	for _, n := range admitted {
		all += n
	}
	for _, name := range loud {
		if got := admitted[name]; got < want*9/10 || got > want*11/10 {
			t.Errorf("%s got %d units, want %d within a tenth", name, got, want)
		}
	}
	spent := p.wire.Counts().Sub(before)
	cost := float64(spent.Writes+spent.Reads+spent.Deletes) / float64(all)
	if cost == 0 || cost >= 0.05 {
		t.Errorf("%d events cost %+v, which is %.3f an event", all, spent, cost)
	}
	t.Logf("%d producers: %d events, %d writes, %d reads, %.4f an event; the loud ones got %d to %d of %d", len(bearer), all, spent.Writes, spent.Reads, cost,
		slices.Min(values(admitted, loud)), slices.Max(values(admitted, loud)), want)
}

func values(of map[string]int, names []string) (all []int) {
	for _, name := range names {
		all = append(all, of[name])
	}
	return all
}

// The same in real time: -args -producers 200 -live. What those wait who send less than they may is compared with what they wait alone.
func TestNobodyIsSlowedByOthers(t *testing.T) { // not parallel: it sets the environment
	if !*live {
		t.Skip("takes a minute, and compares times: go test ./functions/publish -run TestNobodyIsSlowedByOthers -v -args -producers 200 -live")
	}
	loud, calm := accounts("loud", *noisy), accounts("calm", 20)
	p := newPair(t, time.Now, slices.Concat(loud, calm))
	sink, publisher := topicstest.NewSink(t) // a Pub/Sub in this process would take the CPU that is measured
	p.instances[0].needs.Intake.Publisher = publisher
	var mu sync.Mutex
	var waits []time.Duration
	quiet := func(ctx context.Context, number int, name string) {
		bearer := googleToken(map[string]any{"email": name})
		paced(ctx, 100*time.Millisecond, number, len(calm), func(i int) {
			start := time.Now()
			if !p.post(t, i%2, bearer, 1) {
				t.Errorf("%s, who sends less than they may, was refused", name)
			}
			mu.Lock()
			defer mu.Unlock()
			waits = append(waits, time.Since(start))
		})
	}
	p99 := func() time.Duration {
		sink.Take()
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(waits)
		at := waits[len(waits)*99/100]
		waits = nil
		return at
	}
	run := func(lasts time.Duration, tasks ...func(context.Context)) {
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		defer cancel()
		var all sync.WaitGroup
		for _, task := range tasks {
			all.Go(func() { task(ctx) })
		}
		all.Wait()
	}
	var quietly, loudly []func(context.Context)
	for i, name := range calm {
		quietly = append(quietly, func(ctx context.Context) { quiet(ctx, i, name) })
	}
	var empty []func() bool // the buckets
	var admitted atomic.Int64
	got := make([]atomic.Int64, len(loud))
	for i, name := range loud {
		bearer := googleToken(map[string]any{"email": name})
		empty = append(empty, func() bool { return p.post(t, 0, bearer, limit.Of(rate).Burst) })
		loudly = append(loudly, func(ctx context.Context) {
			paced(ctx, 250*time.Millisecond, i, len(loud), func(turn int) {
				if p.post(t, turn%2, bearer, batch) {
					got[i].Add(batch)
					admitted.Add(batch)
				}
			})
		})
	}
	run(2*time.Second, quietly...) // warm
	p99()
	run(20*time.Second, quietly...)
	alone := p99()
	for i, taken := range empty {
		if !taken() {
			t.Fatalf("%s was refused at the beginning", loud[i])
		}
	}
	before := p.wire.Counts()
	run(30*time.Second, slices.Concat(quietly, loudly)...)
	together, spent := p99(), p.wire.Counts().Sub(before)
	least, most := got[0].Load(), int64(0)
	for i := range got {
		least, most = min(least, got[i].Load()), max(most, got[i].Load())
	}
	t.Logf("%d loud producers got %d to %d of %d; %d writes for their %d events; p99 of the others %s alone and %s together", len(loud), least, most, 30*rate, spent.Writes, admitted.Load(), alone, together)
	if least < 27*rate || most > 33*rate {
		t.Errorf("the loud ones got %d to %d, want %d within a tenth", least, most, 30*rate)
	}
	if float64(together) > 1.2*float64(alone) {
		t.Errorf("those who send less than they may waited %s, and %s alone", together, alone)
	}
}

// paced calls do at even distances until the context ends. Those of a number of callers begin one after the other, so that they do not all call at
// the same moment.
func paced(ctx context.Context, every time.Duration, number, of int, do func(turn int)) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(every * time.Duration(number) / time.Duration(of)):
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do(turn)
		}
	}
}
