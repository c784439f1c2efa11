package wire_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/store/wire"
)

var at = time.Date(2026, 11, 28, 10, 0, 0, 123456000, time.UTC)

// What a writer writes is what the generated code reads, with lengths of one, two and three bytes at each level.
func TestTheGeneratedCodeReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for _, long := range []string{"x", strings.Repeat("é", 60), strings.Repeat("x", 127), strings.Repeat("x", 128), strings.Repeat("x", 16_384)} {
		w := new(wire.Writer)
		w.Text("text", long)
		w.Int("least", math.MinInt64)
		w.Int("none", 0)
		w.Bool("yes", true)
		w.Bool("no", false)
		w.Null("null")
		w.Bytes("bytes", []byte{0xff, 0})
		w.Time("time", at)
		w.Time("early", time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC))
		w.Map("map", func() {
			w.Text("text", long)
			w.Map("map", func() { w.Text(long, long) })
			w.Map("empty", func() {})
		})
		w.Maps("maps", 2, func(i int) { w.Text(fmt.Sprint(i), long) })
		w.Ints("ints", []int64{-1, 1 << 40})
		w.JSON("json", map[string]any{"s": long, "e": "", "n": nil, "b": true, "i": -7, "d": 1.5, "l": []any{long, []any{}}, "m": map[string]any{}})
		for _, empty := range []func(){
			func() { w.Text("-", "") }, func() { w.Bytes("-", nil) }, func() { w.Time("-", time.Time{}) }, func() { w.Ints("-", nil) }, func() { w.Maps("-", 0, nil) },
		} {
			empty() // is left out
		}
		got, err := w.Fields()
		if err != nil {
			t.Fatal(err)
		}
		want := &pb.Document{Name: "n", Fields: map[string]*pb.Value{
			"text": text(long), "least": integer(math.MinInt64), "none": integer(0), "yes": boolean(true), "no": boolean(false), "null": null(),
			"bytes": {ValueType: &pb.Value_BytesValue{BytesValue: []byte{0xff, 0}}}, "time": moment(at), "early": moment(time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)),
			"map":  object(map[string]*pb.Value{"text": text(long), "map": object(map[string]*pb.Value{long: text(long)}), "empty": object(nil)}),
			"maps": list(object(map[string]*pb.Value{"0": text(long)}), object(map[string]*pb.Value{"1": text(long)})),
			"ints": list(integer(-1), integer(1<<40)),
			"json": object(map[string]*pb.Value{
				"s": text(long), "e": text(""), "n": null(), "b": boolean(true), "i": integer(-7), "d": {ValueType: &pb.Value_DoubleValue{DoubleValue: 1.5}},
				"l": list(text(long), list()), "m": object(nil),
			}),
		}}
		if diff := cmp.Diff(want, generated(t, wire.Document("n", got)), protocmp.Transform()); diff != "" {
			t.Errorf("%d bytes: -want +got:\n%.2000s", len(long), diff)
		}
	}
}

// generated is a document as somebody with the generated code gets it.
func generated(t *testing.T, doc *pb.Document) *pb.Document {
	t.Helper()
	raw, err := proto.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	got := new(pb.Document)
	if err := proto.Unmarshal(raw, got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhatCannotBeSentIsAnError(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*wire.Writer){
		"a text":      func(w *wire.Writer) { w.Text("x", "\xff") },
		"a name":      func(w *wire.Writer) { w.Map("x", func() { w.Int("\xff", 1) }) },
		"a text deep": func(w *wire.Writer) { w.JSON("x", []any{map[string]any{"y": "\xff"}}) },
		"no JSON":     func(w *wire.Writer) { w.JSON("x", struct{}{}) },
		"no number":   func(w *wire.Writer) { w.JSON("x", math.NaN()) },
	} {
		w := new(wire.Writer)
		write(w)
		w.Text("y", "what follows")
		if _, err := w.Fields(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What the generated code writes is read, whatever it is: made-up documents of all kinds, in any order of their fields, with [wire.Unread] and without.
func TestWhatTheGeneratedCodeWritesIsRead(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		doc := &pb.Document{Name: "n", Fields: madeUp(r, 3).GetMapValue().GetFields(), CreateTime: timestamppb.New(at), UpdateTime: timestamppb.New(at.Add(time.Hour))}
		raw, err := proto.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		unread := new(pb.Document)
		if err := wire.Unmarshal(raw, unread); err != nil || unread.Name != "n" || !unread.UpdateTime.AsTime().Equal(at.Add(time.Hour)) {
			t.Fatalf("seed %d: %v, %v", seed, unread, err)
		}
		apart := new(pb.Document)
		if err := wire.Unmarshal(fieldsApart(t, doc), apart); err != nil || apart.Name != "n" || !apart.UpdateTime.AsTime().Equal(at.Add(time.Hour)) {
			t.Fatalf("seed %d, fields apart: %v, %v", seed, apart, err)
		}
		for how, read := range map[string]*wire.Reader{"raw": wire.NewReader(raw), "unread": wire.Read(unread), "fields apart": wire.Read(apart), "read": wire.Read(doc)} {
			if diff := cmp.Diff(doc.Fields, treeOf(read.Fields), protocmp.Transform()); diff != "" || read.Err() != nil {
				t.Fatalf("seed %d, %s: %v; -want +got:\n%s", seed, how, read.Err(), diff)
			}
		}
	}
}

// fieldsApart is the document with its name and its times among its fields, which the protocol allows.
func fieldsApart(t *testing.T, doc *pb.Document) (raw []byte) {
	t.Helper()
	parts := []*pb.Document{{Name: doc.Name}, {CreateTime: doc.CreateTime}, {UpdateTime: doc.UpdateTime}}
	for name, value := range doc.Fields {
		parts = append(parts, &pb.Document{Fields: map[string]*pb.Value{name: value}})
	}
	for i := range 3 { // the first fields before the name, others between
		if k := len(parts) - 1 - 2*i; k > i {
			parts[i], parts[k] = parts[k], parts[i]
		}
	}
	for _, part := range parts {
		b, err := proto.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b...)
	}
	return raw
}

// treeOf reads all that is there by asking each value for every kind.
func treeOf(f wire.Fields) map[string]*pb.Value {
	if f.Len() == 0 {
		return nil
	}
	all := map[string]*pb.Value{}
	for name := range f.All() {
		all[name] = valueOf(f.Get(name))
	}
	return all
}

func valueOf(v wire.Value) *pb.Value {
	var found []*pb.Value
	if s := v.Text(); s != "" {
		found = append(found, text(s))
	}
	if i := v.Int(); i != 0 {
		found = append(found, integer(i))
	}
	if v.Bool() {
		found = append(found, boolean(true))
	}
	if b := v.Bytes(); len(b) > 0 {
		found = append(found, &pb.Value{ValueType: &pb.Value_BytesValue{BytesValue: b}})
	}
	if t := v.Time(); !t.IsZero() {
		found = append(found, moment(t))
	}
	if d, ok := v.JSON().(float64); ok {
		found = append(found, &pb.Value{ValueType: &pb.Value_DoubleValue{DoubleValue: d}})
	}
	if m := treeOf(v.Map()); m != nil {
		found = append(found, object(m))
	}
	var values []*pb.Value
	for one := range v.List() {
		values = append(values, valueOf(one))
	}
	if values != nil {
		found = append(found, list(values...))
	}
	if len(found) != 1 {
		return text(fmt.Sprint("is of ", len(found), " kinds"))
	}
	return found[0]
}

// madeUp is a map with values that differ from nothing, so that treeOf finds their kinds.
func madeUp(r *rand.Rand, levels int) *pb.Value {
	m := map[string]*pb.Value{}
	for range 1 + r.IntN(12) {
		var v *pb.Value
		switch kind := r.IntN(8); {
		case kind == 0:
			v = integer(r.Int64() - math.MaxInt64/2 | 1)
		case kind == 1:
			v = boolean(true)
		case kind == 2:
			v = moment(at.Add(time.Duration(r.Int64N(1<<60)) - 1<<59).Truncate(time.Microsecond))
		case kind == 3:
			v = &pb.Value{ValueType: &pb.Value_BytesValue{BytesValue: []byte{byte(r.IntN(256))}}}
		case kind == 4:
			v = &pb.Value{ValueType: &pb.Value_DoubleValue{DoubleValue: r.NormFloat64()}}
		case kind == 5 && levels > 0:
			v = madeUp(r, levels-1)
		case kind == 6 && levels > 0:
			v = list(madeUp(r, levels-1), text("x"))
		default:
			v = text(strings.Repeat("ö", 1+r.IntN(200)))
		}
		m[fmt.Sprintf("%0*d", 1+r.IntN(3), r.IntN(100))] = v
	}
	return object(m)
}

// A document that was cut off is an error wherever it is one for the generated code, and so is nearly every one with a wrong byte: what is of a kind
// that nobody asked for is not looked at.
func TestWhatIsMalformedIsAnError(t *testing.T) {
	t.Parallel()
	whole, err := proto.Marshal(&pb.Document{Fields: madeUp(rand.New(rand.NewPCG(7, 1)), 2).GetMapValue().GetFields()})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(raw []byte) (here, there bool) {
		read := wire.NewReader(raw)
		treeOf(read.Fields)
		return read.Err() != nil, proto.Unmarshal(raw, new(pb.Document)) != nil
	}
	for i := range whole {
		if here, there := refused(whole[:i]); there && !here {
			t.Errorf("the first %d of %d bytes: no error", i, len(whole))
		}
	}
	caught, wrong, r := 0, 0, rand.New(rand.NewPCG(1, 1))
	for range 2_000 {
		raw := slices.Clone(whole)
		raw[r.IntN(len(raw))] = byte(r.IntN(256))
		if here, there := refused(raw); there {
			if wrong++; here {
				caught++
			}
		}
	}
	if wrong < 100 || caught < wrong*95/100 {
		t.Errorf("%d of %d documents with a wrong byte are an error here", caught, wrong)
	}
}

// Whoever sends a change to a function must not be able to end it.
func TestWhatIsDeepOrWithoutNamesCostsLittle(t *testing.T) {
	t.Parallel()
	lists := new(wire.Writer)
	lists.JSON("x", nested(5_000))
	raw, err := lists.Fields()
	if err != nil {
		t.Fatal(err)
	}
	read := wire.NewReader(raw)
	if read.Get("x").JSON(); read.Err() == nil {
		t.Error("5,000 lists in each other: no error")
	}
	nameless := bytes.Repeat([]byte{0x12, 0}, 1<<20)
	if n := wire.NewReader(nameless).Len(); n != 0 {
		t.Errorf("%d fields without a name", n)
	}
}

func nested(levels int) any {
	var v any = "x"
	for range levels {
		v = []any{v}
	}
	return v
}

func text(s string) *pb.Value   { return &pb.Value{ValueType: &pb.Value_StringValue{StringValue: s}} }
func integer(i int64) *pb.Value { return &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: i}} }
func boolean(is bool) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_BooleanValue{BooleanValue: is}}
}
func null() *pb.Value { return &pb.Value{ValueType: &pb.Value_NullValue{}} }
func moment(t time.Time) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: timestamppb.New(t)}}
}
func object(f map[string]*pb.Value) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: f}}}
}
func list(vs ...*pb.Value) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ArrayValue{ArrayValue: &pb.ArrayValue{Values: vs}}}
}
