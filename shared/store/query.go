package store

import (
	"context"
	"errors"
	"io"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// query runs a query below a document ("" is the whole database) and returns all of its answers: each caller sets a limit.
// A query that finds nothing is billed as one read.
func (s *Store) query(ctx context.Context, parent string, q *pb.StructuredQuery, opts ...gax.CallOption) ([]*pb.Document, error) {
	if parent == "" {
		parent = s.database + "/documents"
	}
	stream, err := s.raw.RunQuery(ctx, &pb.RunQueryRequest{
		Parent: parent, QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: q},
	}, opts...)
	var docs []*pb.Document
	for err == nil {
		var answer *pb.RunQueryResponse
		if answer, err = stream.Recv(); err == nil && answer.GetDocument() != nil {
			docs = append(docs, answer.GetDocument())
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, sentinel(err)
	}
	return docs, nil
}

// where compares a field with a value.
func where(name string, op pb.StructuredQuery_FieldFilter_Operator, value *pb.Value) *pb.StructuredQuery_Filter {
	return &pb.StructuredQuery_Filter{FilterType: &pb.StructuredQuery_Filter_FieldFilter{FieldFilter: &pb.StructuredQuery_FieldFilter{
		Field: fieldNamed(name), Op: op, Value: value,
	}}}
}

// both is what both filters let through.
func both(one, other *pb.StructuredQuery_Filter) *pb.StructuredQuery_Filter {
	return &pb.StructuredQuery_Filter{FilterType: &pb.StructuredQuery_Filter_CompositeFilter{CompositeFilter: &pb.StructuredQuery_CompositeFilter{
		Op: pb.StructuredQuery_CompositeFilter_AND, Filters: []*pb.StructuredQuery_Filter{one, other},
	}}}
}

// ascending orders by each of the fields, the first one first.
func ascending(names ...string) (orders []*pb.StructuredQuery_Order) {
	for _, name := range names {
		orders = append(orders, &pb.StructuredQuery_Order{Field: fieldNamed(name), Direction: pb.StructuredQuery_ASCENDING})
	}
	return orders
}

// only transfers these fields of each document, and its name.
func only(names ...string) *pb.StructuredQuery_Projection {
	p := &pb.StructuredQuery_Projection{}
	for _, name := range names {
		p.Fields = append(p.Fields, fieldNamed(name))
	}
	return p
}

// past begins behind the document that has these values of the fields in the query's order.
func past(values ...*pb.Value) *pb.Cursor { return &pb.Cursor{Values: values} }

// inNames selects a page of the query's answers: those behind the document of that name ("" is the beginning), in the order of names.
func inNames(q *pb.StructuredQuery, after string, most int) *pb.StructuredQuery {
	q.OrderBy, q.Limit = ascending(documentName), wrapperspb.Int32(int32(most))
	if after != "" {
		q.StartAt = past(reference(after))
	}
	return q
}

// documentName is the field by which a query can compare, order and select names.
const documentName = "__name__"

func fieldNamed(name string) *pb.StructuredQuery_FieldReference {
	return &pb.StructuredQuery_FieldReference{FieldPath: name}
}

// reference is the value by which a query knows a document.
func reference(name string) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ReferenceValue{ReferenceValue: name}}
}
