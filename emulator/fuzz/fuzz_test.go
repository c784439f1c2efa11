//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestFindsTheTargets(t *testing.T) {
	t.Chdir("../..")
	all, err := find(t.Context(), regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, target := range all {
		names = append(names, target.String())
	}
	for _, decoder := range []string{ // whatever reads what somebody else has written
		"functions/alertmanager.FuzzMessage", "functions/deadletters.FuzzLetter", "functions/examples/orders.FuzzOrders", "functions/github.FuzzDelivery",
		"functions/mirror.FuzzReceive", "functions/people.FuzzPreferences", "functions/publish.FuzzEvents", "functions/unsubscribe.FuzzToken", "functions/withdraw.FuzzReceive",
		"shared/catalog.FuzzParse", "shared/cloudevent.FuzzRead", "shared/event.FuzzDecode", "shared/inbox.FuzzMembers", "shared/inbox.FuzzMemory", "shared/mail.FuzzOpen",
		"shared/profile.FuzzMute", "shared/profile.FuzzSettings", "shared/store.FuzzItem", "shared/store.FuzzProfile", "shared/topics.FuzzPush",
	} {
		if !strings.Contains(strings.Join(names, "\n")+"\n", decoder+"\n") {
			t.Errorf("%s is missing", decoder)
		}
	}
	some, err := find(t.Context(), regexp.MustCompile(`mail\.`))
	if err != nil || len(some) != 1 {
		t.Errorf("got %v, %v", some, err)
	}
}

func TestATargetThatFailsOrDoesNothingFailsAll(t *testing.T) {
	t.Parallel()
	const line = "echo 'fuzz: elapsed: 3s, execs: 325017 (108336/sec), new interesting: 11 (total: 202)'\n"
	for script, want := range map[string]string{
		line: "1 targets, 325017 executions, nothing found", line + "echo '--- FAIL: FuzzX'; exit 1": "--- FAIL: FuzzX",
		"exit 0": "executed nothing", "echo 'warning: the test binary was not built with coverage instrumentation'\n" + line: "blindly",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.test"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := runAll(t.Context(), []target{{pkg: "tidings.dev/shared/x", dir: dir, name: "FuzzX"}}, settings{time: "1s", together: 2, binaries: dir, out: &out})
		if (err == nil) != strings.Contains(want, "nothing found") || !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %v and %s", script, err, out.String())
		}
	}
}

func TestWhatOnlyEndedInTimeIsNoFinding(t *testing.T) {
	t.Parallel()
	const over = "fuzz: elapsed: 10s, execs: 24909 (9698/sec), new interesting: 2 (total: 82)\n--- FAIL: FuzzPush (10.27s)\n    context deadline exceeded\nFAIL\n"
	for output, want := range map[string]bool{
		over: true,
		over + "    Failing input written to testdata/fuzz/FuzzPush/1\n": false,
		"--- FAIL: FuzzPush (1s)\n    push_test.go:1: it is wrong\n":     false,
		"": false,
	} {
		if got := endedInTime(output); got != want {
			t.Errorf("%q: got %t, want %t", output, got, want)
		}
	}
}
