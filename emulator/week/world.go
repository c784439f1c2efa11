//go:build unix

package week

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
)

// world is the stack, with taps between the functions and the emulators, and with a postman between Pub/Sub's pushes and notify.
type world struct {
	o       Options
	plan    *plan
	rng     *rand.Rand // of the ticks
	stack   *stack.Stack
	db      *firestore.Client
	crash   *crash
	account *account
	fcm     *httptest.Server
	postman *httptest.Server

	mu     sync.Mutex
	taps   map[string]*tap.Tap // by function and emulator
	pubsub []*tap.Tap
	acked  map[string]bool // messages that notify has taken, by subscription and id
	failed error

	inFlight atomic.Int64 // messages at the postman
	ended    context.CancelFunc
	steps    int
}

func newWorld(ctx context.Context, o Options, p *plan) (w *world, err error) {
	w = &world{o: o, plan: p, rng: rand.New(rand.NewPCG(o.Seed, 3)), taps: map[string]*tap.Tap{}, acked: map[string]bool{}}
	ctx, w.ended = context.WithCancel(ctx)
	w.crash = newCrash(ctx, o)
	w.account = newAccount(p, w.crash)
	w.fcm = httptest.NewServer(w.crash)
	w.postman = httptest.NewServer(http.HandlerFunc(w.deliver))
	if w.stack, err = stack.Start(ctx, stack.Options{Root: o.Root, Unscheduled: true, EnvOf: w.environment}); err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.crash.stack, w.crash.fcm, w.crash.fail = w.stack, w.stack.FCM, w.fail
	w.crash.mails = func() int { return len(w.stack.Mailbox.Messages("")) }
	w.crash.say = func(what string) { w.account.note(nil, "%s", what) }
	w.account.now = w.stack.Clock.Now
	w.db, err = firestore.NewClient(ctx, stack.Project, option.WithEndpoint(w.stack.Addresses.Firestore), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithUnaryInterceptor(asOwner)), option.WithGRPCDialOption(grpc.WithStreamInterceptor(asOwnerStream)))
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// close ends all of it, and returns what had failed.
func (w *world) close() error {
	w.ended()
	w.mu.Lock()
	err := w.failed
	w.mu.Unlock()
	if w.stack != nil {
		err = errors.Join(err, w.stack.Close())
	}
	w.fcm.Close()
	w.postman.Close()
	if w.db != nil {
		_ = w.db.Close()
	}
	for _, t := range w.taps {
		_ = t.Close()
	}
	return err
}

func (w *world) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

// environment sends a function's calls through taps of its own, which stay when it is started again.
func (w *world) environment(function string, a stack.Addresses) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var env []string
	for _, emulator := range []struct{ variable, at string }{{"FIRESTORE_EMULATOR_HOST", a.Firestore}, {"PUBSUB_EMULATOR_HOST", a.PubSub}} {
		key := function + " " + emulator.variable
		if w.taps[key] == nil {
			t, err := tap.Open(emulator.at)
			if err != nil {
				return nil, err
			}
			t.Disturb(w.crash.disturb(function))
			if w.taps[key] = t; emulator.at == a.PubSub {
				w.pubsub = append(w.pubsub, t)
			}
		}
		env = append(env, emulator.variable+"="+w.taps[key].Address)
	}
	if function == "notify" {
		env = append(env, "FCM_ENDPOINT="+w.fcm.URL+"/v1")
	}
	return env, nil
}

// deliver is the postman: it takes a push of Pub/Sub's to notify. What notify dies over it delivers again.
func (w *world) deliver(out http.ResponseWriter, r *http.Request) {
	w.inFlight.Add(1)
	defer w.inFlight.Add(-1)
	body, err := io.ReadAll(r.Body)
	var envelope struct {
		Subscription string
		Message      struct{ MessageID string }
	}
	if err == nil {
		err = json.Unmarshal(body, &envelope)
	}
	for err == nil && r.Context().Err() == nil {
		onward, making := http.NewRequestWithContext(r.Context(), http.MethodPost, w.stack.Addresses.Notify+"/notify", bytes.NewReader(body))
		if making != nil {
			err = making
			break
		}
		onward.Header = r.Header.Clone() // with the token of Pub/Sub's account
		res, posting := http.DefaultClient.Do(onward)
		if posting != nil {
			w.crash.await("notify")
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body) // a broken answer is one, too
		res.Body.Close()
		if taken := res.StatusCode < 300; taken {
			if p := w.crash.springs("notify", callAnswer); p != nil {
				w.crash.kill(p)
				continue
			}
			w.mu.Lock()
			w.acked[envelope.Subscription+"/"+envelope.Message.MessageID] = true
			w.mu.Unlock()
		}
		out.WriteHeader(res.StatusCode)
		return
	}
	out.WriteHeader(http.StatusServiceUnavailable)
}

// settle waits until nothing is on its way any more. What waits for a time, such as a message that is tried again, gets it.
func (w *world) settle(ctx context.Context) error {
	deadline := time.Now().Add(2 * time.Minute)
	for still := 0; ; {
		published, waiting, publishing := int64(0), 0, 0
		for _, t := range w.pubsub {
			publishing += t.UnderWay()
			published += t.Counts().Published
		}
		for _, name := range []string{"events-notify", "events-urgent-notify", "events-retry-notify"} {
			waiting += w.stack.Pushes[name].Stats().Waiting
		}
		w.mu.Lock()
		open, err := published-int64(len(w.acked)), w.failed
		w.mu.Unlock()
		switch {
		case err != nil:
			return err
		case publishing > 0 || w.inFlight.Load() > 0 || open > int64(waiting):
			still = 0
		case open <= 0:
			return nil
		default:
			if still++; still > 3 { // they only wait
				still = 0
				w.account.note(nil, "%d messages wait for their time", open)
				if err := w.stack.Clock.Advance(12 * time.Second); err != nil {
					return err
				}
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d messages of %d never come to an end, %d wait", open, published, waiting)
		}
		select {
		case <-time.After(3 * time.Millisecond): // asked, since nothing tells of it
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func asOwner(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner"), method, req, reply, cc, opts...)
}

func asOwnerStream(ctx context.Context, d *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return stream(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner"), d, cc, method, opts...)
}

// accounts gives those people an account who have an address.
func (w *world) accounts(ctx context.Context) error {
	var users []map[string]any
	for _, p := range w.plan.people {
		if p.address {
			users = append(users, map[string]any{"localId": p.uid, "email": p.uid + "@tidings.example", "emailVerified": true})
		}
	}
	url := fmt.Sprintf("http://%s/identitytoolkit.googleapis.com/v1/projects/%s/accounts:batchCreate", w.stack.Addresses.Auth, stack.Project)
	return google.Call(ctx, http.MethodPost, url, map[string]any{"users": users}, nil)
}
