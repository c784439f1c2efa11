//go:build unix

package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"cloud.google.com/go/firestore"
	vkit "cloud.google.com/go/firestore/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/internal/process"
	"tidings.dev/emulator/stack"
)

// machine is the CPU that others than the subscriber have used on the same cores. The model of emulator/scale takes its figures apart by it.
type machine struct {
	firestore, pubsub time.Duration // the official emulators
	here              time.Duration // this process: it delivers, stands on the wire, posts, and looks
}

func (s *subscriber) machine() machine {
	cpu := func(pid int) time.Duration { return process.Used(pid).CPU }
	return machine{firestore: cpu(s.stack.PID("Firestore emulator")), pubsub: cpu(s.stack.PID("Pub/Sub emulator")), here: cpu(os.Getpid())}
}

func (m *machine) add(o machine) {
	m.firestore += o.firestore
	m.pubsub += o.pubsub
	m.here += o.here
}

// since is what was used since before.
func (m machine) since(before machine) machine {
	return machine{m.firestore - before.firestore, m.pubsub - before.pubsub, m.here - before.here}
}

// note adds what was used for each of n to the figures.
func (m machine) note(figures map[string]float64, n int) {
	for name, used := range map[string]time.Duration{"firestore": m.firestore, "pubsub": m.pubsub, "bench": m.here} {
		figures[name+"_cpu_s_per_1000"] = used.Seconds() * 1000 / float64(max(n, 1))
	}
}

const database = "projects/" + stack.Project + "/databases/(default)"

// bare is Firestore's API as it is on the wire, and the context of its calls.
func bare(ctx context.Context, address string) (*vkit.Client, context.Context, error) {
	raw, err := vkit.NewClient(ctx, option.WithEndpoint(address), option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	return raw, metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner", "google-cloud-resource-prefix", database), err
}

// cores measures how much two threads do together, as a multiple of what one does alone.
func (b *bench) cores() {
	const length = 300 * time.Millisecond
	hashes := func() (n int) {
		block := make([]byte, 16<<10)
		for start := time.Now(); time.Since(start) < length; n++ {
			sum := sha256.Sum256(block)
			copy(block, sum[:])
		}
		return n
	}
	alone := hashes()
	var both [2]int
	var wg sync.WaitGroup
	for i := range both {
		wg.Go(func() { both[i] = hashes() })
	}
	wg.Wait()
	b.add("machine", "two threads", map[string]float64{"times_one": float64(both[0]+both[1]) / float64(alone)})
}

// handed is what Pub/Sub's emulator gave while as much as it would give waited there.
type handed struct {
	messages, batches int
	took              time.Duration
}

func (h *handed) add(o handed) {
	h.messages += o.messages
	h.batches += o.batches
	h.took += o.took
}

// handOut waits until n messages that are published are here, since Pub/Sub's emulator would be what is measured otherwise: it gives a batch at a time, and then
// nothing for some time.
func (r *run) handOut(push *dispatch.Push, n int) (h handed, err error) {
	const still = 10 * time.Millisecond // between two batches
	start := time.Now()
	first, last, grown := push.Stats().Leased, 0, time.Time{}
	for last = first; last < n; time.Sleep(time.Millisecond) {
		now := time.Now()
		if leased := push.Stats().Leased; leased > last {
			if now.Sub(grown) > still {
				h.batches++
			}
			last, grown = leased, now
		}
		if now.Sub(start) > time.Minute {
			return h, fmt.Errorf("%s: %d of %d messages were pulled in a minute", r.system, last, n)
		}
	}
	h.messages, h.took = last-first, time.Since(start)
	return h, nil
}

// bareSets measures what a document needs in a call of its own, as the floor writes it, through the tap and past it. It writes documents that are there, since
// more of them would slow down what comes after it.
func (b *bench) bareSets(ctx context.Context, r *run) error {
	const n, atATime = 2000, 100
	wire, err := stack.OpenFirestore(ctx, r.tap.Address)
	if err != nil {
		return err
	}
	defer wire.Close()
	for _, way := range []struct {
		name string
		db   *firestore.Client
	}{{"Set", wire}, {"Set, past the tap", r.db}} {
		before, start := r.machine(), time.Now()
		failed := make([]error, atATime)
		var wg sync.WaitGroup
		for k := range atATime {
			wg.Go(func() {
				for i := k; i < n && failed[k] == nil; i += atATime {
					_, failed[k] = way.db.Doc(bulkDoc(i)).Set(ctx, item(like(i, "a", "p", "u"), 1))
				}
			})
		}
		wg.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		figures := map[string]float64{"writes_per_s": n / time.Since(start).Seconds()}
		r.machine().since(before).note(figures, n)
		b.add(inMembers, way.name, figures)
	}
	return nil
}
