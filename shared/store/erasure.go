package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/inbox"
)

// Erasing a person goes through all places where they can stand, page by page. What a page erases, and how far the erasure has come with the counts so
// far (erasures/{hash of the uid}), is one commit: all of it or none. So whoever goes on after a crash goes on where the last page ended, and the counts are
// right. Two who work on the same erasure do not count twice: the second one's commit fails, and it leaves the work to the other.
//
// A place is gone through once, in the order of names: so a round ends however much comes in meanwhile. (Asking until nothing is left does not end while more
// comes in than is erased.) After the last place the erasure waits, and then goes through all places a second time: for what came in where it had been already, and for
// what was in Pub/Sub, or in the hands of another function. Then the uid goes from the erasure, too. What is posted about the person after that is new.

// Places lists every collection of the database, by the last name in its path, with what an erasure does there. A test holds it to the rules, the
// indexes and the key layout above, and another one searches a database with all of them in it.
var Places = map[string]string{
	"users":         "the person's profile goes, with all that is below it",
	"notifications": "the person's go; others' lose the id, the name and the picture, and stay",
	"parts":         "the person's go; others' lose the name, and stay",
	"devices":       "the person's go",
	"withdrawals":   "the person's go",
	"announcements": "the person's marks go; what everybody is told has no field that names anybody",
	"targets":       "the person's go",
	"audiences":     "has no documents of its own",
	"members":       "the person's go",
	"lists":         "the person is taken out",
	"presence":      "the person's go",
	"identities":    "has no documents of its own",
	"logins":        "those that lead to the person go",
	"accepted":      "names nobody: hashes and a time",
	"sendings":      "what the person does goes; what they were to be told of goes to the others",
	"retractions":   "what the person took back goes",
	"outgoing":      "what products are told of the person goes",
	"endpoints":     "names nobody: a reason and a time",
	"walks":         "names nobody: a number and a time",
	"limits":        "names nobody: a hash, a number and a time",
	"due":           "a place at one of the person's items becomes the beginning",
	"deadLetters":   "those that name the person go; where they were one of several recipients, the others stay",
	"erasures":      "the uid goes at the end; the receipt stays for 90 days under a hash of it",
}

// How an erasure takes its time.
const (
	eraseAgain   = 10 * time.Minute    // from the first round to the second: longer than a message's deadline, and as long as the longest pause between tries is before its random part
	eraseStalled = time.Minute         // after which the due function takes an erasure for left alone
	keepReceipt  = 90 * 24 * time.Hour // of an erasure
)

// Erasure is the receipt of an erasure, as far as it has come.
type Erasure struct {
	StartedAt  time.Time      `json:"startedAt"`
	AgainAt    time.Time      `json:"againAt,omitzero"`    // all places were gone through; then it does so once more
	FinishedAt time.Time      `json:"finishedAt,omitzero"` // zero: it is under way
	Erased     map[string]int `json:"erased"`              // documents that are gone, or that name the person no more, by kind
}

// erasing is an erasure with how far it has come.
type erasing struct {
	Erasure
	uid    string
	second bool // the second round
	step   int
	cursor string    // where the step's next page begins
	read   time.Time // the document's update time; zero: there is none
}

// Eraser erases people. All fields are required.
type Eraser struct {
	Store *Store
	Words func(locale string) inbox.Say // what items say, in a language
	Now   func() time.Time
}

// ErrElsewhere says that somebody else works on the same erasure.
var ErrElsewhere = errors.New("store: somebody else works on this erasure")

// Erase begins to erase a person, or goes on with it, until it is finished, waits for its second round, or the (real) time is over. It returns the receipt
// so far. An erasure that has finished begins anew: there may be something new of the person.
//
// It costs one read and one write for each item of others (two reads more for a large one), one read for the profile of each item's owner, one read and one
// delete for each document of the person's, one read and one write for each list that they are in, three reads for each audience, one read for each dead letter, and one write for each page of up to 300 of all these, twice.
func (e Eraser) Erase(ctx context.Context, uid string, until time.Time) (Erasure, error) {
	was, err := e.Store.erasure(ctx, uid)
	switch {
	case err == nil && was.FinishedAt.IsZero():
	case err == nil || errors.Is(err, ErrNotFound): // none, or one that has finished
		was = erasing{Erasure: Erasure{StartedAt: e.Now(), Erased: map[string]int{}}, uid: uid, read: was.read}
		err = e.keep(ctx, &was)
	}
	if err == nil {
		err = e.goOn(ctx, &was, until)
	}
	if errors.Is(err, ErrElsewhere) {
		was, err = e.Store.erasure(ctx, uid)
	}
	if err != nil {
		return was.Erasure, fmt.Errorf("store: erase %q: %w", uid, err)
	}
	return was.Erasure, nil
}

// GoOn goes on with an erasure of a person that was begun, until the (real) time is over. Where there is none, or it has finished, it does nothing.
func (e Eraser) GoOn(ctx context.Context, uid string, until time.Time) error {
	was, err := e.Store.erasure(ctx, uid)
	if err == nil && was.FinishedAt.IsZero() {
		err = e.goOn(ctx, &was, until)
	}
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrElsewhere) {
		return fmt.Errorf("store: erase %q: %w", uid, err)
	}
	return nil
}

// Erasure reads the receipt of the last erasure of a person, or returns [ErrNotFound].
func (s *Store) Erasure(ctx context.Context, uid string) (Erasure, error) {
	found, err := s.erasure(ctx, uid)
	if err != nil {
		return Erasure{}, fmt.Errorf("store: erasure of %q: %w", uid, err)
	}
	return found.Erasure, nil
}

// Erasures lists the people whose erasures nobody works on: those that wait for their second round no longer, and those that were left alone. At most
// limit; an answer without any is billed as one read.
func (s *Store) Erasures(ctx context.Context, now time.Time, limit int) (uids []string, err error) {
	docs, err := s.query(ctx, "", &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "erasures"}},
		Where:   where(DueAt, pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now)),
		OrderBy: ascending(DueAt),
		Limit:   wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: erasures: %w", err)
	}
	for _, doc := range docs {
		uids = append(uids, inside(doc.Fields["content"])["uid"].GetStringValue())
	}
	return uids, nil
}

// goOn does page after page.
func (e Eraser) goOn(ctx context.Context, was *erasing, until time.Time) error {
	if was.AgainAt.After(e.Now()) {
		return nil
	}
	if !was.AgainAt.IsZero() {
		was.AgainAt, was.second = time.Time{}, true
	}
	kept, most := true, erasureSteps[was.step].most
	for time.Now().Before(until) {
		p, err := erasureSteps[was.step].page(ctx, e, was.uid, was.cursor, most)
		next := e.after(*was, p)
		kept = len(p.writes) > 0 || next.waits() // a page on which nothing was found is read again after a crash
		if err == nil && kept {
			err = e.keep(ctx, &next, p.writes...)
		}
		if errors.Is(err, ErrConflict) { // something on the page has changed since it was read: fewer at a time are less likely to
			most = max(1, most/2)
			continue
		}
		if err != nil {
			return err
		}
		if *was = next; next.waits() {
			return nil
		}
		most = min(2*most, erasureSteps[was.step].most)
	}
	if kept {
		return nil
	}
	return e.keep(ctx, was)
}

// waits reports whether there is nothing to do now.
func (w *erasing) waits() bool { return !w.FinishedAt.IsZero() || !w.AgainAt.IsZero() }

// after is the erasure behind a page.
func (e Eraser) after(was erasing, p erasedPage) erasing {
	next := was
	next.Erased = maps.Clone(was.Erased)
	for kind, n := range p.erased {
		next.Erased[kind] += n
	}
	if next.cursor = p.cursor; p.cursor != "" {
		return next
	}
	if next.step++; next.step < len(erasureSteps) {
		return next
	}
	if next.step = 0; next.second {
		next.FinishedAt = e.Now()
	} else {
		next.AgainAt = e.Now().Add(eraseAgain)
	}
	return next
}

// keep stores how far the erasure has come, together with the writes: all or nothing. [ErrConflict] is about one of the writes; where somebody else has
// stored the erasure since it was read, it is [ErrElsewhere].
func (e Eraser) keep(ctx context.Context, w *erasing, writes ...*pb.Write) error {
	s := e.Store
	name := s.resource("erasures", hashed("person", w.uid))
	own := &pb.Write{Operation: &pb.Write_Update{Update: &pb.Document{Name: name, Fields: e.encode(w)}}, CurrentDocument: unchanged(w.read)}
	answer, err := s.raw.Commit(ctx, &pb.CommitRequest{Database: s.database, Writes: append(writes[:len(writes):len(writes)], own)})
	if err == nil {
		w.read = answer.WriteResults[len(writes)].UpdateTime.AsTime()
		return nil
	}
	if err = saved(err); !errors.Is(err, ErrConflict) {
		return err
	}
	stored, readErr := s.erasure(ctx, w.uid)
	switch {
	case readErr != nil && !errors.Is(readErr, ErrNotFound):
		return readErr
	case !stored.read.Equal(w.read):
		return ErrElsewhere
	}
	return err
}

func (e Eraser) encode(w *erasing) fields {
	erased := fields{}
	for kind, n := range w.Erased {
		erased[kind] = num(int64(n))
	}
	c := []field{
		{"startedAt", moment(w.StartedAt)}, {"againAt", moment(w.AgainAt)}, {"finishedAt", moment(w.FinishedAt)}, {"erased", mapOf(erased)},
		{"second", boolean(w.second)}, {"step", num(int64(w.step))}, {"cursor", text(w.cursor)},
	}
	if !w.FinishedAt.IsZero() {
		return fields{"content": object(c...), "expireAt": moment(w.FinishedAt.Add(keepReceipt))}
	}
	due := e.Now().Add(eraseStalled)
	if !w.AgainAt.IsZero() {
		due = w.AgainAt
	}
	return fields{"content": object(append(c, field{"uid", text(w.uid)})...), DueAt: moment(due)}
}

// erasure reads one, or returns [ErrNotFound].
func (s *Store) erasure(ctx context.Context, uid string) (erasing, error) {
	found := erasing{uid: uid}
	err := s.get(ctx, []string{s.resource("erasures", hashed("person", uid))}, func(doc *pb.Document) error {
		c := inside(doc.Fields["content"])
		found.Erasure = Erasure{StartedAt: instant(c["startedAt"]), AgainAt: instant(c["againAt"]), FinishedAt: instant(c["finishedAt"]), Erased: map[string]int{}}
		for kind, n := range inside(c["erased"]) {
			found.Erased[kind] = int(n.GetIntegerValue())
		}
		found.second, found.step, found.cursor = c["second"].GetBooleanValue(), int(c["step"].GetIntegerValue()), c["cursor"].GetStringValue()
		found.read = doc.UpdateTime.AsTime()
		return nil
	})
	if err == nil && found.read.IsZero() {
		err = ErrNotFound
	}
	return found, err
}
