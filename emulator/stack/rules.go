//go:build unix

package stack

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.dev/emulator/google"
)

// withRules moves the time of the security rules together with the stack's clock. A page takes its lease, and snoozes, by the same
// clock as the functions, and the Firestore emulator knows only the system's. The answer to POST /advance comes when the
// rules have moved, too.
func (s *Stack) withRules(clock http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clock.ServeHTTP(w, r) // a short answer, which is sent when we are done
		if r.Method == http.MethodPost {
			if err := s.moveRules(r.Context()); err != nil {
				s.progress.say(fmt.Sprintf("the security rules could not be moved to the new time: %v", err))
			}
		}
	})
}

func (s *Stack) moveRules(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(s.root, "infra", "firestore.rules"))
	if err != nil {
		return err
	}
	return google.PutRules(ctx, s.Addresses.Firestore, Project, rulesAt(string(text), s.Clock.Offset()))
}

// rulesAt are the rules for a clock that is ahead of the system's.
func rulesAt(text string, offset time.Duration) string {
	// What must equal the server's time is compared with a stamp that the emulator made by the system's clock: that stays.
	const stamped, kept = "== request.time", "== request\x00time"
	text = strings.ReplaceAll(text, stamped, kept)
	text = strings.ReplaceAll(text, "request.time", fmt.Sprintf("(request.time + duration.value(%d, 's'))", int64(offset/time.Second)))
	return strings.ReplaceAll(text, kept, stamped)
}
