package fact_test

import (
	"errors"
	"strings"
	"testing"

	"tidings.dev/shared/fact"
)

func TestABeaconIsReadAsItWasSigned(t *testing.T) {
	t.Parallel()
	want := fact.Beacon{Person: key.Person("bob"), Item: "7f3k2m9q1v-5931842", Revision: 3}
	token := key.Sign(want)
	got, err := key.Open(token)
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if strings.Contains(token, "bob") {
		t.Errorf("the token names its person: %s", token)
	}
	if strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		t.Errorf("%q has other letters than an address may have", token)
	}
}

// Whoever has a token can say of that push what its worker says, and of no other one.
func TestNobodyMakesABeacon(t *testing.T) {
	t.Parallel()
	token := key.Sign(fact.Beacon{Person: key.Person("bob"), Item: "i-1", Revision: 3})
	other := fact.Key("another key, of another project.").Sign(fact.Beacon{Person: key.Person("bob"), Item: "i-1", Revision: 3})
	for _, bad := range []string{
		"", ".", "..", "...", other, token + "1", token[1:], strings.Replace(token, ".3.", ".4.", 1), strings.Replace(token, "i-1", "i-2", 1),
		strings.ToUpper(token), token + strings.Repeat("i", 300), key.Person("bob") + "." + key.Person("bob") + ".3.i-1",
	} {
		if b, err := key.Open(bad); !errors.Is(err, fact.ErrBeacon) {
			t.Errorf("%.80q is read as %+v, %v", bad, b, err)
		}
	}
	if _, err := fact.Key(nil).Open(fact.Key(nil).Sign(fact.Beacon{Person: "p", Item: "i"})); err == nil {
		t.Error("without a key everybody's token is good")
	}
}
