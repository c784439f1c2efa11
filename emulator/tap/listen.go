package tap

import (
	"maps"
	"strings"
	"sync"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/proto"
)

// resumeTime is how long a listener may be away without paying for everything anew (cloud.google.com/firestore/pricing, "Listening to query results").
const resumeTime = 30 * time.Minute

// listeners are what one Listen call listens to, counted as Firestore bills it: a document that is new to the listener or has changed is a read, and
// so is one that has left its result by a change; one that was deleted is none. The first answer is a read even if there is nothing. What the
// emulator sends again unchanged, which is the whole page at every commit, is none. It does not say why a document is not in it any more: that counts
// as a change. Who comes back within half an hour, with the token of an answer, pays for what has changed meanwhile.
type listeners struct {
	resumable *resumable

	mu   sync.Mutex
	open map[int32]*query // by the target's id
}

// query is one result, as its listener knows it. The call's mutex guards it.
type query struct {
	versions map[string]int64 // of the documents in the result, by name
	missed   map[string]int64 // of those that have not come again since the emulator began to send the whole page; nil: it does not
	billed   bool             // anything was
	token    string           // of the last answer
	heard    time.Time        // when the listener was last there
}

// resumable are the queries of all calls, by the tokens with which a client resumes them. The zero value is ready.
type resumable struct {
	mu      sync.Mutex
	queries map[string]query
}

func newListeners(r *resumable) *listeners {
	return &listeners{resumable: r, open: map[int32]*query{}}
}

// put makes the query one that can be resumed by its token, in place of an older one.
func (r *resumable) put(q *query, token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.queries == nil {
		r.queries = map[string]query{}
	}
	delete(r.queries, q.token)
	q.token = token
	kept := *q
	kept.versions, kept.missed, kept.heard = maps.Clone(q.versions), nil, time.Now()
	r.queries[token] = kept
}

// left notes when the listener of a query was last there.
func (r *resumable) left(q *query) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, ok := r.queries[q.token]; ok {
		kept.heard = time.Now()
		r.queries[q.token] = kept
	}
}

// take returns the query that is resumed by the token; a new one where there is none, or where its listener was away for too long.
func (r *resumable) take(token string) *query {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept, ok := r.queries[token]
	if !ok || time.Since(kept.heard) > resumeTime {
		return &query{versions: map[string]int64{}}
	}
	kept.versions = maps.Clone(kept.versions)
	return &kept
}

// request takes note of what the client begins or ends to listen to.
func (l *listeners) request(m frame) {
	var r pb.ListenRequest
	if proto.Unmarshal(m, &r) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch change := r.TargetChange.(type) {
	case *pb.ListenRequest_AddTarget:
		l.open[change.AddTarget.TargetId] = l.resumable.take(string(change.AddTarget.GetResumeToken()))
	case *pb.ListenRequest_RemoveTarget:
		if q := l.open[change.RemoveTarget]; q != nil {
			l.resumable.left(q)
			delete(l.open, change.RemoveTarget)
		}
	}
}

// close ends all of them.
func (l *listeners) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.open {
		l.resumable.left(q)
	}
}

// answer returns how many reads an answer is billed as.
func (l *listeners) answer(m frame) (reads int64) {
	var r pb.ListenResponse
	if proto.Unmarshal(m, &r) != nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch a := r.ResponseType.(type) {
	case *pb.ListenResponse_DocumentChange:
		change := a.DocumentChange
		version := change.Document.GetUpdateTime().AsTime().UnixNano()
		reads = l.each(change.TargetIds, func(q *query) bool { return q.changed(change.Document.GetName(), version) })
		reads += l.each(change.RemovedTargetIds, func(q *query) bool { return q.removed(change.Document.GetName()) })
	case *pb.ListenResponse_DocumentRemove:
		reads = l.each(a.DocumentRemove.RemovedTargetIds, func(q *query) bool { return q.removed(a.DocumentRemove.Document) })
	case *pb.ListenResponse_DocumentDelete:
		l.each(a.DocumentDelete.RemovedTargetIds, func(q *query) bool { q.removed(a.DocumentDelete.Document); return false })
	case *pb.ListenResponse_TargetChange:
		reads = l.targets(a.TargetChange)
	}
	return reads
}

// each asks about the queries of those targets, and returns how many answered with true: each is a read.
func (l *listeners) each(targets []int32, billed func(*query) bool) (reads int64) {
	for _, id := range targets {
		if q := l.open[id]; q != nil && billed(q) {
			q.billed = true
			reads++
		}
	}
	return reads
}

func (q *query) changed(document string, version int64) bool {
	known, ok := q.versions[document]
	q.versions[document] = version
	delete(q.missed, document)
	return !ok || known != version
}

func (q *query) removed(document string) bool {
	_, known := q.versions[document]
	delete(q.versions, document)
	return known
}

// targets takes note of how far the answers are. A target that has answered for the first time, with nothing, is a read.
func (l *listeners) targets(change *pb.TargetChange) (reads int64) {
	ids := change.TargetIds
	if len(ids) == 0 { // all
		for id := range l.open {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		q := l.open[id]
		if q == nil {
			continue
		}
		switch change.TargetChangeType {
		case pb.TargetChange_RESET:
			q.missed = maps.Clone(q.versions)
		case pb.TargetChange_CURRENT:
			reads += q.complete()
		}
		if token := string(change.ResumeToken); token != "" {
			l.resumable.put(q, token)
		}
	}
	return reads
}

// complete takes note that the result is whole, and returns what it is billed besides its documents.
func (q *query) complete() (reads int64) {
	for document := range q.missed {
		if q.removed(document) {
			reads++
		}
	}
	q.missed = nil
	if !q.billed {
		reads++
	}
	q.billed = true
	return reads
}

// pathOf is a document's name without the database's.
func pathOf(name string) string {
	_, path, _ := strings.Cut(name, "/documents/")
	return path
}
