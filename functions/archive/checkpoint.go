package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/topics"
)

// Report is what became of the messages of a replay.
type Report struct {
	Given   int            `json:"given"`   // messages that the subscriber has seen to
	LeftOut map[string]int `json:"leftOut"` // messages that it was not given, by reason
}

// job is what is replayed. A checkpoint of something else is not gone on with.
type job struct {
	What string    `json:"what"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // zero, of a job that is looked for: whenever the one that has begun ends
}

// String describes the job.
func (j job) String() string {
	to := "now"
	if !j.To.IsZero() {
		to = j.To.Format(time.RFC3339)
	}
	return fmt.Sprintf("%s, %s to %s", j.What, j.From.Format(time.RFC3339), to)
}

// is reports whether both are the same job.
func (j job) is(found job) bool {
	return j.What == found.What && j.From.Equal(found.From) && (j.To.IsZero() || j.To.Equal(found.To))
}

// state is how far a replay has come: its checkpoint, once it is written.
type state struct {
	mu      sync.Mutex
	writeAt time.Time // when it is to be written next

	Job    job                    `json:"job"`
	After  *position              `json:"after,omitempty"` // the last message that is done, and with it all before
	Later  []topics.PushedMessage `json:"later,omitempty"` // what is to be looked at once more
	Groups map[string]string      `json:"groups"`          // of which something was left out, by groupId, and why
	Report Report                 `json:"report"`
	Done   bool                   `json:"done"`
}

// position is a message's place in the order of time.
type position struct {
	Published time.Time `json:"published"`
	Topic     string    `json:"topic"`
	ID        string    `json:"id"`
}

// covers reports whether the message is done.
func (s *state) covers(m archive.Message) bool {
	return s.After != nil && m.Compare(archive.Message{Published: s.After.Published, Topic: s.After.Topic, ID: s.After.ID}) <= 0
}

// checkpoint is where a state is kept: in a file, or, for who has no disk that lasts, in an object of Cloud Storage.
type checkpoint struct {
	name string // a path, or gs://BUCKET/NAME
	note archive.Note
}

// inCloud reports whether the name is of an object.
func inCloud(name string) bool { return strings.HasPrefix(name, "gs://") }

// checkpoint is the replay's.
func (r *Replay) checkpoint() (c checkpoint, err error) {
	c.name = r.Path
	if inCloud(c.name) {
		if c.note, err = r.Archive.Note(c.name); err != nil {
			err = fmt.Errorf("-checkpoint: %w", err)
		}
	}
	return c, err
}

// read reads a state of the job; where there is none, the replay begins.
func (c checkpoint) read(ctx context.Context, want job) (*state, error) {
	content, err := c.content(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{Job: want, Groups: map[string]string{}, Report: Report{LeftOut: map[string]int{}}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	found := &state{}
	if err := json.Unmarshal(content, found); err != nil {
		return nil, fmt.Errorf("the checkpoint %s cannot be read: %w", c.name, err)
	}
	if !want.is(found.Job) {
		return nil, fmt.Errorf("the checkpoint %s is of another replay (%s); this one is: %s. Name another file with -checkpoint, or delete it", c.name, found.Job, want)
	}
	return found, nil
}

func (c checkpoint) content(ctx context.Context) ([]byte, error) {
	if inCloud(c.name) {
		return c.note.Read(ctx)
	}
	return os.ReadFile(c.name)
}

// noteEvery is how often a state is written at most: Cloud Storage takes one write a second of each object.
const noteEvery = 2 * time.Second

// write writes the state, whole or not at all. The next time is later the longer that took: a state grows with what is replayed, and a batch may
// be of a few messages.
func (c checkpoint) write(ctx context.Context, s *state) error {
	began := time.Now()
	content, err := json.Marshal(s)
	switch {
	case err != nil:
	case inCloud(c.name):
		err = c.note.Write(ctx, content)
	default:
		if err = os.WriteFile(c.name+".new", content, 0o600); err == nil {
			err = os.Rename(c.name+".new", c.name)
		}
	}
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	s.writeAt = time.Now().Add(max(noteEvery, 20*time.Since(began)))
	return nil
}

// remove removes the checkpoint.
func (c checkpoint) remove(ctx context.Context) error {
	if inCloud(c.name) {
		return c.note.Remove(ctx)
	}
	if err := os.Remove(c.name); !errors.Is(err, fs.ErrNotExist) { // nothing was replayed
		return err
	}
	return nil
}

// given counts a message that the subscriber has seen to.
func (s *state) given() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Report.Given++
}

// leave counts a message that is left out, and remembers its group: "" has none.
func (s *state) leave(why, group string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Report.LeftOut[why]++
	if group != "" {
		s.Groups[group] = cmp.Or(s.Groups[group], why)
	}
}
