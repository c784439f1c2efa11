//go:build unix

package firestoretest_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tidings.dev/emulator/firestoretest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

func TestProjectsAreIsolated(t *testing.T) {
	t.Parallel()
	one, two := firestoretest.Project(t), firestoretest.Project(t)
	if one == two {
		t.Errorf("two projects have the id %s", one)
	}
	res, err := http.Get("http://" + os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// These tests run once more where there is no Java: they do not pass in silence.
func TestWithoutJava(t *testing.T) {
	t.Parallel()
	for ci, want := range map[string]string{"": "SKIPPED: 1 test needs the Firestore emulator", "1": "FAILED: 1 test needs the Firestore emulator"} {
		cmd := exec.Command(os.Args[0], "-test.run=TestProjectsAreIsolated")
		cmd.Env = []string{"PATH=" + t.TempDir(), "HOME=" + os.Getenv("HOME"), "CI=" + ci}
		out, err := cmd.CombinedOutput()
		if failed := err != nil; failed != (ci != "") {
			t.Errorf("CI=%s: %v", ci, err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if got := lines[len(lines)-1]; !strings.HasPrefix(got, want) || !strings.Contains(got, "Java") {
			t.Errorf("CI=%s: the last line is %q, want %q and what to install", ci, got, want)
		}
	}
}

// The tests of one package need one emulator, and should neither wait for the whole stack nor be built with it.
func TestTheStackIsNotLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range []string{"tidings.dev/emulator/stack", "tidings.dev/emulator/fcm", "cloud.google.com/go/pubsub/v2", "cloud.google.com/go/firestore"} {
		if strings.Contains(string(out), pkg+"\n") {
			t.Errorf("the package is built with %s", pkg)
		}
	}
}
