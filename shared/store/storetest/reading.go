package storetest

import (
	"context"
	"io"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// reading is a stream of documents. It implements [grpc.ClientStream].
type reading struct {
	ctx    context.Context
	from   *Documents
	wanted []string
}

func (r *reading) SendMsg(m any) error {
	if batch, ok := m.(*pb.BatchGetDocumentsRequest); ok {
		r.wanted = batch.Documents
	}
	return nil
}

func (r *reading) RecvMsg(m any) error {
	answer, ok := m.(*pb.BatchGetDocumentsResponse)
	if !ok || len(r.wanted) == 0 {
		return io.EOF
	}
	name := r.wanted[0]
	r.wanted = r.wanted[1:]
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	answer.ReadTime = timestamppb.Now()
	if doc := r.from.all[name]; doc != nil {
		answer.Result = &pb.BatchGetDocumentsResponse_Found{Found: proto.Clone(doc).(*pb.Document)}
	} else {
		answer.Result = &pb.BatchGetDocumentsResponse_Missing{Missing: name}
	}
	return nil
}

func (r *reading) Header() (metadata.MD, error) { return nil, nil }
func (r *reading) Trailer() metadata.MD         { return nil }
func (r *reading) CloseSend() error             { return nil }
func (r *reading) Context() context.Context     { return r.ctx }
