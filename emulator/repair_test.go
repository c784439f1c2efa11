//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/emulator/stack"
)

// archive runs the archive's command, which must go well, and returns what it has printed.
func archive(t *testing.T, args ...string) string {
	t.Helper()
	out, err := system.Run(t.Context(), "archive", args...)
	if err != nil {
		t.Fatalf("archive %q: %v\n%s", args, err, out)
	}
	return out
}

// The walk of infra/README: what is published is archived, the day is sealed by the scheduler, a damaged inbox is repaired and nobody's phone rings, and an object that was changed is noticed.
// A day must pass for that, so the test has a stack, and a clock, of its own.
func TestAnInboxIsRepairedFromTheArchive(t *testing.T) {
	onOwnStack(t, stack.Options{Archive: true})
	advance := func(d time.Duration) {
		t.Helper()
		if err := system.Clock.Advance(d); err != nil {
			t.Fatal(err)
		}
	}
	const uid = "archie"
	day := system.Clock.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	advance(from.Add(12 * time.Hour).Sub(system.Clock.Now())) // noon: all of it is of one day
	register(t, uid)
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	publish(t, like("Bob", uid))
	publish(t, like("Carol", uid))
	whole := func() bool { return awaitItem(t, uid, "post.liked").Data()["actorCount"] == int64(3) }
	eventually(t, "three likes in one item", func() (any, bool) { return awaitItem(t, uid, "post.liked").Data(), whole() })
	advance(26 * time.Hour)
	awaitPushes(t, uid, "Alice liked A walk", "Carol and 2 others liked A walk") // the push that was held comes, and then no other one
	eventually(t, "the seal of "+day, func() (any, bool) {
		days := archive(t, "status")
		return days, slices.ContainsFunc(strings.Split(days, "\n"), func(line string) bool {
			return strings.HasPrefix(line, day) && strings.HasSuffix(line, " objects, sealed")
		})
	})

	rung := pushedTo(t, uid+"-tab")
	item := awaitItem(t, uid, "post.liked")
	repair := []string{"repair", "-person", uid, "-type", "post.liked", "-from", from.Format(time.RFC3339)}
	for _, step := range []struct {
		name   string
		damage bool
		more   []string
		rings  int
	}{{"quietly", true, nil, 0}, {"what is whole, with pushes", false, []string{"-ring"}, 0}, {"with pushes", true, []string{"-ring"}, 1}} {
		if step.damage {
			if _, err := item.Ref.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var report struct{ Given int }
		if out := archive(t, append(slices.Clone(repair), step.more...)...); json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &report) != nil || report.Given != 3 {
			t.Errorf("%s: got %s, want three given", step.name, out)
		}
		if !whole() {
			t.Errorf("%s: got %v, want three likes", step.name, awaitItem(t, uid, "post.liked").Data())
		}
		now := pushedTo(t, uid+"-tab")
		if got := len(now) - len(rung); got != step.rings {
			t.Errorf("%s: the phone rang %d times, want %d: %q", step.name, got, step.rings, now)
		}
	}
	checkArchive(t, from)
}

// checkArchive changes an object of the archive, has it named, and puts it back.
func checkArchive(t *testing.T, from time.Time) {
	t.Helper()
	check := []string{"check", "-from", from.Format(time.RFC3339)}
	if out := archive(t, check...); !strings.Contains(out, "objects are as they were") {
		t.Errorf("check: %s", out)
	}
	var list struct{ Items []struct{ Name string } }
	status, body := call(t, http.MethodGet, system.Addresses.Storage+"/storage/v1/b/demo-tidings-archive/o?prefix=events/"+from.Format("2006/01/02"), "", nil)
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Items) == 0 {
		t.Fatalf("the archive's objects: %d %s", status, body)
	}
	name := list.Items[len(list.Items)-1].Name
	content, err := system.Storage.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(content)
	changed[len(changed)/2] ^= 1
	for _, put := range [][]byte{changed, content} {
		if err := system.Storage.Put(name, put); err != nil {
			t.Fatal(err)
		}
		out, err := system.Run(t.Context(), "archive", check...)
		if named := err != nil && strings.Contains(out, name+" was changed"); named == slices.Equal(put, content) {
			t.Errorf("check: %v\n%s", err, out)
		}
	}
}
