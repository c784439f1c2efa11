package gcs

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/topology"
)

// When an object ends, as infra/archive.tf has it.
const (
	maxAge  = 10 * time.Minute
	maxSize = 10_000_000 // bytes
)

// Writer is what a Cloud Storage subscription of Pub/Sub does: it gathers the messages that its filter lets through, and writes them as objects. Pub/Sub acknowledges a message once it is written;
// a Writer has it in memory until its object ends or somebody lists the bucket, and nothing outlives the stack anyway. It is safe for concurrent use.
type Writer struct {
	server *Server
	sub    topology.Archive
	ahead  func() time.Duration

	mu    sync.Mutex
	count int // of objects
	begun time.Time
	size  int
	open  []archive.Message
}

// Writer makes a writer of a subscription, into the first bucket. Times are ahead of Pub/Sub's by what ahead says: the stack's clock can be moved, and that of Pub/Sub's emulator cannot.
func (s *Server) Writer(sub topology.Archive, ahead func() time.Duration) *Writer {
	w := &Writer{server: s, sub: sub, ahead: ahead}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writers = append(s.writers, w)
	return w
}

// Take takes a message. After an error it is to be delivered again.
func (w *Writer) Take(m *pubsubpb.PubsubMessage) error {
	if slices.ContainsFunc(w.sub.Without, func(name string) bool { _, has := m.Attributes[name]; return has }) {
		return nil // as the filter acknowledges what does not pass
	}
	ahead := w.ahead()
	now := time.Now().UTC().Add(ahead)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.size >= maxSize || now.Sub(w.begun) > maxAge {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(w.open) == 0 {
		w.begun = now
	}
	published := m.PublishTime.AsTime().Add(ahead).Truncate(time.Microsecond)
	w.open = append(w.open, archive.Message{Topic: w.sub.Topic, ID: m.MessageId, Published: published, Attributes: m.Attributes, Data: m.Data})
	w.size += len(m.Data)
	return nil
}

// flush writes what is held. The caller holds the lock.
func (w *Writer) flush() error {
	if len(w.open) == 0 {
		return nil
	}
	w.count++
	if _, err := w.server.Write(w.sub.Name, w.begun, fmt.Sprintf("%06d", w.count), w.open); err != nil {
		return err
	}
	w.open, w.size = nil, 0
	return nil
}

// flush has all writers write what they hold.
func (s *Server) flush() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.writers {
		w.mu.Lock()
		err = errors.Join(err, w.flush())
		w.mu.Unlock()
	}
	return err
}
