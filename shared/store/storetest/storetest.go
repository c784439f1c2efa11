// Package storetest is a Firestore in memory, as far as fuzz tests of the functions need one: documents are read by name and written,
// without preconditions, queries and a network. Whatever is about Firestore itself is tested on the official emulator instead.
package storetest

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/store"
)

// Documents are those of one project, by full name.
type Documents struct {
	mu  sync.Mutex
	all map[string]*pb.Document
}

// Open returns a store whose documents are in memory; they are gone with the test, which must not be parallel: Open hides the emulator
// that other tests of the process use.
func Open(t testing.TB) (*store.Store, *Documents) {
	t.Helper()
	t.Setenv("FIRESTORE_EMULATOR_HOST", "")
	d := &Documents{all: map[string]*pb.Document{}}
	s, err := store.Open(context.Background(), "p",
		option.WithEndpoint("passthrough:///nowhere"), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, errors.New("there is no network here") })),
		option.WithGRPCDialOption(grpc.WithUnaryInterceptor(d.call)), option.WithGRPCDialOption(grpc.WithStreamInterceptor(d.stream)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, d
}

// Put replaces a document, which is named as in "users/bob".
func (d *Documents) Put(path string, fields map[string]*pb.Value) {
	name := "projects/p/databases/(default)/documents/" + path
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[name] = &pb.Document{Name: name, Fields: fields, CreateTime: timestamppb.Now(), UpdateTime: timestamppb.Now()}
}

// Clear removes all documents.
func (d *Documents) Clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.all)
}

// call answers what is no stream. What Firestore would not carry in its protocol is an error, as there.
func (d *Documents) call(_ context.Context, method string, request, reply any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := proto.Marshal(request.(proto.Message)); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	switch r := request.(type) {
	case *pb.GetDocumentRequest:
		doc := d.all[r.Name]
		if doc == nil {
			return status.Error(codes.NotFound, "no such document")
		}
		proto.Merge(reply.(proto.Message), doc)
	case *pb.CommitRequest:
		answer := reply.(*pb.CommitResponse)
		for _, w := range r.Writes {
			d.write(w)
			answer.WriteResults = append(answer.WriteResults, &pb.WriteResult{UpdateTime: timestamppb.Now()})
		}
	default:
		return status.Errorf(codes.Unimplemented, "%s is not known here", method)
	}
	return nil
}

func (d *Documents) write(w *pb.Write) {
	if name := w.GetDelete(); name != "" {
		delete(d.all, name)
		return
	}
	doc := proto.Clone(w.GetUpdate()).(*pb.Document)
	if was := d.all[doc.Name]; was != nil && w.UpdateMask != nil {
		kept := proto.Clone(was).(*pb.Document).Fields
		for _, field := range w.UpdateMask.FieldPaths { // whole fields: none of these tests writes a part of one
			delete(kept, field)
			if value := doc.Fields[field]; value != nil {
				kept[field] = value
			}
		}
		doc.Fields = kept
	}
	doc.CreateTime, doc.UpdateTime = timestamppb.Now(), timestamppb.Now()
	d.all[doc.Name] = doc
}

// stream answers a batch of reads, and a query with nothing.
func (d *Documents) stream(ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, method string, _ grpc.Streamer, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	if !strings.HasSuffix(method, "/BatchGetDocuments") && !strings.HasSuffix(method, "/RunQuery") {
		return nil, status.Errorf(codes.Unimplemented, "%s is not known here", method)
	}
	return &reading{ctx: ctx, from: d}, nil
}
