package fact_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/fact"
)

var begun = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// told is a fact of the event e1 for Bob, so many seconds after its acceptance, unless it is changed.
func told(stage fact.Stage, channel fact.Channel, reason string, after int, change ...func(*fact.Fact)) fact.Fact {
	f := fact.Fact{
		Person: key.Person("bob"), Source: "//shop", Event: "e1", Type: "post.liked", Item: "i1", Revision: 2, Stage: stage, Channel: channel, Reason: reason,
		HappenedAt: fact.At(begun.Add(time.Duration(after) * time.Second)), AcceptedAt: fact.At(begun), Attempt: 1, Instance: "notify/1",
	}
	for _, c := range change {
		c(&f)
	}
	return f.Sealed()
}

func until(after int) func(*fact.Fact) {
	return func(f *fact.Fact) { f.HeldUntil = fact.At(begun.Add(time.Duration(after) * time.Second)) }
}

func attempt(n int64) func(*fact.Fact) { return func(f *fact.Fact) { f.Attempt = n } }

// look is of the item, without an event.
func look(revision int64) func(*fact.Fact) {
	return func(f *fact.Fact) { f.Source, f.Event, f.AcceptedAt, f.Revision = "", "", 0, revision }
}

// another is of another event of the item.
func another(revision int64) func(*fact.Fact) {
	return func(f *fact.Fact) { f.Event, f.Revision = "e2", revision }
}

func nobody(f *fact.Fact) { f.Person = "" }
func noItem(f *fact.Fact) { f.Item, f.Revision = "", 0 }

// Each story ends in one decision for each channel, however its facts come.
func TestOneDecisionForEachChannel(t *testing.T) {
	t.Parallel()
	accepted, shown := told(fact.Accepted, fact.InApp, "", 0, noItem), told(fact.Shown, fact.InApp, "", 1)
	quiet, joined := told(fact.Held, fact.Push, "quiet_hours", 1, until(60)), told(fact.Held, fact.Push, "joined", 1)
	for name, tt := range map[string]struct {
		facts []fact.Fact
		want  []string // in_app, push, email: the outcome, the reason, and after how many seconds
	}{
		"nothing is known":             {nil, []string{"unknown", "unknown", "unknown"}},
		"only accepted":                {[]fact.Fact{accepted}, []string{"waiting 0", "waiting 0", "waiting 0"}},
		"in a digest, after its mail":  {[]fact.Fact{shown, told(fact.Mailed, fact.Email, "", 60, look(2)), told(fact.Mailed, fact.Email, "digest", 90, look(2))}, []string{"shown 1", "unknown", "mailed 60"}},
		"only in a digest":             {[]fact.Fact{shown, told(fact.Mailed, fact.Email, "digest", 90, look(2))}, []string{"shown 1", "unknown", "mailed digest 90"}},
		"of a state before, in one":    {[]fact.Fact{told(fact.Shown, fact.InApp, "", 1, func(f *fact.Fact) { f.Revision = 3 }), told(fact.Mailed, fact.Email, "digest", 90, look(2))}, []string{"shown 1", "unknown", "held no_mail 1"}},
		"bounced":                      {[]fact.Fact{shown, told(fact.Held, fact.Email, "unseen", 2, until(60)), told(fact.Bounced, fact.Email, "", 60, look(2))}, []string{"shown 1", "unknown", "bounced 60"}},
		"bounced, then in a digest":    {[]fact.Fact{shown, told(fact.Bounced, fact.Email, "", 60, look(2)), told(fact.Mailed, fact.Email, "digest", 90, look(2))}, []string{"shown 1", "unknown", "mailed digest 90"}},
		"they ended such mails":        {[]fact.Fact{shown, told(fact.Mailed, fact.Email, "", 60, look(2)), told(fact.Unsubscribed, fact.Email, "orders", 70, look(2))}, []string{"shown 1", "unknown", "mailed 60"}},
		"the push is not told yet":     {[]fact.Fact{accepted, shown}, []string{"shown 1", "unknown", "held no_mail 1"}},
		"pushed":                       {[]fact.Fact{accepted, shown, told(fact.Pushed, fact.Push, "", 2)}, []string{"shown 1", "pushed 2", "held no_mail 1"}},
		"held, then pushed":            {[]fact.Fact{shown, quiet, told(fact.Pushed, fact.Push, "", 60, look(2))}, []string{"shown 1", "pushed 60", "held no_mail 1"}},
		"held, then pushed with more":  {[]fact.Fact{shown, quiet, told(fact.Pushed, fact.Push, "", 30, another(5))}, []string{"shown 1", "pushed together 30", "held no_mail 1"}},
		"joined, and the other went":   {[]fact.Fact{shown, joined, told(fact.Retried, fact.Push, "fcm", 1, another(2)), told(fact.Pushed, fact.Push, "", 12, another(3))}, []string{"shown 1", "pushed together 12", "held no_mail 1"}},
		"joined, and it was over":      {[]fact.Fact{shown, joined, told(fact.Retried, fact.Push, "fcm", 1, another(2)), told(fact.Withdrawn, fact.Push, "over", 12, another(3))}, []string{"shown 1", "held joined 1", "held no_mail 1"}},
		"the other was pushed twice":   {[]fact.Fact{shown, quiet, told(fact.Pushed, fact.Push, "", 3, another(1)), told(fact.Pushed, fact.Push, "", 30, another(2))}, []string{"shown 1", "pushed together 30", "held no_mail 1"}},
		"an older state was pushed":    {[]fact.Fact{shown, quiet, told(fact.Pushed, fact.Push, "", 30, another(1)), told(fact.Pushed, fact.Push, "", 30, look(1))}, []string{"shown 1", "held quiet_hours 1", "held no_mail 1"}},
		"another's item was pushed":    {[]fact.Fact{shown, quiet, told(fact.Pushed, fact.Push, "", 60, look(2), func(f *fact.Fact) { f.Item = "i2" })}, []string{"shown 1", "held quiet_hours 1", "held no_mail 1"}},
		"held, then for another while": {[]fact.Fact{shown, quiet, told(fact.Held, fact.Push, "presence", 60, look(2), until(100))}, []string{"shown 1", "held presence 60", "held no_mail 1"}},
		"held, then seen":              {[]fact.Fact{shown, quiet, told(fact.Held, fact.Push, "noticed", 60, look(2))}, []string{"shown 1", "held noticed 60", "held no_mail 1"}},
		"the look is a dead letter":    {[]fact.Fact{shown, quiet, told(fact.DeadLettered, fact.InApp, "gave_up", 90, look(0))}, []string{"shown 1", "deadLettered gave_up 90", "held no_mail 1"}},
		"tried again": {[]fact.Fact{accepted, told(fact.Retried, fact.InApp, "firestore", 1, noItem, until(11)), told(fact.Retried, fact.InApp, "conflict", 12, noItem, attempt(2), until(32))},
			[]string{"retried conflict 12", "retried conflict 12", "retried conflict 12"}},
		"tried again, then shown": {[]fact.Fact{told(fact.Retried, fact.InApp, "firestore", 1, noItem), told(fact.Shown, fact.InApp, "", 12, attempt(2)), told(fact.Pushed, fact.Push, "", 13, attempt(2))},
			[]string{"shown 12", "pushed 13", "held no_mail 12"}},
		"a dead letter": {[]fact.Fact{accepted, told(fact.Retried, fact.InApp, "firestore", 1, noItem), told(fact.DeadLettered, fact.InApp, "firestore", 9_000, noItem)},
			[]string{"deadLettered firestore 9000", "deadLettered firestore 9000", "deadLettered firestore 9000"}},
		"a dead letter that was replayed":   {[]fact.Fact{told(fact.DeadLettered, fact.InApp, "gave_up", 9_000, noItem), told(fact.Shown, fact.InApp, "", 9_500), told(fact.Pushed, fact.Push, "", 9_501)}, []string{"shown 9500", "pushed 9501", "held no_mail 9500"}},
		"a copy of it is a dead letter":     {[]fact.Fact{shown, told(fact.Pushed, fact.Push, "", 2), told(fact.DeadLettered, fact.InApp, "gave_up", 9_000, noItem)}, []string{"shown 1", "pushed 2", "held no_mail 1"}},
		"FCM was busy, then refused":        {[]fact.Fact{shown, told(fact.Retried, fact.Push, "fcm", 2, until(12)), told(fact.DeadLettered, fact.Push, "fcm_setup", 12)}, []string{"shown 1", "deadLettered fcm_setup 12", "held no_mail 1"}},
		"FCM refused, and it was replayed":  {[]fact.Fact{shown, told(fact.DeadLettered, fact.Push, "fcm_setup", 12), told(fact.Pushed, fact.Push, "", 50)}, []string{"shown 1", "pushed 50", "held no_mail 1"}},
		"FCM was busy until it was seen":    {[]fact.Fact{shown, told(fact.Retried, fact.Push, "fcm", 2), told(fact.Held, fact.Push, "noticed", 12)}, []string{"shown 1", "held noticed 12", "held no_mail 1"}},
		"a copy came after it was taken":    {[]fact.Fact{shown, told(fact.Pushed, fact.Push, "", 2), told(fact.Withdrawn, fact.InApp, "taken_back", 300, noItem), told(fact.Withdrawn, fact.Push, "over", 301, look(3))}, []string{"shown 1", "pushed 2", "held no_mail 1"}},
		"taken back before it came":         {[]fact.Fact{accepted, told(fact.Withdrawn, fact.InApp, "taken_back", 300, noItem)}, []string{"withdrawn taken_back 300", "withdrawn taken_back 300", "withdrawn taken_back 300"}},
		"it takes something back":           {[]fact.Fact{told(fact.Retried, fact.InApp, "early", 1, noItem), told(fact.Withdrawn, fact.InApp, "taken_back", 90, noItem), told(fact.Withdrawn, fact.Push, "over", 91)}, []string{"withdrawn taken_back 90", "withdrawn over 91", "withdrawn taken_back 90"}},
		"a copy of that was tried again":    {[]fact.Fact{told(fact.Withdrawn, fact.InApp, "taken_back", 90, noItem), told(fact.Withdrawn, fact.Push, "over", 91), told(fact.Retried, fact.Push, "fcm", 95)}, []string{"withdrawn taken_back 90", "withdrawn over 91", "withdrawn taken_back 90"}},
		"cancelled, after a dead letter":    {[]fact.Fact{told(fact.DeadLettered, fact.InApp, "gave_up", 10, noItem), told(fact.Withdrawn, fact.InApp, "cancelled", 20, noItem)}, []string{"withdrawn cancelled 20", "withdrawn cancelled 20", "withdrawn cancelled 20"}},
		"in the archive":                    {[]fact.Fact{told(fact.Held, fact.InApp, "mute", 1)}, []string{"held mute 1", "held mute 1", "held no_mail 1"}},
		"a mail waits":                      {[]fact.Fact{shown, quiet, told(fact.Held, fact.Email, "unseen", 1, until(600))}, []string{"shown 1", "held quiet_hours 1", "held unseen 1"}},
		"a mail went":                       {[]fact.Fact{shown, quiet, told(fact.Held, fact.Email, "unseen", 1, until(600)), told(fact.Mailed, fact.Email, "", 600, look(2))}, []string{"shown 1", "held quiet_hours 1", "mailed 600"}},
		"it was seen before a mail went":    {[]fact.Fact{shown, quiet, told(fact.Held, fact.Email, "unseen", 1, until(600)), told(fact.Held, fact.Email, "not_wanted", 600, look(2))}, []string{"shown 1", "held quiet_hours 1", "held not_wanted 600"}},
		"for everybody":                     {[]fact.Fact{told(fact.Shown, fact.InApp, "", 1, nobody, noItem)}, []string{"shown everybody 1", "held everybody 1", "held everybody 1"}},
		"an audience's, cancelled":          {[]fact.Fact{told(fact.Withdrawn, fact.InApp, "cancelled", 1, nobody, noItem)}, []string{"withdrawn cancelled 1", "withdrawn cancelled 1", "withdrawn cancelled 1"}},
		"cancelled for those behind Bob":    {[]fact.Fact{shown, quiet, told(fact.Withdrawn, fact.InApp, "cancelled", 1, nobody, noItem)}, []string{"shown 1", "held quiet_hours 1", "held no_mail 1"}},
		"only others are known in its item": {[]fact.Fact{told(fact.Pushed, fact.Push, "", 2, another(2))}, []string{"unknown", "unknown", "unknown"}},
	} {
		want := fact.Explain("//shop", "e1", tt.facts, key.Person("bob"))
		if diff := cmp.Diff(tt.want, decided(want[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for seed := range uint64(20) {
			if diff := cmp.Diff(want, fact.Explain("//shop", "e1", disorder(tt.facts, seed), key.Person("bob"))); diff != "" {
				t.Fatalf("%s, in another order and with repeats (-in order +got):\n%s", name, diff)
			}
		}
	}
}

// decided are the decisions, as "outcome reason seconds".
func decided(e fact.Explanation) (all []string) {
	for _, d := range e.Decisions {
		text := strings.TrimSpace(fmt.Sprintf("%s %s", d.Outcome, d.Reason))
		if !d.At.IsZero() {
			text += fmt.Sprintf(" %.0f", d.At.Sub(begun).Seconds())
		}
		all = append(all, text)
	}
	return all
}

// disorder gives each fact one to three times, some of them told anew, later, in any order.
func disorder(facts []fact.Fact, seed uint64) (all []fact.Fact) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, f := range facts {
		all = append(all, f)
		for range rng.IntN(3) {
			again := f
			again.HappenedAt += fact.Micros(rng.IntN(2) * 1_000_000)
			again.Instance = "notify/2"
			if rng.IntN(2) == 0 && f.Event != "" && f.Stage != fact.Retried && f.Stage != fact.Pushed {
				again.Reason, again.Revision, again.Attempt = "default", f.Revision+1, f.Attempt+1
			}
			if again.HappenedAt == f.HappenedAt { // the same message, twice
				again = f
			}
			all = append(all, again.Sealed())
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Of any facts whatever: each person has one decision for each channel, what was shown is shown, what was pushed or mailed was, and each
// decision is a sentence.
func TestWhatDecides(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 1))
	stages := []fact.Stage{fact.Seen, fact.Displayed, fact.Accepted, fact.Shown, fact.Pushed, fact.Held, fact.Retried, fact.Mailed, fact.Bounced, fact.Unsubscribed, fact.Withdrawn, fact.DeadLettered}
	people := []string{"", key.Person("bob"), key.Person("alice"), key.Person("carol")}
	for range 3_000 {
		var facts []fact.Fact
		for range rng.IntN(12) {
			f := told(stages[rng.IntN(len(stages))], fact.Channels[rng.IntN(3)], []string{"mute", "quiet_hours", "fcm"}[rng.IntN(3)], rng.IntN(4), func(f *fact.Fact) {
				f.Person, f.Revision, f.Attempt = people[rng.IntN(len(people))], int64(rng.IntN(4)), int64(1+rng.IntN(3))
			})
			if rng.IntN(4) == 0 {
				look(int64(rng.IntN(4)))(&f)
				f = f.Sealed()
			}
			facts = append(facts, f)
		}
		explained := fact.Explain("//shop", "e1", facts)
		if diff := cmp.Diff(explained, fact.Explain("//shop", "e1", disorderSame(facts, rng))); diff != "" {
			t.Fatalf("another order says something else:\n%s", diff)
		}
		named := map[string]bool{}
		for _, e := range explained {
			if named[e.Person] {
				t.Fatalf("%q is there twice", e.Person)
			}
			named[e.Person] = true
			has := func(stage fact.Stage, channel fact.Channel) bool {
				return slices.ContainsFunc(facts, func(f fact.Fact) bool {
					return f.Person == e.Person && f.Event == "e1" && f.Stage == stage && f.Channel == channel
				})
			}
			for i, d := range e.Decisions {
				if len(e.Decisions) != 3 || d.Channel != fact.Channels[i] || d.Says == "" || !strings.HasSuffix(d.Says, ".") {
					t.Fatalf("%q: %+v", e.Person, d)
				}
				done := map[fact.Channel]fact.Stage{fact.InApp: fact.Shown, fact.Push: fact.Pushed, fact.Email: fact.Mailed}[d.Channel]
				if has(done, d.Channel) && d.Outcome != fact.Outcome(done) {
					t.Fatalf("%q has a fact that it was %s, and the decision %+v", e.Person, done, d)
				}
			}
		}
		for _, f := range facts {
			if f.Person != "" && f.Event == "e1" && !named[f.Person] {
				t.Fatalf("%q has facts and no decision", f.Person)
			}
		}
	}
}

// disorderSame gives the same facts, each once or twice, in any order.
func disorderSame(facts []fact.Fact, rng *rand.Rand) []fact.Fact {
	all := slices.Concat(facts, facts[:rng.IntN(len(facts)+1)])
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestADecisionSaysItInASentence(t *testing.T) {
	t.Parallel()
	facts := []fact.Fact{told(fact.Shown, fact.InApp, "", 1), told(fact.Held, fact.Push, "quiet_hours", 1, until(3_600))}
	d := fact.Explain("//shop", "e1", facts)[0].Decisions[1]
	const want = "No push went out: the person has quiet hours. It is decided anew at 2026-11-27T10:00:00Z."
	if d.Says != want || !d.Until.Equal(begun.Add(time.Hour)) || d.Instance != "notify/1" || d.Attempts != 1 {
		t.Errorf("got %+v, want %q", d, want)
	}
}
