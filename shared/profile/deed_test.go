package profile_test

import (
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/profile"
)

func TestADeedIsReadOrIsNone(t *testing.T) {
	t.Parallel()
	got, ok := profile.ParseDeed("opened 1764240000123 3 7f3k2m9q1v-5931842")
	if want := (profile.Deed{Stage: "opened", At: time.UnixMilli(1764240000123), Revision: 3, Item: "7f3k2m9q1v-5931842"}); !ok || got != want {
		t.Errorf("got %+v, %v; want %+v", got, ok, want)
	}
	for _, text := range []string{
		"", " ", "seen", "seen 1764240000123 3", "seen 1764240000123 3 i more", "lost 1764240000123 3 i", "Seen 1764240000123 3 i", "seen -1 3 i",
		"seen 1764240000123 -3 i", "seen +1 3 i", "seen 1764240000123 3 ", "seen  1764240000123 3 i", "seen 99999999999999 3 i", "seen 1764240000123 9999999999 i",
		"seen 1764240000123 3 " + strings.Repeat("i", 129),
	} {
		if d, ok := profile.ParseDeed(text); ok {
			t.Errorf("%q is read as %+v", text, d)
		}
	}
}
