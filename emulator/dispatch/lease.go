package dispatch

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A lease pulls a subscription's messages and keeps them until they are settled.
//
// It speaks StreamingPull itself, because the SDK's Receive and the official emulator do not get along. The emulator does not answer
// Receive's pings, so after half a minute without messages Receive believes that the stream is dead and opens another one. The
// emulator does not end the first one, and goes on giving messages to it, which nobody sees until their lease is over. After a
// pause, an event would be seconds late.
type lease struct {
	client       *pubsub.SubscriptionAdminClient
	subscription string
	log          *slog.Logger
	room         *semaphore.Weighted

	mu      sync.Mutex
	leased  map[string]bool // by ack id
	settled chan settled
	done    chan struct{}
}

type settled struct {
	ackID        string
	acknowledged bool
}

const (
	maxLeased = 50_000           // messages of one subscription that are leased here, in flight or waiting for their back-off
	leased    = 60 * time.Second // longer than a machine short of CPU takes to extend it
	extended  = 20 * time.Second // how often a lease is extended
	maxIDs    = 1_000            // ack ids in a request
)

func newLease(client *pubsub.SubscriptionAdminClient, subscription string, log *slog.Logger) *lease {
	l := &lease{
		client: client, subscription: subscription, log: log, room: semaphore.NewWeighted(maxLeased),
		leased: map[string]bool{}, settled: make(chan settled, maxIDs), done: make(chan struct{}),
	}
	go l.keep()
	return l
}

// pull hands over each message until ctx ends, which is no error, or Pub/Sub refuses for good.
func (l *lease) pull(ctx context.Context, take func(*pubsubpb.ReceivedMessage)) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		began := time.Now()
		err := l.stream(ctx, take)
		switch status.Code(err) {
		case codes.NotFound, codes.PermissionDenied, codes.InvalidArgument, codes.Unauthenticated, codes.Unimplemented:
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		l.log.WarnContext(ctx, "the stream ended; opening another one", "error", err)
		if time.Since(began) > 10*time.Second {
			pause = 10 * time.Millisecond
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// stream is one StreamingPull. When ctx ends, it asks the server to end the stream before it breaks it off.
func (l *lease) stream(ctx context.Context, take func(*pubsubpb.ReceivedMessage)) error {
	broken, breakOff := context.WithCancel(context.WithoutCancel(ctx))
	defer breakOff()
	stream, err := l.client.StreamingPull(broken)
	if err != nil {
		return err
	}
	err = stream.Send(&pubsubpb.StreamingPullRequest{Subscription: l.subscription, StreamAckDeadlineSeconds: int32(leased / time.Second)})
	if err != nil && !errors.Is(err, io.EOF) { // Recv says what it was
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = stream.CloseSend()
		time.AfterFunc(time.Second, breakOff)
	})
	defer stop()
	for {
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		for _, m := range answer.ReceivedMessages {
			if ctx.Err() != nil || l.room.Acquire(ctx, 1) != nil {
				l.release([]string{m.AckId})
				continue
			}
			l.mu.Lock()
			l.leased[m.AckId] = true
			l.mu.Unlock()
			take(m)
		}
	}
}

// settle acknowledges a message, or gives it back.
func (l *lease) settle(ackID string, acknowledged bool) {
	l.mu.Lock()
	delete(l.leased, ackID)
	l.mu.Unlock()
	l.room.Release(1)
	l.settled <- settled{ackID, acknowledged}
}

// close returns when all that was settled has been told.
func (l *lease) close() {
	close(l.settled)
	<-l.done
}

// keep tells Pub/Sub what was settled, as much at a time as has come together meanwhile, and extends what is held.
func (l *lease) keep() {
	defer close(l.done)
	tick := time.NewTicker(extended)
	defer tick.Stop()
	for {
		var acks, nacks []string
		note := func(s settled) {
			if s.acknowledged {
				acks = append(acks, s.ackID)
			} else {
				nacks = append(nacks, s.ackID)
			}
		}
		select {
		case <-tick.C:
			l.mu.Lock()
			held := slices.Collect(maps.Keys(l.leased))
			l.mu.Unlock()
			l.deadline(held, leased)
			continue
		case s, ok := <-l.settled:
			if !ok {
				return
			}
			note(s)
		}
		for more := true; more && len(acks)+len(nacks) < maxIDs; {
			select {
			case s, ok := <-l.settled:
				if more = ok; ok {
					note(s)
				}
			default:
				more = false
			}
		}
		if len(acks) > 0 {
			l.call(func(ctx context.Context) error {
				return l.client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: l.subscription, AckIds: acks})
			})
		}
		l.release(nacks)
	}
}

// release gives messages back, to be delivered again at once.
func (l *lease) release(ackIDs []string) { l.deadline(ackIDs, 0) }

func (l *lease) deadline(ackIDs []string, d time.Duration) {
	for ids := range slices.Chunk(ackIDs, maxIDs) {
		l.call(func(ctx context.Context) error {
			return l.client.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
				Subscription: l.subscription, AckIds: ids, AckDeadlineSeconds: int32(d / time.Second),
			})
		})
	}
}

// call makes a call that may fail. Then the messages come again, which receivers must cope with anyway.
func (l *lease) call(f func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := f(ctx); err != nil {
		l.log.Warn("telling Pub/Sub about messages", "error", err)
	}
}
