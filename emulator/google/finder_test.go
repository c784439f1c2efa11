//go:build unix

package google

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	jar := jarFor(t, 17)
	zipped := zipOf(t, map[string][]byte{"pubsub-emulator/bin/run.sh": []byte("#!/bin/sh"), "pubsub-emulator/lib/x-all.jar": jar})
	for _, tc := range []struct {
		name, path string
		body       []byte
		sum        string
		err        string // a part of the error, or none
	}{
		{"jar", "/emulator-1.jar", jar, sum(jar), ""},
		{"zip", "/emulator-1.zip", zipped, sum(zipped), ""},
		{"changed", "/emulator-1.jar", append([]byte("evil"), jar...), sum(jar), "not the pinned"},
		{"cut short", "/emulator-1.jar", jar[:100], sum(jar), "not the pinned"},
		{"zip without a jar", "/emulator-1.zip", zipOf(t, nil), sum(zipOf(t, nil)), "no jar"},
		{"not there", "/else.jar", nil, "", "404"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			checkDownload(t, tc.path, tc.body, archive{name: "test emulator", sha256: tc.sum}, jar, tc.err)
		})
	}
}

// checkDownload has three stacks download at once what is under path: they get the jar, or all an error that says why not.
func checkDownload(t *testing.T, path string, body []byte, a archive, jar []byte, says string) {
	t.Helper()
	var asked, said atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if body == nil {
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	t.Cleanup(srv.Close)
	a.url = srv.URL + path
	f := &Finder{
		Cache: filepath.Join(t.TempDir(), "new"), Logs: t.TempDir(),
		Say: func(string) { said.Add(1) }, Doing: func(string) func() { return func() {} },
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			got, err := f.download(t.Context(), a)
			if says != "" {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("error = %v, want one with %q", err, says)
				}
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			if b, err := os.ReadFile(got); err != nil || !bytes.Equal(b, jar) {
				t.Errorf("%s is not the jar (%v)", got, err)
			}
		})
	}
	wg.Wait()
	left, err := filepath.Glob(filepath.Join(f.Cache, "*"))
	if err != nil {
		t.Fatal(err)
	}
	left = slices.DeleteFunc(left, func(s string) bool { return strings.HasSuffix(s, ".lock") })
	switch {
	case says != "" && len(left) != 0:
		t.Errorf("a failed download left %q", left)
	case says == "" && (asked.Load() != 1 || len(left) != 1 || said.Load() == 0):
		t.Errorf("%d downloads, %d lines of progress, and the cache holds %q; want one download that was told of, and the jar alone", asked.Load(), said.Load(), left)
	}
}

func TestDownloadStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	f := &Finder{Cache: t.TempDir(), Logs: t.TempDir(), Say: func(string) {}, Doing: func(string) func() { return func() {} }}
	if _, err := f.download(ctx, archive{url: srv.URL + "/x.jar"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want Canceled", err)
	}
}

// The Cloud SDK comes first, then the cache of firebase-tools, newest version first, and a jar too new for the Java is
// passed over.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	bin, sdk, cache := filepath.Join(dir, "bin"), filepath.Join(dir, "sdk"), filepath.Join(dir, "cache")
	script(t, filepath.Join(dir, "jdk", "bin", "java"), `echo 'openjdk version "17.0.15" 2025-04-15' >&2`)
	script(t, filepath.Join(sdk, "bin", "gcloud"), "exit 1")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(sdk, "bin", "gcloud"), filepath.Join(bin, "gcloud")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JAVA_HOME", filepath.Join(dir, "jdk"))
	t.Setenv("PATH", bin+":/bin:/usr/bin")
	t.Setenv("FIREBASE_EMULATORS_PATH", cache)
	a := archive{
		name: "test emulator", class: "a.Main", sdk: "platform/emu/*.jar", firebase: "emu-v*.jar",
		url: "http://127.0.0.1:1/emu.jar",
	}
	f := &Finder{Cache: filepath.Join(dir, "ours"), Logs: dir, Say: func(string) {}, Doing: func(string) func() { return func() {} }}
	find := func() string {
		t.Helper()
		j, err := findJava(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "jdk", "bin", "java"); j.path != want || j.major != 17 {
			t.Errorf("java = %+v, want %s, 17", j, want)
		}
		jar, err := f.find(t.Context(), a, j)
		if err != nil {
			return err.Error()
		}
		return strings.TrimPrefix(jar, dir+"/")
	}

	if got := find(); !strings.Contains(got, "fetching http://127.0.0.1:1/emu.jar") {
		t.Errorf("with nothing there: %s; want a failed download", got)
	}
	write(t, filepath.Join(cache, "emu-v1.22.0.jar"), jarFor(t, 21))
	if got := find(); !strings.Contains(got, "needs Java 21 or later, and java here is 17") {
		t.Errorf("with a jar too new: %s; want what it needs", got)
	}
	write(t, filepath.Join(cache, "emu-v1.9.8.jar"), jarFor(t, 11))
	write(t, filepath.Join(cache, "emu-v1.19.8.jar"), jarFor(t, 11))
	if got, want := find(), "cache/emu-v1.19.8.jar"; got != want {
		t.Errorf("with two in firebase-tools' cache: %s, want %s", got, want)
	}
	write(t, filepath.Join(sdk, "platform/emu/emu.jar"), jarFor(t, 11))
	if got, want := find(), "sdk/platform/emu/emu.jar"; got != want {
		t.Errorf("with one in the SDK: %s, want %s", got, want)
	}
	t.Setenv("JAVA_HOME", filepath.Join(dir, "nowhere"))
	if _, err := findJava(t.Context()); !errors.Is(err, ErrMissing) {
		t.Errorf("without Java: %v, want ErrMissing", err)
	}
}

// The lock pins each package by its hash and names no registry.
func TestLockFile(t *testing.T) {
	t.Parallel()
	b, err := tools.ReadFile("firebase-tools/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte(`"resolved"`)) || bytes.Contains(b, []byte(`://registry`)) {
		t.Error("package-lock.json names a registry; write it with npm's omit-lockfile-registry-resolved")
	}
	if got := bytes.Count(b, []byte(`"integrity"`)); got < 500 {
		t.Errorf("package-lock.json has %d hashes, want one for each of its packages", got)
	}
}

// jarFor returns a jar whose class a.Main needs the given Java.
func jarFor(t *testing.T, java int) []byte {
	t.Helper()
	return zipOf(t, map[string][]byte{"a/Main.class": {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, byte(java + 44), 0}})
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, body := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func write(t *testing.T, file string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body, 0o700); err != nil {
		t.Fatal(err)
	}
}

func script(t *testing.T, file, body string) { write(t, file, []byte("#!/bin/sh\n"+body+"\n")) }
