// Package tap stands on the wire between a subscriber and the Firestore emulator. It counts what Firestore would bill,
// and it can disturb: refuse a call, or let it happen and lose the answer. The subscriber is the unchanged binary, in a
// process of its own; all it is given is this address in FIRESTORE_EMULATOR_HOST.
package tap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"strings"
	"sync/atomic"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
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
	Published              int64 // messages that Pub/Sub has taken, where the tap stands before it
}

// Sub is what was counted since before.
func (c Counts) Sub(before Counts) Counts {
	c.Reads -= before.Reads
	c.Writes -= before.Writes
	c.Deletes -= before.Deletes
	c.Calls -= before.Calls
	c.Published -= before.Published
	return c
}

// Add is the sum of both.
func (c Counts) Add(more Counts) Counts {
	c.Reads += more.Reads
	c.Writes += more.Writes
	c.Deletes += more.Deletes
	c.Calls += more.Calls
	c.Published += more.Published
	c.LargestWrite = max(c.LargestWrite, more.LargestWrite)
	return c
}

// Tap is a running proxy. Close it.
type Tap struct {
	Address string // host:port

	server                                 *grpc.Server
	target                                 *grpc.ClientConn
	disturb                                atomic.Pointer[func(method string) Fault]
	reads, writes, deletes, calls, largest atomic.Int64
	underWay, published                    atomic.Int64
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
	return Counts{Reads: t.reads.Load(), Writes: t.writes.Load(), Deletes: t.deletes.Load(), Calls: t.calls.Load(), LargestWrite: t.largest.Load(), Published: t.published.Load()}
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
	go func() {
		if !t.carryUp(method, in, out) {
			cancel()
		}
	}()
	return t.carryDown(method, in, out, fault)
}

// carryUp carries requests. It returns false if the client broke the call off.
func (t *Tap) carryUp(method string, in grpc.ServerStream, out grpc.ClientStream) bool {
	for {
		var m frame
		if err := in.RecvMsg(&m); errors.Is(err, io.EOF) {
			_ = out.CloseSend() // the answer tells whether it was of use
			return true
		} else if err != nil {
			return false
		}
		t.countRequest(method, m)
		if out.SendMsg(&m) != nil {
			return true // the reason comes with the answer
		}
	}
}

// carryDown carries answers, or loses them if there is a fault, and returns how the call ended.
func (t *Tap) carryDown(method string, in grpc.ServerStream, out grpc.ClientStream, fault Fault) error {
	queried := int64(0)
	for {
		var m frame
		if err := out.RecvMsg(&m); err != nil {
			in.SetTrailer(out.Trailer())
			if method == "RunQuery" {
				t.reads.Add(max(queried, 1))
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			if method == "GetDocument" && (err == nil || status.Code(err) == codes.NotFound) {
				t.reads.Add(1)
			}
			if fault.Code != codes.OK {
				return fault.answer("tap: the answer is lost")
			}
			return err
		}
		queried += t.countAnswer(method, m)
		if fault.Code != codes.OK {
			continue
		}
		if err := in.SendMsg(&m); err != nil {
			return err
		}
	}
}

// What is counted, by its number on the wire. Documents are not decoded: that was a third of the benchmark's own CPU, on the cores of
// what it measures.
var (
	commitWrites = numberOf(&pb.CommitRequest{}, "writes")
	batchWrites  = numberOf(&pb.BatchWriteRequest{}, "writes")
	deletion     = numberOf(&pb.Write{}, "delete")
	found        = numberOf(&pb.BatchGetDocumentsResponse{}, "found")
	missing      = numberOf(&pb.BatchGetDocumentsResponse{}, "missing")
	document     = numberOf(&pb.RunQueryResponse{}, "document")
	messageIDs   = numberOf(&pubsubpb.PublishResponse{}, "message_ids")
)

func numberOf(m proto.Message, field protoreflect.Name) protowire.Number {
	return m.ProtoReflect().Descriptor().Fields().ByName(field).Number()
}

// each yields the strings and messages in a message on the wire, without those inside them. What is no such message ends early: the emulator
// will refuse it.
func each(message []byte) iter.Seq2[protowire.Number, []byte] {
	return func(yield func(protowire.Number, []byte) bool) {
		for len(message) > 0 {
			number, kind, n := protowire.ConsumeTag(message)
			if n < 0 {
				return
			}
			message = message[n:]
			if kind != protowire.BytesType {
				if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
					return
				}
				message = message[n:]
				continue
			}
			value, n := protowire.ConsumeBytes(message)
			if n < 0 || !yield(number, value) {
				return
			}
			message = message[n:]
		}
	}
}

func (t *Tap) countRequest(method string, m frame) {
	writes := map[string]protowire.Number{"Commit": commitWrites, "BatchWrite": batchWrites}[method]
	if writes == 0 {
		return
	}
	for n := t.largest.Load(); int64(len(m)) > n && !t.largest.CompareAndSwap(n, int64(len(m))); n = t.largest.Load() {
	}
	for number, write := range each(m) {
		if number != writes {
			continue
		}
		counter := &t.writes
		for inside := range each(write) {
			if inside == deletion {
				counter = &t.deletes
			}
		}
		counter.Add(1)
	}
}

// countAnswer counts documents that were read by name, and messages that were published, and returns those that a query found.
func (t *Tap) countAnswer(method string, m frame) (queried int64) {
	for number := range each(m) {
		switch {
		case method == "BatchGetDocuments" && (number == found || number == missing):
			t.reads.Add(1)
		case method == "RunQuery" && number == document:
			queried++
		case method == "Publish" && number == messageIDs:
			t.published.Add(1)
		}
	}
	return queried
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
