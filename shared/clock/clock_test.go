package clock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// offset is how far the clock is from the system's, to the second.
func offset(c Clock) time.Duration { return time.Until(c()).Round(time.Second) }

func TestAClockFileMovesTheClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, content string
		want          time.Duration
	}{
		{"six minutes", "360000000000", 6 * time.Minute},
		{"with a line break", " 360000000000\n", 6 * time.Minute},
		{"back", "-360000000000", -6 * time.Minute},
		{"nothing", "", 0},
		{"nonsense", "6m", 0},
		{"beyond all bounds", "99999999999999999999", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "offset")
			write(t, file, test.content)
			if got := offset(FromFile(file)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestTheFileIsReadAtEveryLook(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "offset")
	c := FromFile(file)
	if got := offset(c); got != 0 {
		t.Errorf("no file yet: got %s, want 0", got)
	}
	write(t, file, "3600000000000")
	if got := offset(c); got != time.Hour {
		t.Errorf("moved: got %s, want 1h", got)
	}
	write(t, file, "7200000000000")
	if got := offset(c); got != 2*time.Hour {
		t.Errorf("moved again: got %s, want 2h", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := offset(c); got != 0 {
		t.Errorf("removed: got %s, want 0", got)
	}
}

func TestWithoutAFileItIsTheSystemsClock(t *testing.T) {
	t.Parallel()
	if got := offset(FromFile("")); got != 0 {
		t.Errorf("got %s", got)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
