// Package tap stands on the wire between a subscriber and the Firestore emulator. It counts what Firestore would bill,
// and it can disturb: refuse a call, or let it happen and lose the answer. The subscriber is the unchanged binary, in a
// process of its own; all it is given is this address in FIRESTORE_EMULATOR_HOST.
package tap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
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

// Counts are documents, as Firestore bills them: a document that was asked for and is missing is a read, and so is a query
// without a result.
type Counts struct {
	Reads, Writes, Deletes int64
	Calls                  int64 // RPCs, for the curious
	LargestWrite           int64 // bytes of the largest request that writes
}

// Sub is what was counted since before.
func (c Counts) Sub(before Counts) Counts {
	c.Reads -= before.Reads
	c.Writes -= before.Writes
	c.Deletes -= before.Deletes
	c.Calls -= before.Calls
	return c
}

// Tap is a running proxy. Close it.
type Tap struct {
	Address string // host:port

	server                                 *grpc.Server
	target                                 *grpc.ClientConn
	disturb                                atomic.Pointer[func(method string) Fault]
	reads, writes, deletes, calls, largest atomic.Int64
	underWay                               atomic.Int64
}

// Open listens on a free port of this machine and passes everything on to the emulator at target.
func Open(target string) (*Tap, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("tap: %w", err)
	}
	unlimited := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30), grpc.ForceCodec(frames{}))
	soon := backoff.DefaultConfig // an emulator that was restarted is found again at once
	soon.BaseDelay, soon.MaxDelay = 50*time.Millisecond, 500*time.Millisecond
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()), unlimited,
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: soon, MinConnectTimeout: 5 * time.Second}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tap: %w", err), l.Close())
	}
	t := &Tap{Address: l.Addr().String(), target: conn}
	t.server = grpc.NewServer(grpc.ForceServerCodec(frames{}), grpc.UnknownServiceHandler(t.pass), grpc.MaxRecvMsgSize(1<<30), grpc.MaxSendMsgSize(1<<30))
	go func() { _ = t.server.Serve(l) }() // ends with Close
	return t, nil
}

// Close ends all calls.
func (t *Tap) Close() error {
	t.server.Stop()
	return t.target.Close()
}

// Disturb asks f about each call from now on, by its method ("Commit", "BatchWrite", "BatchGetDocuments", "RunQuery", …). It is
// called concurrently. nil disturbs nothing.
func (t *Tap) Disturb(f func(method string) Fault) {
	if f == nil {
		t.disturb.Store(nil)
		return
	}
	t.disturb.Store(&f)
}

// Counts is what was counted until now.
func (t *Tap) Counts() Counts {
	return Counts{Reads: t.reads.Load(), Writes: t.writes.Load(), Deletes: t.deletes.Load(), Calls: t.calls.Load(), LargestWrite: t.largest.Load()}
}

// UnderWay is how many calls have not been answered yet.
func (t *Tap) UnderWay() int { return int(t.underWay.Load()) }

// pass carries one call, message by message, in both directions.
func (t *Tap) pass(_ any, in grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(in)
	method := full[strings.LastIndex(full, "/")+1:]
	t.calls.Add(1)
	t.underWay.Add(1)
	defer t.underWay.Add(-1)
	var fault Fault
	if f := t.disturb.Load(); f != nil {
		fault = (*f)(method)
	}
	if fault.Code != codes.OK && !fault.Late {
		return fault.answer("tap: refused")
	}
	ctx, cancel := context.WithCancel(in.Context())
	defer cancel()
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, md.Copy())
	}
	out, err := t.target.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, full)
	if err != nil {
		return err
	}
	var up sync.WaitGroup
	up.Go(func() {
		for {
			var m frame
			if err := in.RecvMsg(&m); err != nil {
				if errors.Is(err, io.EOF) {
					_ = out.CloseSend()
				} else {
					cancel()
				}
				return
			}
			t.countRequest(method, m)
			if out.SendMsg(&m) != nil {
				return // the reason comes with the answer
			}
		}
	})
	found := int64(0)
	for {
		var m frame
		if err := out.RecvMsg(&m); err != nil {
			in.SetTrailer(out.Trailer())
			if method == "RunQuery" {
				t.reads.Add(max(found, 1))
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			if fault.Code != codes.OK {
				return fault.answer("tap: the answer is lost")
			}
			return err
		}
		found += t.countAnswer(method, m)
		if fault.Code != codes.OK {
			continue
		}
		if err := in.SendMsg(&m); err != nil {
			return err
		}
	}
}

func (t *Tap) countRequest(method string, m frame) {
	var writes []*pb.Write
	switch method {
	case "Commit":
		var r pb.CommitRequest
		_ = proto.Unmarshal(m, &r) // what is not one is counted as nothing, and refused by the emulator
		writes = r.Writes
	case "BatchWrite":
		var r pb.BatchWriteRequest
		_ = proto.Unmarshal(m, &r)
		writes = r.Writes
	default:
		return
	}
	for n := t.largest.Load(); int64(len(m)) > n && !t.largest.CompareAndSwap(n, int64(len(m))); n = t.largest.Load() {
	}
	for _, w := range writes {
		if w.GetDelete() != "" {
			t.deletes.Add(1)
		} else {
			t.writes.Add(1)
		}
	}
}

// countAnswer counts documents that were read by name, and returns those that a query found.
func (t *Tap) countAnswer(method string, m frame) (found int64) {
	switch method {
	case "BatchGetDocuments":
		var r pb.BatchGetDocumentsResponse
		if proto.Unmarshal(m, &r) == nil && (r.GetFound() != nil || r.GetMissing() != "") {
			t.reads.Add(1)
		}
	case "RunQuery":
		var r pb.RunQueryResponse
		if proto.Unmarshal(m, &r) == nil && r.Document != nil {
			return 1
		}
	}
	return 0
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
