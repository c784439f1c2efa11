package alertmanager_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/alertmanager/alertmanagertest"
)

// After each message of a thousand incidents, every inbox says what burns, and nothing that burns is shown as resolved.
func TestEveryInboxSaysWhatBurns(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		d := newDesk(alertmanagertest.Members...)
		for i, step := range alertmanagertest.Generate(seed) {
			d.post(t, step.Body)
			if diff := cmp.Diff(step.Want, d.incidents()); diff != "" {
				t.Fatalf("seed %d, step %d: %s\n%s\n-want +got:\n%s", seed, i, step.What, step.Body, diff)
			}
		}
	}
}

// A delivery whose answer gets lost comes again: it may say the same twice, and nothing else.
func TestTheSameMessageTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		once, twice := newDesk(alertmanagertest.Members...), newDesk(alertmanagertest.Members...)
		for _, step := range alertmanagertest.Generate(seed) {
			once.post(t, step.Body)
			twice.post(t, step.Body)
			twice.post(t, step.Body)
		}
		if diff := cmp.Diff(once.incidents(), twice.incidents()); diff != "" {
			t.Fatal(fmt.Sprint("seed ", seed), diff)
		}
	}
}
