package github

import (
	"slices"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// does is an event of that type by the sender.
func (p *payload) does(eventType string, at time.Time, target event.Target) source.Event {
	e := source.Event{Event: event.Event{Type: eventType, Time: at, Target: target, Data: map[string]any{}}}
	if p.Repository.FullName != "" {
		e.Data["repository"] = p.Repository.FullName
	}
	known := loginPattern.MatchString(p.Sender.Login)
	if known {
		e.By, e.Actor = p.Sender.Login, event.Actor{Name: p.Sender.Login, ImageURL: p.Sender.AvatarURL}
		p.named(p.Sender)
	}
	switch {
	case p.Sender.ID > 0: // without a login, the item keeps the name that it knows
		e.Actor.ID = "github:" + p.Sender.account()
	case !known:
		e.By, e.Actor = "ghost", event.Actor{Name: "ghost"} // as GitHub calls whom it no longer knows
	}
	return e
}

// undoes takes back what was said of the target, from whoever was told of it: those whom a payload names now need not be
// those whom an earlier one named. It is nobody's doing, so it also reaches whoever did it themselves.
//
// It has no time of its own. So the door orders a redelivery of it by when it first came, and not after whatever was told since.
func undoes(eventType string, target event.Target) source.Event {
	return source.Event{Event: event.Event{Type: eventType, Target: target, Retract: true}}
}

// undoesOne takes back one instance.
func undoesOne(eventType string, target event.Target, instance string) source.Event {
	e := undoes(eventType, target)
	e.Instance = instance
	return e
}

// telling is the event for those users, or none if there is no person among them.
func (p *payload) telling(e source.Event, told ...user) []source.Event {
	e.Tell = slices.Clip(e.Tell)
	for _, u := range told {
		if u.known() && !slices.Contains(e.Tell, u.Login) {
			e.Tell = append(e.Tell, u.Login)
			p.named(u)
		}
	}
	if len(e.Tell) == 0 {
		return nil
	}
	return []source.Event{e}
}

// asking tells each of the users of a request of their own.
func (p *payload) asking(e source.Event, users ...user) (events []source.Event) {
	for _, u := range users {
		e.Instance = u.instance()
		same := func(o source.Event) bool { return o.Instance == e.Instance }
		if !slices.ContainsFunc(events, same) {
			events = append(events, p.telling(e, u)...)
		}
	}
	return events
}

// askingTeams tells the members of each team of a request of the team's.
func (p *payload) askingTeams(e source.Event, teams ...team) (events []source.Event) {
	for _, t := range teams {
		if t.Slug == "" {
			continue
		}
		e.Instance, e.Audience = t.instance(), teamOf(p.Repository.Owner.Login, t.Slug)
		same := func(o source.Event) bool { return o.Audience == e.Audience }
		if !slices.ContainsFunc(events, same) {
			events = append(events, e)
		}
	}
	return events
}

// says adds what somebody wrote to an event.
func says(e source.Event, text string) source.Event {
	e.Data["text"] = excerpt(text)
	return e
}
