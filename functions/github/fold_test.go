package github_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"tidings.dev/functions/github"
	"tidings.dev/functions/github/githubtest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// inboxes are people's inboxes as far as they hold states, by the rules of the engine (shared/inbox) in their plainest form: each instance of an
// item has the state that was said last, an id that the item has seen is a repetition, and what is taken back is taken back from whoever was
// told. It is a second statement of these rules on purpose.
type inboxes struct {
	catalog *catalog.Catalog
	uids    map[string]string          // by login or account
	members map[string]map[string]bool // of audiences: uids
	items   map[string]map[place]*item // by uid
	entered map[string]int             // the door's ledger: when an id without a time was accepted first
	now     int
	lost    func(source.Event) bool // test: events that do not arrive
}

// place is what an item is about.
type place struct{ group, kind, target string }

type item struct {
	states map[string]state // by instance
	said   []string         // the latest 16 ids
}

type state struct {
	eventType string
	accepted  int
}

func newInboxes(t *testing.T) *inboxes {
	t.Helper()
	c, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	return &inboxes{catalog: c, uids: map[string]string{}, members: map[string]map[string]bool{}, items: map[string]map[place]*item{}, entered: map[string]int{}}
}

// post handles a delivery.
func (b *inboxes) post(t *testing.T, name, body string) []source.Event {
	t.Helper()
	mapped, err := (&github.Source{}).Map(header(name), []byte(body))
	if err != nil {
		t.Fatalf("%s %s: %v", name, body, err)
	}
	for _, e := range mapped.Events {
		if b.now++; b.lost == nil || !b.lost(e) {
			b.accept(e, mapped.Accounts)
		}
	}
	return mapped.Events
}

func (b *inboxes) accept(e source.Event, accounts map[string]string) {
	kind, _ := b.catalog.Type(e.Type)
	if kind.Group == nil || kind.Group.Counts != event.CountStates {
		return
	}
	at := b.now
	if e.Time.IsZero() {
		if b.entered[e.ID] == 0 {
			b.entered[e.ID] = at
		}
		at = b.entered[e.ID]
	}
	where := place{kind.Group.Key, e.Target.Type, e.Target.ID}
	if e.Retract {
		for _, items := range b.items {
			if it := items[where]; it != nil && it.says(e.ID) {
				it.takeBack(e.Event, at)
			}
		}
		return
	}
	for _, uid := range b.told(e, accounts) {
		if b.items[uid] == nil {
			b.items[uid] = map[place]*item{}
		}
		if b.items[uid][where] == nil {
			b.items[uid][where] = &item{states: map[string]state{}}
		}
		if it := b.items[uid][where]; it.says(e.ID) {
			it.states[e.Instance] = state{e.Type, at}
		}
	}
}

// told are those whom an event goes to, but for whoever did it.
func (b *inboxes) told(e source.Event, accounts map[string]string) (uids []string) {
	who := func(login string) string {
		login = strings.ToLower(login)
		return cmp.Or(b.uids[accounts[login]], b.uids[login])
	}
	for _, login := range e.Tell {
		uids = append(uids, who(login))
	}
	for uid := range b.members[e.Audience] {
		uids = append(uids, uid)
	}
	return slices.DeleteFunc(uids, func(uid string) bool { return uid == "" || uid == who(e.By) })
}

// says reports whether the id is new to the item.
func (it *item) says(id string) bool {
	if slices.Contains(it.said, id) {
		return false
	}
	it.said = append(it.said, id)
	it.said = it.said[max(0, len(it.said)-16):]
	return true
}

func (it *item) takeBack(e event.Event, at int) {
	for instance, s := range it.states {
		if s.accepted <= at && (e.Instance == instance || e.Instance == "" && !slices.Contains(e.Except, instance)) {
			delete(it.states, instance)
		}
	}
}

// leads is the type that speaks for the item, "" if nothing is there: what is open first, then what was said last.
func (b *inboxes) leads(it *item) (eventType string) {
	best, last := -1, 0
	for _, s := range it.states {
		kind, _ := b.catalog.Type(s.eventType)
		rank := slices.Index([]event.State{event.Over, event.Neutral, event.Open}, kind.State)
		if rank > best || rank == best && s.accepted > last {
			best, last, eventType = rank, s.accepted, s.eventType
		}
	}
	return eventType
}

// held lists what a person is asked for.
func (b *inboxes) held(uid string) (all []githubtest.Request) {
	for where, it := range b.items[uid] {
		if asks := githubtest.Asks(b.leads(it)); asks != "" {
			all = append(all, githubtest.Request{Asks: asks, Target: where.target})
		}
	}
	slices.SortFunc(all, githubtest.Request.Compare)
	return all
}

// shows lists what leads a person's items, as "type of target".
func (b *inboxes) shows(uid string) (all []string) {
	for where, it := range b.items[uid] {
		if eventType := b.leads(it); eventType != "" {
			all = append(all, eventType+" of "+where.target)
		}
	}
	slices.Sort(all)
	return all
}
