//go:build unix

package google

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.dev/emulator/internal/process"
	"tidings.dev/emulator/requirement"
)

// The first command makes the class file, the second finds it, and the emulator runs with it.
func TestWarmed(t *testing.T) {
	t.Parallel()
	j, err := findJava(t.Context())
	if err != nil {
		if errors.Is(err, ErrMissing) {
			requirement.Missing(t, "Java", err)
		}
		t.Fatal(err)
	}
	if j.major < 13 {
		t.Skipf("Java %d cannot keep classes", j.major)
	}
	f, group := finder(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	stacks := *f
	stacks.Cache = filepath.Join(cache, "tidings") // where a download would be
	jar, err := stacks.find(t.Context(), pubSub, j)
	if err != nil {
		t.Skipf("no Pub/Sub emulator to try it on: %v", err)
	}
	option := f.warmed(t.Context(), group, pubSub, j, jar)
	if len(option) != 1 || !strings.HasPrefix(option[0], "-XX:SharedArchiveFile="+f.Cache) {
		t.Fatalf("option = %q", option)
	}
	made, err := os.Stat(strings.TrimPrefix(option[0], "-XX:SharedArchiveFile="))
	if err != nil {
		t.Fatal(err)
	}
	if made.Size() < 1<<20 {
		t.Errorf("the class file has %d bytes, want megabytes", made.Size())
	}
	again := f.warmed(t.Context(), group, pubSub, j, jar)
	if !slices.Equal(again, option) {
		t.Errorf("the second time: %q, want %q", again, option)
	}
	// -Xshare:on makes Java refuse to run without the file, which it otherwise does in silence.
	log := filepath.Join(f.Logs, "version.log")
	p, err := group.Start(process.Spec{
		Name: "java", Path: j.path, Log: log, Args: append(slices.Clone(option), "-Xshare:on", "-cp", jar, "-version"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// A Java that cannot is no reason to fail.
func TestNotWarmed(t *testing.T) {
	t.Parallel()
	f, group := finder(t)
	fake := filepath.Join(t.TempDir(), "java")
	script(t, fake, "touch "+filepath.Join(f.Cache, "tried")+"; exit 1")
	jar := filepath.Join(t.TempDir(), "emu.jar")
	write(t, jar, []byte("x"))
	if got := f.warmed(t.Context(), group, pubSub, java{path: fake, major: 17}, jar); got != nil {
		t.Errorf("option = %q, want none", got)
	}
	if _, err := os.Stat(filepath.Join(f.Cache, "tried")); err != nil {
		t.Errorf("it was not even tried: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(f.Cache, "*.jsa*")); slices.ContainsFunc(left, func(s string) bool { return !strings.HasSuffix(s, ".lock") }) {
		t.Errorf("left behind: %q", left)
	}
	if got := f.warmed(t.Context(), group, pubSub, java{path: fake, major: 11}, jar); got != nil {
		t.Errorf("Java 11: option = %q, want none", got)
	}
}

func finder(t *testing.T) (*Finder, *process.Group) {
	t.Helper()
	group, err := process.NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { group.Close(0) })
	return &Finder{
		Cache: t.TempDir(), Logs: t.TempDir(), Say: func(string) {}, Doing: func(string) func() { return func() {} },
	}, group
}
