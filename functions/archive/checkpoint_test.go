package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings.dev/shared/archive"
)

// A checkpoint has all that was left out until then, so it is written now and then, and not behind each of a hundred thousand batches of a few
// messages.
func TestTheCheckpointIsNotWrittenBehindEachBatch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "checkpoint.json")
	u := &run{
		Replay: &Replay{Now: time.Now}, kept: checkpoint{name: path}, queue: &queue{},
		state: &state{Groups: map[string]string{}, Report: Report{LeftOut: map[string]int{}}},
	}
	const batches = 200
	written := 0
	for i := range batches {
		unreadable := archive.Message{Topic: "events", ID: fmt.Sprint(i), Published: time.UnixMicro(int64(i)), Data: []byte("no event")}
		if err := u.batch(t.Context(), []archive.Message{unreadable}); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err == nil {
			written++
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if u.state.Report.LeftOut[unreadable] != batches || u.state.After.ID != fmt.Sprint(batches-1) {
		t.Errorf("got %+v after %+v, want %d left out", u.state.Report, u.state.After, batches)
	}
	if written == 0 || written > batches/10 {
		t.Errorf("the checkpoint was written %d times for %d batches", written, batches)
	}
}
