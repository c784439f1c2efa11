//go:build unix

package main

import (
	"bytes"
	"strings"
	"testing"

	"tidings.dev/emulator/firestoretest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

func TestCommand(t *testing.T) {
	t.Parallel()
	project := firestoretest.Project(t)
	for _, test := range []struct{ name, args, in, out, err string }{
		{"an export", "-project " + project, `{"format":"tidings.export/1","uid":"bob","exportedAt":"2026-11-21T09:30:00Z","documents":[{"name":"users/bob","fields":{"locale":{"stringValue":"de"}}}],"next":""}`, "1 documents written\n", ""},
		{"no project", "", "", "", "-project"},
		{"something else", "-project " + project, `{"hello": "world"}`, "", "not an export"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			err := realMain(t.Context(), strings.Fields(test.args), strings.NewReader(test.in), &out)
			if out.String() != test.out || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %q, %v; want %q, %q", out.String(), err, test.out, test.err)
			}
		})
	}
}
