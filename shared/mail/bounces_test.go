package mail

import "testing"

// A refusal is a bounce if it is about the recipient. One that is about the sender, or the letter, is not.
func TestWhatBounces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status string
		naming bool // it was the answer to RCPT TO
		want   bool
	}{
		{"5.1.1", true, true}, {"5.1.1", false, true}, {"5.1.10", true, true}, {"5.2.1", true, true}, {"5.2.2", false, true},
		{"", true, true}, {"5.0.0", true, true}, {"", false, false}, {"5.0.0", false, false},
		{"5.7.1", true, false}, {"5.7.26", false, false}, {"5.1.7", true, false}, {"5.1.8", true, false}, {"5.3.4", false, false}, {"5.6.0", false, false},
	} {
		if got := bounces(tt.status, tt.naming); got != tt.want {
			t.Errorf("%q, naming the recipient %t: got %t, want %t", tt.status, tt.naming, got, tt.want)
		}
	}
}
