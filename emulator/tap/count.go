package tap

import (
	"iter"
	"sync/atomic"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Counts are documents, as Firestore bills them: a document that was asked for and is missing is a read, and so is a query
// without a result. A write that is refused counts as one that is not: Google does not say what it costs.
type Counts struct {
	Reads                   int64 // by calls
	Listened, ListenedBytes int64 // by listeners: see listeners
	Writes, Deletes         int64
	Calls                   int64 // RPCs, for the curious
	LargestWrite            int64 // bytes of the largest request that writes

	// Where the tap stands before Pub/Sub: messages that it has taken, and the bytes that it bills for taking them and for pushing each of
	// them once. It bills at least MinimumBytes for a request (cloud.google.com/pubsub/pricing); a push has one message.
	Published, PublishBytes, PushBytes int64
}

// MinimumBytes is the least that Pub/Sub bills for a request that publishes or pushes.
const MinimumBytes = 1000

// messageOverhead is what Pub/Sub bills for a message besides its data and its attributes: 20 bytes for the time, and its id, of some 16 digits.
const messageOverhead = 20 + 16

// Sub is what was counted since before; the largest write is that of all time.
func (c Counts) Sub(before Counts) Counts {
	c.Reads -= before.Reads
	c.Listened -= before.Listened
	c.ListenedBytes -= before.ListenedBytes
	c.Writes -= before.Writes
	c.Deletes -= before.Deletes
	c.Calls -= before.Calls
	c.Published -= before.Published
	c.PublishBytes -= before.PublishBytes
	c.PushBytes -= before.PushBytes
	return c
}

// Add is the sum of both.
func (c Counts) Add(more Counts) Counts {
	c.Reads += more.Reads
	c.Listened += more.Listened
	c.ListenedBytes += more.ListenedBytes
	c.Writes += more.Writes
	c.Deletes += more.Deletes
	c.Calls += more.Calls
	c.Published += more.Published
	c.PublishBytes += more.PublishBytes
	c.PushBytes += more.PushBytes
	c.LargestWrite = max(c.LargestWrite, more.LargestWrite)
	return c
}

// counters are Counts that grow.
type counters struct {
	reads, listened, listenedBytes, writes, deletes, calls, largest, published, publishBytes, pushBytes atomic.Int64
}

// Counts is what was counted until now.
func (t *Tap) Counts() Counts {
	c := &t.counters
	return Counts{
		Reads: c.reads.Load(), Listened: c.listened.Load(), ListenedBytes: c.listenedBytes.Load(), Writes: c.writes.Load(), Deletes: c.deletes.Load(),
		Calls: c.calls.Load(), LargestWrite: c.largest.Load(),
		Published: c.published.Load(), PublishBytes: c.publishBytes.Load(), PushBytes: c.pushBytes.Load(),
	}
}

// Write is one document that a request writes or deletes.
type Write struct {
	Document string          // its path, without the database: users/bob/notifications/n1
	Deleted  bool            // it is deleted
	Fields   map[string]bool // what is written, by the fields' names; also what the server writes, such as its time
}

// Watch tells f of every document that is asked to be written, from now on. f is called concurrently. nil: nobody is told, and nothing is decoded.
func (t *Tap) Watch(f func(Write)) {
	if f == nil {
		t.watch.Store(nil)
		return
	}
	t.watch.Store(&f)
}

// call counts one RPC.
type call struct {
	tap       *Tap
	method    string
	queried   int64
	listeners *listeners // of Listen
}

func (t *Tap) begin(method string) *call {
	t.counters.calls.Add(1)
	c := &call{tap: t, method: method}
	if method == "Listen" {
		c.listeners = newListeners(&t.resumable)
	}
	return c
}

// end is called when the call is over, whoever ended it.
func (c *call) end() {
	if c.listeners != nil {
		c.listeners.close()
	}
}

// ended counts what is known only when the server has ended the call.
func (c *call) ended(err error) {
	switch {
	case c.method == "RunQuery":
		c.tap.counters.reads.Add(max(c.queried, 1))
	case c.method == "GetDocument" && (err == nil || status.Code(err) == codes.NotFound):
		c.tap.counters.reads.Add(1)
	}
}

// What is counted, by its number on the wire. Documents are not decoded unless somebody watches: that was a third of the benchmark's own CPU, on
// the cores of what it measures.
var (
	writesOf = map[string]protowire.Number{ // by method
		"Commit":     numberOf(&pb.CommitRequest{}, "writes"),
		"BatchWrite": numberOf(&pb.BatchWriteRequest{}, "writes"),
		"Write":      numberOf(&pb.WriteRequest{}, "writes"), // the stream of the web's SDK
	}
	deletion   = numberOf(&pb.Write{}, "delete")
	found      = numberOf(&pb.BatchGetDocumentsResponse{}, "found")
	missing    = numberOf(&pb.BatchGetDocumentsResponse{}, "missing")
	document   = numberOf(&pb.RunQueryResponse{}, "document")
	messages   = numberOf(&pubsubpb.PublishRequest{}, "messages")
	data       = numberOf(&pubsubpb.PubsubMessage{}, "data")
	ordering   = numberOf(&pubsubpb.PubsubMessage{}, "ordering_key")
	attributes = numberOf(&pubsubpb.PubsubMessage{}, "attributes")
	messageIDs = numberOf(&pubsubpb.PublishResponse{}, "message_ids")
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

func (c *call) request(m frame) {
	switch {
	case c.listeners != nil:
		c.listeners.request(m)
	case c.method == "Publish":
		c.publishes(m)
	case writesOf[c.method] != 0:
		c.wrote(m)
	}
}

func (c *call) wrote(m frame) {
	t := c.tap
	for n := t.counters.largest.Load(); int64(len(m)) > n && !t.counters.largest.CompareAndSwap(n, int64(len(m))); n = t.counters.largest.Load() {
	}
	for number, write := range each(m) {
		if number != writesOf[c.method] {
			continue
		}
		deleted := false
		for inside := range each(write) {
			deleted = deleted || inside == deletion
		}
		t.countWrite(deleted)
		if t.watch.Load() != nil {
			var w pb.Write
			if proto.Unmarshal(write, &w) == nil {
				t.tell(&w)
			}
		}
	}
}

func (t *Tap) countWrite(deleted bool) {
	if deleted {
		t.counters.deletes.Add(1)
	} else {
		t.counters.writes.Add(1)
	}
}

func (t *Tap) tell(w *pb.Write) {
	f := t.watch.Load()
	if f == nil {
		return
	}
	if name := w.GetDelete(); name != "" {
		(*f)(Write{Document: pathOf(name), Deleted: true})
		return
	}
	fields := map[string]bool{}
	for name := range w.GetUpdate().GetFields() {
		fields[name] = true
	}
	for _, t := range w.GetUpdateTransforms() {
		fields[t.FieldPath] = true
	}
	(*f)(Write{Document: pathOf(w.GetUpdate().GetName()), Fields: fields})
}

// publishes counts the bytes of a request to publish, as they are billed.
func (c *call) publishes(m frame) {
	request, pushes := int64(0), int64(0)
	for number, message := range each(m) {
		if number != messages {
			continue
		}
		size := int64(messageOverhead)
		for part, value := range each(message) {
			switch part {
			case data, ordering:
				size += int64(len(value))
			case attributes:
				for _, text := range each(value) { // the key and the value
					size += int64(len(text))
				}
			}
		}
		request += size
		pushes += max(size, MinimumBytes)
	}
	c.tap.counters.publishBytes.Add(max(request, MinimumBytes))
	c.tap.counters.pushBytes.Add(pushes)
}

// answer counts documents that were read by name, by a query, or by a listener, and messages that were published.
func (c *call) answer(m frame) {
	if c.listeners != nil {
		reads := c.listeners.answer(m)
		c.tap.counters.listened.Add(reads)
		c.tap.counters.listenedBytes.Add(reads * int64(len(m)))
		return
	}
	for number := range each(m) {
		switch {
		case c.method == "BatchGetDocuments" && (number == found || number == missing):
			c.tap.counters.reads.Add(1)
		case c.method == "RunQuery" && number == document:
			c.queried++
		case c.method == "Publish" && number == messageIDs:
			c.tap.counters.published.Add(1)
		}
	}
}
