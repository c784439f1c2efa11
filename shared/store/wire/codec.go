package wire

import (
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// Unread has the generated client leave the fields of documents that it gets as they came: [Read] has them. It is an option for
// GetDocument, BatchGetDocuments and RunQuery.
func Unread() gax.CallOption {
	return gax.WithGRPCOptions(grpc.ForceCodecV2(codec{encoding.GetCodecV2(grpcproto.Name)}))
}

// codec is gRPC's own, but for answers that have a document.
type codec struct{ encoding.CodecV2 }

// The numbers in google/firestore/v1/firestore.proto.
const (
	batchGetFound    = 1
	runQueryDocument = 1
)

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch answer := v.(type) {
	case *pb.Document:
		return Unmarshal(data.Materialize(), answer)
	case *pb.BatchGetDocumentsResponse:
		if raw := only(data, batchGetFound); raw != nil {
			doc := new(pb.Document)
			answer.Result = &pb.BatchGetDocumentsResponse_Found{Found: doc}
			return Unmarshal(raw, doc)
		}
	case *pb.RunQueryResponse:
		if raw := only(data, runQueryDocument); raw != nil {
			answer.Document = new(pb.Document)
			return Unmarshal(raw, answer.Document)
		}
	}
	return c.CodecV2.Unmarshal(data, v)
}

// only is the message with that number in an answer, or nil. What else is in an answer that has a document, nobody here asks for.
func only(answer mem.BufferSlice, number int) (found []byte) {
	r := new(Reader)
	for rest := answer.Materialize(); len(rest) > 0; {
		var p part
		if p, rest = r.next(rest); int(p.number) == number {
			found = p.bytes
		}
	}
	return found
}
