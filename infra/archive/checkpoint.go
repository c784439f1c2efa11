package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// state is how far a replay has come: its checkpoint, once it is written.
type state struct {
	mu sync.Mutex

	Job    string                 `json:"job"`
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

// readState reads a checkpoint; where there is no file, the replay begins.
func readState(path, job string) (*state, error) {
	s := &state{Job: job, Groups: map[string]string{}, Report: Report{LeftOut: map[string]int{}}}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the checkpoint: %w", err)
	}
	found := &state{}
	if err := json.Unmarshal(content, found); err != nil {
		return s, fmt.Errorf("the checkpoint %s cannot be read: %w", path, err)
	}
	if found.Job != job {
		return s, fmt.Errorf("the checkpoint %s is of another replay (%s); this one is: %s. Name another file with -checkpoint, or delete it", path, found.Job, job)
	}
	return found, nil
}

// write writes the checkpoint, whole or not at all.
func (s *state) write(path string) error {
	content, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(path+".new", content, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
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
