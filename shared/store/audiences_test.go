package store_test

import (
	"strings"
	"testing"
)

// What cannot be an audience is an error, whoever published it: the client library takes no such name and would panic.
func TestMembersOfWhatIsNoAudience(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, audience := range []string{"", "a/b", "a/b/c", "..", "__x__", "\xff", "\x00", strings.Repeat("a", 2000)} {
		if uids, err := s.Members(t.Context(), audience, "", 10); err == nil || len(uids) > 0 {
			t.Errorf("%.20q: got %q and %v, want an error", audience, uids, err)
		}
	}
	if uids, err := s.Members(t.Context(), "nobody", "", 10); err != nil || len(uids) > 0 {
		t.Errorf("an audience without members: got %q and %v, want nothing", uids, err)
	}
}
