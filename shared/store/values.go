package store

import (
	"fmt"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/event"
)

// anything stores what JSON can hold, unchanged: numbers by [event.NumberOf]. The door has refused what Firestore would not take; what comes
// all the same is an error, and never stored as something else.
func anything(value any) (*pb.Value, error) {
	switch v := value.(type) {
	case nil:
		return null, nil
	case string:
		return str(v), nil
	case bool:
		return boolean(v), nil
	case map[string]any:
		f := make(fields, len(v))
		for key, x := range v {
			var err error
			if f[key], err = anything(x); err != nil {
				return nil, fmt.Errorf("%q: %w", key, err)
			}
		}
		return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: f}}}, nil
	case []any:
		vs := make([]*pb.Value, len(v))
		for i, x := range v {
			var err error
			if vs[i], err = anything(x); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return array(vs), nil
	}
	n, err := event.NumberOf(value)
	if err != nil {
		return nil, fmt.Errorf("%T %w", value, err)
	}
	if n.IsInteger {
		return num(n.Integer), nil
	}
	return &pb.Value{ValueType: &pb.Value_DoubleValue{DoubleValue: n.Double}}, nil
}

// plain is what was stored, as Go has it: an int64 for an integer, a float64 for a double. As JSON it is what was sent.
func plain(v *pb.Value) any {
	switch v := v.GetValueType().(type) {
	case *pb.Value_StringValue:
		return v.StringValue
	case *pb.Value_DoubleValue:
		return v.DoubleValue
	case *pb.Value_IntegerValue:
		return v.IntegerValue
	case *pb.Value_BooleanValue:
		return v.BooleanValue
	case *pb.Value_MapValue:
		m := make(map[string]any, len(v.MapValue.GetFields()))
		for k, x := range v.MapValue.GetFields() {
			m[k] = plain(x)
		}
		return m
	case *pb.Value_ArrayValue:
		a := make([]any, len(v.ArrayValue.GetValues()))
		for i, x := range v.ArrayValue.GetValues() {
			a[i] = plain(x)
		}
		return a
	}
	return nil
}
