//go:build unix

package infra_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestMarksAgreeWithTheModel compares the rules with a second telling of the same contract, in Go, on random items and
// random marks. The table of marks holds what somebody has thought of; this finds what nobody has.
func TestMarksAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	// The emulator remembers every value that a project's rules have seen, and slows down: so a few at a time.
	for round := range uint64(6) {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			t.Parallel()
			compareWithModel(t, rand.New(rand.NewPCG(seed, round)))
		})
	}
}

func compareWithModel(t *testing.T, random *rand.Rand) {
	d := newDatabase(t)
	items, seeds := make([]fields, 30), []fields(nil)
	path := func(i int) string { return fmt.Sprintf("users/bob/notifications/n%d", i) }
	for i := range items {
		items[i] = randomItem(random)
		seeds = append(seeds, d.set(path(i), items[i]))
	}
	if got := d.commit(t, admin, seeds...); got != allowed {
		t.Fatalf("seeding: %s", got)
	}
	for i, before := range items {
		mark := randomMark(random)
		got, want := d.commit(t, "bob", d.update(path(i), mark)), mayMark(before, mark)
		if got != want {
			t.Errorf("got %s, want %s\nitem %v %v %v %v %v\nmark %v", got, want,
				before["seenAt"], before["readAt"], before["archivedAt"], before["snoozedUntil"], before["doneAction"], mark)
		}
	}
}

// The random marks are of both kinds, often enough to tell something.
func TestRandomMarksAreMixed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	verdicts := map[verdict]int{}
	for range 1000 {
		verdicts[mayMark(randomItem(random), randomMark(random))]++
	}
	t.Logf("%v", verdicts)
	if verdicts[allowed] < 200 || verdicts[refused] < 200 {
		t.Errorf("of 1000 random marks: %v", verdicts)
	}
}

// times is what a mark can hold, at least a minute from every limit.
var times = []any{nil, ago(2 * time.Hour), ago(time.Hour), ahead(4 * time.Minute), ahead(6 * time.Minute), ahead(365 * day), ahead(367 * day), "soon", 3}

func pick(random *rand.Rand, from []any) any { return from[random.IntN(len(from))] }

func randomItem(random *rand.Rand) fields {
	seen := pick(random, times[:4])
	read := any(nil)
	if seen != nil {
		read = pick(random, times[:4])
	}
	archived := pick(random, times[:4])
	if random.IntN(5) == 0 {
		archived = removed // it was taken back
	}
	return with(item(), fields{
		"seenAt": seen, "readAt": read, "archivedAt": archived, "snoozedUntil": pick(random, times[:6]),
		"doneAction": pick(random, []any{nil, "accept"}), "followedAt": pick(random, []any{removed, ago(time.Hour)}),
	})
}

// randomMark has few fields, and mostly sound ones: a mark with five random values is nearly always refused.
func randomMark(random *rand.Rand) fields {
	mark := fields{}
	for range 1 + random.IntN(3) {
		name := markFields[random.IntN(len(markFields))]
		switch {
		case name == "doneAction":
			mark[name] = pick(random, []any{nil, "accept", "decline", "other", 7})
		case random.IntN(3) > 0:
			mark[name] = pick(random, times[:5])
		default:
			mark[name] = pick(random, times)
		}
	}
	if random.IntN(3) == 0 {
		mark["revision"] = 2 + random.IntN(3)
	}
	return mark
}

// mayMark tells the contract once more.
func mayMark(before, mark fields) verdict {
	// at resolves what is told from now, as the emulator will see it.
	at := func(v any) (time.Time, bool) {
		if d, ok := v.(ahead); ok {
			return time.Now().Add(time.Duration(d)), true
		}
		is, ok := v.(time.Time)
		return is, ok
	}
	notAhead := func(v any) bool {
		is, ok := at(v)
		return ok && is.Before(time.Now().Add(5*time.Minute))
	}
	for name, v := range mark {
		if was, there := before[name]; there && v == was {
			continue
		}
		ok := false
		switch name {
		case "seenAt":
			is, _ := at(v)
			was, seen := at(before[name])
			ok = notAhead(v) && (!seen || !is.Before(was))
		case "readAt":
			ok = v == nil || notAhead(v)
		case "archivedAt":
			_, there := before[name]
			ok = there && (v == nil || notAhead(v))
		case "followedAt":
			ok = notAhead(v)
		case "doneAt":
			after, changes := mark["doneAction"]
			if !changes {
				after = before["doneAction"]
			}
			ok = after != nil && notAhead(v)
		case "snoozedUntil":
			is, isTime := at(v)
			ok = v == nil || isTime && is.After(time.Now()) && is.Before(time.Now().Add(366*day))
		case "doneAction":
			ok = before[name] == nil && (v == "accept" || v == "decline")
		}
		if !ok {
			return refused
		}
	}
	return allowed
}
