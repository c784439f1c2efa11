package event

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestLegible(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain", "Alice", "Alice"},
		{"blanks around", " Alice ", " Alice "},
		{"any script", "Zoë 李 عمر שלום ไทย", "Zoë 李 عمر שלום ไทย"},
		{"a family, joined by zero-width joiners", "👩‍👩‍👧", "👩‍👩‍👧"},
		{"joiners that a script needs", "می\u200cخواهم", "می\u200cخواهم"},
		{"line and paragraph separators", "a\u2028b\u2029c", "a\u2028b\u2029c"},
		{"marks of direction", "\u200eAlice\u200f", "\u200eAlice\u200f"},
		{"control characters are for Validate", "a\x00\u0085", "a\x00\u0085"},
		{"what is not UTF-8 is for Validate", "a\xff\u202e", "a\xff\u202e"},

		{"an override that is not closed", "Eve\u202e", "Eve"},
		{"an override inside", "invoice\u202efdp.exe", "invoicefdp.exe"},
		{"an override that is closed", "a\u202etxt\u202cb", "atxtb"},
		{"each that opens", "a\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068b", "a\u202b\u202cb"},
		{"each that closes nothing", "a\u202c\u2069b", "ab"},
		{"an isolate that is closed", "\u2068שלום\u2069!", "\u2068שלום\u2069!"},
		{"an embedding that is closed", "\u202bשלום\u202c!", "\u202bשלום\u202c!"},
		{"an embedding that its isolate closes", "\u2067a\u202bb\u2069c\u202c", "\u2067ab\u2069c"},
		{"closed in another paragraph", "\u2067a\nb\u2069", "a\nb"},
		{"closed behind a paragraph separator", "\u202aa\u2029b\u202c", "a\u2029b"},

		{"nothing", "", ""},
		{"blanks", "   ", ""},
		{"a no-break space", "\u00a0\u3000\t", ""},
		{"zero-width", "\u200b\u200c\u200d\ufeff\u2060", ""},
		{"a soft hyphen", "\u00ad", ""},
		{"fillers", "\u3164\u115f\u1160\uffa0\u2800", ""},
		{"directions around nothing", "\u2068 \u2069\u202e", ""},
		{"variation selectors and tags", "\ufe0f\U000e0041\u034f\u180e", ""},
		{"separators", "\u2028\u2029", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := Legible(test.text)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if again := Legible(got); again != got {
				t.Errorf("twice: %q, then %q", got, again)
			}
		})
	}
}

func FuzzLegible(f *testing.F) {
	f.Add("\u2066a\u202eb\u2069\u202c\nc\u2067")
	f.Fuzz(func(t *testing.T, s string) {
		got := Legible(s)
		if Legible(got) != got || utf8.ValidString(got) != (utf8.ValidString(s) || got == "") || len(got) > len(s) {
			t.Errorf("%q: got %q", s, got)
		}
	})
}

func TestEveryTextThatPeopleReadIsCleaned(t *testing.T) {
	t.Parallel()
	const bad, blank = "x\u202e", "\u200b "
	e := Event{
		Actor: Actor{ID: bad, Name: bad}, Target: Target{Type: "t", ID: bad, Title: bad}, Title: bad, Body: bad,
		Actions: []Action{{ID: bad, Label: bad}, {Label: blank}}, Data: map[string]any{"text": bad},
	}
	e.Clean()
	want := Event{
		Actor: Actor{ID: bad, Name: "x"}, Target: Target{Type: "t", ID: bad, Title: "x"}, Title: "x", Body: "x",
		Actions: []Action{{ID: bad, Label: "x"}, {}}, Data: map[string]any{"text": bad},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
