//go:build unix

package archive

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/clock"
)

// clockAt is a clock that stands.
func clockAt(at time.Time) clock.Clock { return func() time.Time { return at } }

// The same command goes on after it was killed, also where -to was left out and time went on: it ends where it was to end at first. A checkpoint is a file, or an object
// where there is no disk that lasts; then the differences are an object too, and the output names nobody.
func TestTheSameCommandGoesOn(t *testing.T) {
	t.Parallel()
	for _, checkpoint := range []string{filepath.Join(t.TempDir(), "checkpoint.json"), "gs://work/checkpoint.json"} {
		t.Run(checkpoint[:3], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			const n = 900
			for _, e := range day(n, 50) {
				e.Audience, e.Recipients = "", append(e.Recipients, "p1")
				w.publish(e)
			}
			w.store()
			at := begin.Add(3 * time.Hour)
			o := options{from: begin.Add(-time.Hour), to: at, toNow: true, now: clockAt(at), checkpoint: checkpoint}
			r, err := newReplay(t.Context(), w.archive, o, io.Discard, w.live, w.shadow)
			must(t, err)
			if ended := w.killed(r, 1); ended != 1 {
				t.Fatal("it was not killed")
			}
			o.to, o.now = at.Add(time.Hour), clockAt(at.Add(time.Hour))
			r, err = newReplay(t.Context(), w.archive, o, io.Discard, w.live, w.shadow)
			must(t, err)
			if !r.Index.To.Equal(at) {
				t.Errorf("it goes on up to %s, want %s", r.Index.To, at)
			}
			report, err := r.Run(t.Context())
			must(t, err)
			if report.Given != n {
				t.Errorf("got %+v, want %d given", report, n)
			}
			var out bytes.Buffer
			r, err = newReplay(t.Context(), w.archive, o, &out, w.live, w.shadow)
			must(t, err)
			if err := r.compare(t.Context(), &out); err == nil || !strings.Contains(err.Error(), "nothing explains it") {
				t.Errorf("nothing is live: got %v, want differences", err)
			}
			if !strings.Contains(out.String(), "compared once more") {
				t.Errorf("it does not say that it replays nothing:\n%s", out.String())
			}
			if named, inCloud := strings.Contains(out.String(), `"p1"`), inCloud(checkpoint); named == inCloud {
				t.Errorf("the output names people: %t\n%.500s", named, out.String())
			} else if inCloud {
				note, err := w.archive.Note(checkpoint + ".differences")
				must(t, err)
				if content, err := note.Read(t.Context()); err != nil || !bytes.Contains(content, []byte(`"p1"`)) {
					t.Errorf("the differences: %.500s, %v", content, err)
				}
			}
			fromElse, toElse := o, o
			fromElse.from, toElse.toNow = o.from.Add(time.Minute), false
			for _, other := range []options{fromElse, toElse} {
				if _, err := newReplay(t.Context(), w.archive, other, io.Discard, w.live, w.shadow); err == nil || !strings.Contains(err.Error(), "another replay") {
					t.Errorf("another span: got %v", err)
				}
			}
		})
	}
}

// Whatever is wrong with the arguments is told by the flag's name, all at once.
func TestArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		env  map[string]string
		want []string
	}{
		{"", nil, []string{"a command is missing"}},
		{"unseal", nil, []string{`"unseal" is no command`}},
		{"check", nil, []string{"-bucket is missing", "-from is missing"}},
		{"check -bucket b -from yesterday -to 2026-11-31", nil, []string{`-from: "yesterday"`, `-to: "2026-11-31"`}},
		{"check -bucket b -from 2026-11-02 -to 2026-11-02", nil, []string{"-from must be before -to"}},
		{"seal -bucket b 2026-11-02", nil, []string{`unexpected argument "2026-11-02"`}},
		{"rebuild -from 2026-11-02", map[string]string{"ARCHIVE_BUCKET": "b"}, []string{"-project is missing", "-shadow-database is missing"}},
		{"rebuild -from 2026-11-02 -shadow-database (default)", nil, []string{"-bucket is missing", "is the live database"}},
		{"repair -from 2026-11-02 -person bob", map[string]string{"ARCHIVE_BUCKET": "b", "GOOGLE_CLOUD_PROJECT": "p"}, []string{"-type is missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			err := Run(t.Context(), strings.Fields(tt.args), func(name string) string { return tt.env[name] }, io.Discard, io.Discard)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
	now := time.Now()
	o, err := readOptions("seal", []string{"-bucket", "b"}, func(string) string { return "" }, io.Discard)
	if err != nil || now.Sub(o.from) < recent*24*time.Hour-2*time.Hour || !o.toNow {
		t.Errorf("seal without a span looks back to %s, %v; want a month", o.from, err)
	}
}
