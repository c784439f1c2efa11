//go:build unix

package infra_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// coverage gathers what each test's database has seen of the rules. The emulator reports it by project.
var coverage = &seenValues{at: map[span]*outcomes{}}

// span is an expression of the rules: offsets of its first and last character, as the emulator reports them.
type span struct{ from, to int }

// outcomes says which ways an expression has gone.
type outcomes struct {
	yes, no bool
	other   bool // evaluated to something that is not a bool
	failed  bool // ended in an error, which refuses
}

type seenValues struct {
	mu sync.Mutex
	at map[span]*outcomes
}

// expression is one node of the emulator's report.
type expression struct {
	SourcePosition struct{ Line, Column, CurrentOffset, EndOffset int }
	Values         []struct {
		Value map[string]json.RawMessage
	}
	Children []expression
}

// read adds what the database has seen.
func (s *seenValues) read(t *testing.T, d *database) {
	t.Helper()
	status, answer := d.call(t, "GET", "/emulator/v1/projects/"+d.project+":ruleCoverage", admin, nil)
	var report struct{ Report []expression }
	if err := json.Unmarshal(answer, &report); err != nil || len(report.Report) == 0 {
		t.Errorf("rule coverage: status %d, %v: %.200s", status, err, answer)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range report.Report {
		s.add(e)
	}
}

func (s *seenValues) add(e expression) {
	where := span{e.SourcePosition.CurrentOffset, e.SourcePosition.EndOffset}
	o := s.at[where]
	if o == nil {
		o = &outcomes{}
		s.at[where] = o
	}
	for _, v := range e.Values {
		switch raw, isBool := v.Value["boolValue"]; {
		case len(v.Value) == 0: // passed over, because what stands before it has decided
		case isBool:
			o.yes = o.yes || string(raw) == "true"
			o.no = o.no || string(raw) == "false"
		case v.Value["undefined"] != nil:
			o.failed = true
		default:
			o.other = true
		}
	}
	for _, child := range e.Children {
		s.add(child)
	}
}

// gaps lists the conditions that have not been seen both ways, by line. Where no test has asked the emulator anything,
// there are none.
func (s *seenValues) gaps() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.at) == 0 {
		return nil
	}
	source, err := os.ReadFile("firestore.rules")
	if err != nil {
		return []string{err.Error()}
	}
	var gaps []string
	for where, o := range s.at {
		text := string(source[where.from : where.to+1])
		missing := ""
		switch {
		case text == "true" || text == "false":
		case !o.yes && !o.no && !o.other && !o.failed:
			missing = "evaluated"
		case o.other:
		case !o.yes:
			missing = "true"
		case !o.no:
			missing = "false"
		}
		if missing != "" {
			line := 1 + strings.Count(string(source[:where.from]), "\n")
			gaps = append(gaps, fmt.Sprintf("line %d, never %s: %.100q", line, missing, text))
		}
	}
	return gaps
}
