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

// withRules has the rules' time follow the stack's clock when that is moved: a page takes its lease, and snoozes, by the clock that
// the functions go by, which the emulator knows nothing of. Whoever moved the clock has the answer when the rules have moved, too.
func (s *Stack) withRules(clock http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clock.ServeHTTP(w, r) // a short answer, which is sent when we are done
		if r.Method == http.MethodPost {
			if err := s.moveRules(r.Context()); err != nil {
				s.progress.say(fmt.Sprintf("the rules keep their time: %v", err))
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
	return strings.ReplaceAll(text, "request.time", fmt.Sprintf("(request.time + duration.value(%d, 's'))", int64(offset/time.Second)))
}
