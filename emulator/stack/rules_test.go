//go:build unix

package stack

import (
	"testing"
	"time"
)

func TestRulesFollowTheClock(t *testing.T) {
	t.Parallel()
	if got, want := rulesAt("seen == request.time", time.Hour), "seen == request.time"; got != want {
		t.Errorf("a server's stamp: got %q, want %q", got, want)
	}
	got := rulesAt("allow get: if at <= request.time + duration.value(2, 'm');", 6*time.Minute)
	if want := "allow get: if at <= (request.time + duration.value(360, 's')) + duration.value(2, 'm');"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
