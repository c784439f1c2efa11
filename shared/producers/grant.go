package producers

import (
	"slices"
	"strings"

	"tidings.dev/shared/event"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
)

// Grant is what one or more producers may do. What it does not name, they may not.
//
// An entry of Types, Sources, Audiences and Actors is a name, or the beginning of names with a "*" behind it: "order.*", "/shop/*", "*".
type Grant struct {
	Name       string         // of the grant in the configuration; answers name it
	Producers  []string       // who has it: "serviceAccount:EMAIL" or "uid:UID". Nobody has two grants
	Types      []string       // the types of events that they may post
	Sources    []string       // the sources in whose name they speak, besides their own uid or address. No other grant has them
	Recipients bool           // whether they may name people; without it they may name audiences only
	Audiences  []string       // the audiences that they may name; none of them is everybody
	Everybody  bool           // whether they may announce something to everybody
	Priority   event.Priority // the highest that an event of theirs may have, by itself or by its type
	Actors     []string       // whom they may name as actor, besides themselves
	Rate       limit.Rate     // how much they may post; each producer has it for themselves
	Settings   bool           // whether they may read and change what people have said about being told
	Erase      bool           // whether they may export and erase people
	Insight    bool           // whether they may read what became of everybody's events, in logs and in figures; of their own sources' they may anyway
}

// Producer is somebody who brought a token that holds, and has a grant.
type Producer struct {
	ID    string // "serviceAccount:EMAIL" or "uid:UID"
	Name  string // the uid, or the service account's address: the source of events that name none
	Grant *Grant
}

// remedy is what a producer can do about a refusal.
const remedy = "whoever runs Tidings can add it in PRODUCER_GRANTS"

// May returns what of the event the producer has no right to, by field; nil if they may post it. priority is what the event has, by itself or
// by its type. The event is valid, and its source is filled in.
//
// A retraction needs no right to its type's priority, since it rings nobody's phone. An event that names nobody goes to whoever was told
// before: so it asks for the right to tell anybody at all.
func (p *Producer) May(e *event.Event, priority event.Priority) (denied event.FieldErrors) {
	g := p.Grant
	denied = p.MaySpeakAs(e.Source)
	if !covers(g.Types, e.Type) {
		denied.Add("type", "%q is not among the types of the grant %q; %s", e.Type, g.Name, remedy)
	}
	if e.Actor.ID != "" && e.Actor.ID != p.Name && !covers(g.Actors, e.Actor.ID) {
		denied.Add("actor.id", "%q is not among the actors of the grant %q; %s", e.Actor.ID, g.Name, remedy)
	}
	switch {
	case len(e.Recipients) > 0 && !g.Recipients:
		denied.Add("recipients", "the grant %q names no \"recipients: true\"; name one of its audiences, or %s", g.Name, remedy)
	case e.ToEverybody() && !g.Everybody:
		denied.Add("audience", "the grant %q names no \"everybody: true\", which no audience covers; %s", g.Name, remedy)
	case e.ToEverybody():
	case e.Audience != "" && !covers(g.Audiences, e.Audience):
		denied.Add("audience", "%q is not among the audiences of the grant %q; %s", e.Audience, g.Name, remedy)
	case !g.Recipients && len(g.Audiences) == 0:
		denied.Add("recipients", "the grant %q has neither recipients nor audiences; %s", g.Name, remedy)
	}
	if silent := e.Retract && e.Priority == ""; !silent && priority.Rank() > g.Priority.Rank() {
		denied.Add("priority", "is %q, and the grant %q allows %q at most; send a lower one, or %s", priority, g.Name, g.Priority, remedy)
	}
	return denied
}

// MaySpeakAs returns an error of the field source unless the producer speaks in that source's name.
func (p *Producer) MaySpeakAs(source string) (denied event.FieldErrors) {
	if source != p.Name && (!covers(p.Grant.Sources, source) || isWebhook(source)) {
		denied.Add("source", "%q is not among the sources of the grant %q; leave it out, or %s", source, p.Grant.Name, remedy)
	}
	return denied
}

// MaySettings returns a 403 unless the producer may read and change what people have said.
func (p *Producer) MaySettings() error { return p.has(p.Grant.Settings, "settings") }

// MayErase returns a 403 unless the producer may export and erase people.
func (p *Producer) MayErase() error { return p.has(p.Grant.Erase, "erase") }

// MayInsight returns a 403 unless the producer may read what became of everybody's events.
func (p *Producer) MayInsight() error { return p.has(p.Grant.Insight, "insight") }

// Sees reports whether the producer may read figures of a type: it may post it, or it may read what became of everybody's events.
func (p *Producer) Sees(kind string) bool { return p.Grant.Insight || covers(p.Grant.Types, kind) }

// MayFollow returns a 403 unless the producer may read what became of that source's events: it is theirs, or they may read of all.
func (p *Producer) MayFollow(source string) error {
	if denied := p.MaySpeakAs(source); len(denied) > 0 && !p.Grant.Insight {
		return Denied(denied)
	}
	return nil
}

func (p *Producer) has(right bool, name string) error {
	if right {
		return nil
	}
	var denied event.FieldErrors
	denied.Add(name, "the grant %q names no \"%s: true\"; %s", p.Grant.Name, name, remedy)
	return Denied(denied)
}

// Denied is the answer to a producer who lacks a right.
func Denied(fields event.FieldErrors) *problem.Problem {
	return problem.Fields(403, "Not granted", fields)
}

// covers reports whether one of the patterns stands for the name.
func covers(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		beginning, open := strings.CutSuffix(pattern, "*")
		return pattern == name || open && strings.HasPrefix(name, beginning)
	})
}

// overlap reports whether some name is covered by both patterns.
func overlap(a, b string) bool {
	return covers([]string{a}, strings.TrimSuffix(b, "*")) || covers([]string{b}, strings.TrimSuffix(a, "*"))
}
