package mail

import (
	"strings"
	"testing"
)

// FuzzOpen: a token that we have not made opens nothing, and one that opens is, letter for letter, the one that we make for what is in it.
func FuzzOpen(f *testing.F) {
	keys := Keys{[]byte("0123456789abcdef0123456789abcdef"), []byte(strings.Repeat("old", 11))}
	f.Add(keys.Token(Subscription{UID: "bob", List: "social"}))
	f.Add(keys[1:].Token(Subscription{UID: "bob"}))
	f.Add(keys.Token(Subscription{UID: "b\nob", List: "é"}))
	f.Add(keys.Token(Subscription{UID: "bob", List: "social", By: By{Type: "post.liked", Item: "i", Revision: 7}}))
	f.Add("c29jaWFs.")
	f.Add(".")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		s, err := keys.Open(token)
		if err != nil {
			if s != (Subscription{}) {
				t.Errorf("refused, and yet %+v", s)
			}
			return
		}
		if token != keys.Token(s) && token != keys[1:].Token(s) {
			t.Errorf("%q opens %+v, for which we make another token", token, s)
		}
		if _, err := (Keys{[]byte(strings.Repeat("another", 5))}).Open(token); err == nil {
			t.Error("another key opens it")
		}
	})
}
