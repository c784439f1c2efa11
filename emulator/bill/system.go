//go:build unix

package bill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
	"tidings.dev/shared/topology"
)

var deployed = topology.Deployed()

// system is the whole stack, and what is counted of it.
type system struct {
	stack *stack.Stack
	say   func(format string, args ...any)
	db    *firestore.Client // of those who prepare a case and look at what came of it: on nobody's bill
	pages *firestore.Client // of screens that only listen
	page  *page             // the web package's core; nil until a case needs it
	ttl   map[string]string // by collection: the field by which Firestore deletes documents
	idle  Result            // what the scheduler's calls cost while nothing is due, once that was measured

	events   int // that were made up
	jobs     int // times that the scheduler called
	dayJobs  int // of them, in the day
	dayMarks int // that the person made in the day

	mu        sync.Mutex
	firestore map[string]*tap.Tap // by function; those of a person's page and of db under pageTap and setupTap
	pubsub    map[string]*tap.Tap // by function
	triggered int64               // writes for which a trigger is to be called
	called    int64               // triggers that were called before anything was counted
	expiring  map[string]bool     // all documents that will expire
	known     map[string]bool     // all documents that were written and not deleted: only a new one is created
	posted    int64               // events that were sent to publish
}

// The taps that belong to no function.
const (
	pageTap  = "the page"
	setupTap = "setup"
)

func startSystem(ctx context.Context, say func(string, ...any)) (s *system, err error) {
	s = &system{say: say, firestore: map[string]*tap.Tap{}, pubsub: map[string]*tap.Tap{}, expiring: map[string]bool{}, known: map[string]bool{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.stack, err = stack.Start(ctx, stack.Options{Unscheduled: true, EnvOf: s.environment}); err != nil {
		return s, err
	}
	if s.ttl, err = expiryFields(s.stack.Root()); err != nil {
		return s, err
	}
	for _, name := range []string{pageTap, setupTap} {
		t, err := tap.OpenToPages(s.stack.Addresses.Firestore)
		if err != nil {
			return s, err
		}
		s.watch(name, t)
	}
	if s.db, err = stack.OpenFirestore(ctx, s.firestore[setupTap].Address); err != nil {
		return s, err
	}
	s.pages, err = stack.OpenFirestore(ctx, s.firestore[pageTap].Address)
	s.called = s.stack.TriggerCalls().Called
	return s, err
}

// close ends everything. It may be called on a system that did not start.
func (s *system) close() {
	if s.page != nil {
		s.page.stop()
	}
	for _, c := range []*firestore.Client{s.db, s.pages} {
		if c != nil {
			_ = c.Close()
		}
	}
	if s.stack != nil {
		s.stack.Close()
	}
	for _, taps := range []map[string]*tap.Tap{s.firestore, s.pubsub} {
		for _, t := range taps {
			_ = t.Close()
		}
	}
}

// environment sends a function's calls through taps of its own.
func (s *system) environment(function string, a stack.Addresses) ([]string, error) {
	firestore, err := tap.Open(a.Firestore)
	if err != nil {
		return nil, err
	}
	s.watch(function, firestore)
	pubsub, err := tap.Open(a.PubSub)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pubsub[function] = pubsub
	return []string{"FIRESTORE_EMULATOR_HOST=" + firestore.Address, "PUBSUB_EMULATOR_HOST=" + pubsub.Address}, nil
}

// watch takes note of what is written through a tap in front of Firestore.
func (s *system) watch(name string, t *tap.Tap) {
	t.Watch(s.written)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.firestore[name] = t
}

// written takes note of one write: whether a trigger is to be called for it, and whether the document will expire.
func (s *system) written(w tap.Write) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range deployed.Triggers {
		if f, _ := deployed.Function(t.Function); f.Outgoing { // no product is told anything here
			continue
		}
		if matches(t.Document, w.Document) && (t.Event != topology.Created || !w.Deleted && !s.known[w.Document]) {
			s.triggered++
		}
	}
	s.known[w.Document] = !w.Deleted
	segments := strings.Split(w.Document, "/")
	field, expires := s.ttl[segments[max(len(segments)-2, 0)]]
	switch {
	case !expires:
	case w.Deleted:
		delete(s.expiring, w.Document)
	case w.Fields[field]:
		s.expiring[w.Document] = true
	}
}

// matches reports whether a trigger is for this document. A segment of the pattern in braces stands for any.
func matches(pattern, document string) bool {
	p, d := strings.Split(pattern, "/"), strings.Split(document, "/")
	return slices.EqualFunc(p, d, func(pattern, segment string) bool { return strings.HasPrefix(pattern, "{") || pattern == segment })
}

// expiryFields reads from the file that is deployed which field makes documents expire, by collection.
func expiryFields(root string) (map[string]string, error) {
	raw, err := os.ReadFile(filepath.Join(root, "infra", "firestore.indexes.json"))
	if err != nil {
		return nil, err
	}
	var file struct {
		FieldOverrides []struct {
			CollectionGroup, FieldPath string
			TTL                        bool
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("firestore.indexes.json: %w", err)
	}
	fields := map[string]string{}
	for _, o := range file.FieldOverrides {
		if o.TTL {
			fields[o.CollectionGroup] = o.FieldPath
		}
	}
	return fields, nil
}

// post sends an event to publish, as a producer does.
func (s *system) post(ctx context.Context, e event.Event) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.stack.Addresses.Publish+"/v1/events", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.stack.Addresses.ProducerToken)
	s.mu.Lock()
	s.posted++
	s.mu.Unlock()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("publish answered %d: %.300s", res.StatusCode, body)
	}
	return err
}

// runJobs has the scheduler's minute go by once.
func (s *system) runJobs(ctx context.Context) error {
	s.jobs++
	if err := s.stack.Call(ctx, "due"); err != nil {
		return err
	}
	return s.stack.Call(ctx, "mailer")
}

// patience bounds every wait.
const patience = 2 * time.Minute

// settle waits until nothing is on its way: every message that was published is acknowledged, and a trigger was called and taken for every write
// that has one. Firestore calls no trigger for a write that was refused: where fewer come than were expected, settle waits until none has come for quiet.
func (s *system) settle(ctx context.Context) error {
	const quiet = 3 * time.Second
	deadline, since, last := time.Now().Add(patience), time.Now(), stack.TriggerCalls{}
	for ; ; time.Sleep(2 * time.Millisecond) {
		open, t := s.unacknowledged(), s.stack.TriggerCalls()
		if t != last {
			last, since = t, time.Now()
		}
		s.mu.Lock()
		missing := s.called + s.triggered - t.Called
		s.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case open == 0 && t.Called == t.Taken && (missing <= 0 || time.Since(since) > quiet):
			if missing > 0 {
				s.say("%d writes were refused, or called no trigger", missing)
				s.mu.Lock()
				s.triggered -= missing
				s.mu.Unlock()
			}
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("after %s, %d messages are not acknowledged, and %d of %d triggers are taken", patience, open, t.Taken, t.Called+missing)
		}
	}
}

// unacknowledged is how many messages are published and not acknowledged yet.
func (s *system) unacknowledged() (open int64) {
	for _, t := range s.pubsub {
		open += t.Counts().Published
	}
	for _, p := range s.stack.Pushes {
		stats := p.Stats()
		open -= int64(stats.Delivered + stats.Dead)
	}
	return open
}
