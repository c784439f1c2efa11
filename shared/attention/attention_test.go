package attention

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
)

// now is a Saturday at 23:00.
var now = time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)

// in is a time from now on.
func in(d time.Duration) time.Time { return now.Add(d) }

// at is a time of Sunday.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 22, hour, minute, 0, 0, time.UTC) }

// Types, by their channels and priorities.
var (
	inApp  = []event.Channel{event.InApp}
	pushed = []event.Channel{event.InApp, event.Push}
	mailed = []event.Channel{event.InApp, event.Push, event.Email}

	liked    = event.Type{Name: "post.liked", Category: "social", Priority: event.Medium, Channels: pushed, Mutable: true, PushInterval: time.Minute}
	placed   = event.Type{Name: "order.placed", Category: "orders", Priority: event.Medium, Channels: inApp, Mutable: true}
	info     = event.Type{Name: "info", Category: "system", Priority: event.Low, Channels: inApp, Mutable: true}
	message  = event.Type{Name: "message.received", Category: "messages", Priority: event.High, Channels: pushed, Mutable: true, PushInterval: time.Minute}
	alert    = event.Type{Name: "security.alert", Category: "security", Priority: event.Urgent, Channels: mailed, PushInterval: time.Minute}
	opened   = event.Type{Name: "incident.opened", Category: "incidents", Priority: event.Urgent, Channels: mailed, Mutable: true, PushInterval: time.Minute}
	failed   = event.Type{Name: "payment.failed", Category: "payments", Priority: event.High, Channels: mailed, Mutable: true}
	receipt  = event.Type{Name: "payment.received", Category: "payments", Priority: event.Medium, Channels: mailed, Mutable: true}
	patient  = event.Type{Name: "payment.failed", Category: "payments", Priority: event.High, Channels: mailed, Mutable: true, MailAfter: time.Hour}
	unmuted  = event.Type{Name: "password.changed", Category: "security", Priority: event.High, Channels: mailed}
	vanished = event.Type{}
)

// A case changes the person and the item one after the other.
type change func(*Question)

func prefers(channel event.Channel, category string, wanted bool) change {
	return func(q *Question) {
		p := &q.Person.Preferences
		if *p == nil {
			*p = profile.Preferences{}
		}
		if (*p)[channel] == nil {
			(*p)[channel] = map[string]bool{}
		}
		(*p)[channel][category] = wanted
	}
}

func mutes(key string, until time.Time) change {
	return func(q *Question) {
		if q.Person.Mutes == nil {
			q.Person.Mutes = map[string]profile.Mute{}
		}
		q.Person.Mutes[key] = profile.Mute{Until: until}
	}
}

func hours(r quiet.Range, days ...quiet.Day) change {
	return func(q *Question) {
		q.Person.QuietHours.Enabled = true
		if q.Person.QuietHours.Week == nil {
			q.Person.QuietHours.Week = quiet.Schedule{}
		}
		for _, d := range days {
			q.Person.QuietHours.Week[d] = append(q.Person.QuietHours.Week[d], r)
		}
	}
}

func disturb(until time.Time) change {
	return func(q *Question) { q.Person.DoNotDisturb = profile.DoNotDisturb{Enabled: true, Until: until} }
}

func page(left time.Duration, target string, visible bool) change {
	return func(q *Question) {
		q.Person.Sessions = append(q.Person.Sessions, profile.Session{ExpiresAt: in(left), Target: target, Visible: visible})
	}
}

func made(p event.Priority) change { return func(q *Question) { q.Priority = p } }
func waited(q *Question)           { q.Waited = true }
func snoozed(until time.Time) change {
	return func(q *Question) { q.SnoozedUntil = until }
}
func wasPushed(ago time.Duration) change { return func(q *Question) { q.PushedAt = in(-ago) } }

var (
	noApp, noPush, noMail = func(c string) change { return prefers(event.InApp, c, false) }, func(c string) change { return prefers(event.Push, c, false) }, func(c string) change { return prefers(event.Email, c, false) }
	doPush, doMail        = func(c string) change { return prefers(event.Push, c, true) }, func(c string) change { return prefers(event.Email, c, true) }

	night    = hours("22:00-07:00", quiet.Days...)
	morning  = hours("07:00-10:00", "sun")
	noon     = hours("12:00-13:00", quiet.Days...)
	nightOff = func(q *Question) { q.Person.QuietHours.Enabled = false }
	switched = disturb(time.Time{})
	offAgain = func(q *Question) { q.Person.DoNotDisturb.Enabled = false }
	muted    = mutes("post/42", time.Time{})
	here     = page(time.Minute, "", true)
	reading  = page(time.Minute, "post/42", true)
)

// What comes out.
var (
	shown    = Choice{When: Now, Why: ByDefault}
	sent     = shown
	none     = Choice{When: Off, Why: ByDefault}
	chosen   = Choice{When: Now, Why: ByPreference}
	declined = Choice{When: Off, Why: ByPreference}
	silent   = Choice{When: Off, Why: ByMute}
	later    = Choice{When: Held, Until: in(mailAfter), Why: ByDefault}
	summary  = Choice{When: Digest, Why: ByDefault}
)

func held(why Reason, until time.Time) Choice { return Choice{When: Held, Until: until, Why: why} }

type decisionCase struct {
	name    string
	kind    event.Type
	changes []change
	want    Decision
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for group, cases := range map[string][]decisionCase{
		"defaults": defaults, "preferences": preferences, "mutes": mutings, "quiet": quietCases, "presence": presences, "snooze and interval": standings, "budget": budgets, "mail": mails,
	} {
		for _, c := range cases {
			t.Run(group+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				q := Question{
					Type: c.kind, Priority: c.kind.Priority, Target: event.Target{Type: "post", ID: "42", Source: "/blog"}, Person: &profile.Profile{}, Now: now,
				}
				for _, change := range c.changes {
					change(&q)
				}
				if diff := cmp.Diff(c.want, Decide(q)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

func TestThereAreAHundredCases(t *testing.T) {
	t.Parallel()
	if n := len(defaults) + len(preferences) + len(mutings) + len(quietCases) + len(presences) + len(standings) + len(budgets) + len(mails); n < 100 {
		t.Errorf("%d cases", n)
	}
}

func TestWhoHasSaidNothingHasTheDefaults(t *testing.T) {
	t.Parallel()
	got := Decide(Question{Type: liked, Priority: liked.Priority, Now: now})
	if diff := cmp.Diff(Decision{InApp: shown, Push: sent, Email: none}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
