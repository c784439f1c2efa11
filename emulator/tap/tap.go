// Package tap stands on the wire between a program and the Firestore emulator, or Pub/Sub's. It counts what Google would bill,
// and it can disturb: refuse a call, or let it happen and lose the answer. The program is unchanged, and mostly in a
// process of its own; all it is given is this address in FIRESTORE_EMULATOR_HOST or PUBSUB_EMULATOR_HOST.
package tap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Fault is what happens to one call.
type Fault struct {
	Code codes.Code // what the caller gets instead of an answer; OK lets the call pass
	Late bool       // Firestore carries the call out first: only the answer is lost
	Then func()     // called where the answer would be given, before Code is; nil: nothing
}

func (f Fault) answer(text string) error {
	if f.Then != nil {
		f.Then()
	}
	return status.Error(f.Code, text)
}

// Tap is a running proxy. Close it.
type Tap struct {
	Address string // host:port

	server    *grpc.Server
	rest      *http.Server // nil unless OpenToPages
	target    *grpc.ClientConn
	disturb   atomic.Pointer[func(method string) Fault]
	watch     atomic.Pointer[func(Write)]
	counters  counters
	resumable resumable
	underWay  atomic.Int64
}

// Open listens on a free port of this machine and passes everything on to the emulator at target.
func Open(target string) (*Tap, error) {
	t, l, err := listenFor(target)
	if err != nil {
		return nil, err
	}
	go func() { _ = t.server.Serve(l) }() // ends with Close
	return t, nil
}

// listenFor makes a tap that does not serve yet, and the listener that it is to serve.
func listenFor(target string) (*Tap, net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("tap: %w", err)
	}
	unlimited := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30), grpc.ForceCodec(frames{}))
	soon := backoff.DefaultConfig // an emulator that was restarted is found again at once
	soon.BaseDelay, soon.MaxDelay = 50*time.Millisecond, 500*time.Millisecond
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()), unlimited,
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: soon, MinConnectTimeout: 5 * time.Second}))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("tap: %w", err), l.Close())
	}
	t := &Tap{Address: l.Addr().String(), target: conn}
	t.server = grpc.NewServer(grpc.ForceServerCodec(frames{}), grpc.UnknownServiceHandler(t.pass), grpc.MaxRecvMsgSize(1<<30), grpc.MaxSendMsgSize(1<<30))
	return t, l, nil
}

// Close ends all calls.
func (t *Tap) Close() error {
	if t.rest != nil {
		_ = t.rest.Close()
	}
	t.server.Stop()
	return t.target.Close()
}

// Disturb asks f about each call from now on, by its method ("Commit", "BatchWrite", "BatchGetDocuments", "RunQuery", …). A Publish to the topic
// of facts is a "Publish facts": they are published all the time, and a fault that was meant for something else would always meet them. f is
// called concurrently. nil disturbs nothing.
func (t *Tap) Disturb(f func(method string) Fault) {
	if f == nil {
		t.disturb.Store(nil)
		return
	}
	t.disturb.Store(&f)
}

// UnderWay is how many calls have not been answered yet.
func (t *Tap) UnderWay() int { return int(t.underWay.Load()) }

// pass carries one call, message by message, in both directions.
func (t *Tap) pass(_ any, in grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(in)
	method := full[strings.LastIndex(full, "/")+1:]
	counted := t.begin(method)
	defer counted.end()
	t.underWay.Add(1)
	defer t.underWay.Add(-1)
	var fault Fault
	if f := t.disturb.Load(); f != nil {
		fault = (*f)(method + about(in))
	}
	if fault.Code != codes.OK && !fault.Late {
		return fault.answer("tap: refused")
	}
	ctx := in.Context()
	if method == "Publish" { // what is stored is counted, even if the caller dies before it hears of it
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, md.Copy())
	}
	out, err := t.target.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, full)
	if err != nil {
		return err
	}
	go func() {
		if !t.carryUp(counted, in, out) {
			cancel()
		}
	}()
	return t.carryDown(counted, in, out, fault)
}

// about tells a publishing of facts apart from others, by the header that Google's clients send for routing.
func about(in grpc.ServerStream) string {
	md, _ := metadata.FromIncomingContext(in.Context())
	for _, parameters := range md.Get("x-goog-request-params") {
		if strings.HasSuffix(parameters, "topics%2Ffacts") {
			return " facts"
		}
	}
	return ""
}

// carryUp carries requests. It returns false if the client broke the call off.
func (t *Tap) carryUp(counted *call, in grpc.ServerStream, out grpc.ClientStream) bool {
	for {
		var m frame
		if err := in.RecvMsg(&m); errors.Is(err, io.EOF) {
			_ = out.CloseSend() // the answer tells whether it was of use
			return true
		} else if err != nil {
			return false
		}
		counted.request(m)
		if out.SendMsg(&m) != nil {
			return true // the reason comes with the answer
		}
	}
}

// carryDown carries answers, or loses them if there is a fault, and returns how the call ended.
func (t *Tap) carryDown(counted *call, in grpc.ServerStream, out grpc.ClientStream, fault Fault) error {
	for {
		var m frame
		if err := out.RecvMsg(&m); err != nil {
			in.SetTrailer(out.Trailer())
			if errors.Is(err, io.EOF) {
				err = nil
			}
			counted.ended(err)
			if fault.Code != codes.OK {
				return fault.answer("tap: the answer is lost")
			}
			return err
		}
		counted.answer(m)
		if fault.Code != codes.OK {
			continue
		}
		if err := in.SendMsg(&m); err != nil {
			return err
		}
	}
}

// frames passes messages on as the bytes they are.
type (
	frame  []byte
	frames struct{}
)

func (frames) Marshal(v any) ([]byte, error) { return *v.(*frame), nil }

func (frames) Unmarshal(data []byte, v any) error {
	*v.(*frame) = append(frame(nil), data...)
	return nil
}

func (frames) Name() string { return "proto" }
