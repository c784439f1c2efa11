package profile

import (
	"testing"
	"time"
)

func TestAnAddressThatBouncesRestsLongerEachTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	var b Bounce
	if b.Rests("bob", "", now) || b.Rests("bob", "bob@example.org", now) {
		t.Error("an address of which nothing is known rests")
	}
	for _, days := range []int{1, 2, 4, 8, 16, 32, 32, 32} {
		b = b.Another("bob", "bob@example.org", now)
		end := now.AddDate(0, 0, days)
		if !b.Rests("bob", "bob@example.org", end.Add(-time.Second)) || b.Rests("bob", "bob@example.org", end) {
			t.Errorf("it does not rest for %d days", days)
		}
		if b.Rests("bob", "robert@example.org", now) || b.Rests("carol", "bob@example.org", now) {
			t.Error("another address rests")
		}
		now = end
	}
	if b = b.Another("bob", "robert@example.org", now); b.Times != 1 {
		t.Errorf("another address has bounced %d times, want once", b.Times)
	}
}
