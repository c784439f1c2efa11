package inbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"tidings.dev/shared/event"
)

// Memory is what an item needs of its members besides who they are: what each kind of them is, and what the latest of them
// said. So when one leaves, the item can say what those say who stay.
type Memory struct {
	Kinds      []Kind
	Voices     []Voice  // at most maxVoices, in no order
	Said       []uint64 // states: the latest ids, by hash: the same again is a repetition, however late
	UnreadFrom int64    // microseconds: what was accepted before has been read; 0: nothing has
}

const (
	maxVoices = 4  // one more than an item names actors
	maxSaid   = 16 // ids
)

// Kind is what members have in common: their type and what follows from it.
type Kind struct {
	Type     string
	Priority event.Priority
	State    event.State
	Present  int   // entries
	Latest   int64 // microseconds: when the latest of those present was accepted
}

// Voice is what one member said.
type Voice struct {
	Owner  uint64
	Scope  uint64
	Key    uint64 // 0 is the scope
	Moment Moment
	Kind   int

	Category string
	Icon     string
	Why      string
	Actor    event.Actor
	Target   *event.Target
	Title    string
	Body     string
	Actions  []event.Action
	Data     Data
}

// Data are a member's data. What was stored is read when the member speaks, which few do.
type Data struct {
	fields map[string]any
	stored []byte // JSON, a valid object; nil where the fields are known
}

// Fields gives them.
func (d Data) Fields() map[string]any {
	if d.stored == nil {
		return d.fields
	}
	decoder := json.NewDecoder(bytes.NewReader(d.stored))
	decoder.UseNumber() // numbers keep their digits
	var fields map[string]any
	_ = decoder.Decode(&fields) // it is valid
	return fields
}

// json gives their stored form; nil is none.
func (d Data) json() ([]byte, error) {
	if d.stored != nil || len(d.fields) == 0 {
		return d.stored, nil
	}
	return json.Marshal(d.fields)
}

func (v *Voice) element() Element {
	e := Element{owner: v.Owner, scope: v.Scope, key: v.Key}
	if e.key == 0 {
		e.key = e.scope
	}
	return e
}

// kind is the index of the kind among the item's, which gets it if it has none such.
func (m *Memory) kind(t *event.Type, priority event.Priority) int {
	i := slices.IndexFunc(m.Kinds, func(k Kind) bool { return k.Type == t.Name && k.Priority == priority && k.State == t.State })
	if i < 0 {
		i = len(m.Kinds)
		m.Kinds = append(m.Kinds, Kind{Type: t.Name, Priority: priority, State: t.State})
	}
	return i
}

// forgets removes the voices of members that are gone.
func (m *Memory) forgets(gone []entry) {
	if len(gone) == 0 {
		return
	}
	m.Voices = slices.DeleteFunc(slices.Clone(m.Voices), func(v Voice) bool {
		return slices.ContainsFunc(gone, func(x entry) bool { return x.Element == v.element() && x.when.Clock == v.Moment.Clock })
	})
}

// hears adds what a member says, in the place of what the same member said before. It returns the voices for which there is no room any more.
func (m *Memory) hears(v Voice) (dropped []Voice) {
	m.Voices = slices.DeleteFunc(m.Voices, func(o Voice) bool { return o.element() == v.element() })
	m.Voices = append(m.Voices, v)
	for len(m.Voices) > maxVoices {
		i := m.least()
		dropped = append(dropped, m.Voices[i])
		m.Voices = slices.Delete(m.Voices, i, i+1)
	}
	return dropped
}

// least is the voice that is missed least: of the state that speaks last, the oldest.
func (m *Memory) least() int {
	order := m.all()
	for len(order) > 1 {
		i := m.lead(order)
		order = slices.DeleteFunc(order, func(o int) bool { return o == i })
	}
	return order[0]
}

// all are the places of all voices.
func (m *Memory) all() []int {
	places := make([]int, len(m.Voices))
	for i := range places {
		places[i] = i
	}
	return places
}

// lead is the place of the voice that speaks for those at the given places: of the state that speaks first, the newest. It is -1 where there is none.
func (m *Memory) lead(places []int) int {
	first := -1
	for _, i := range places {
		first = max(first, m.precedence(i))
	}
	of := make([]int, 0, len(places))
	for _, i := range places {
		if m.precedence(i) == first {
			of = append(of, i)
		}
	}
	i := newest(len(of), func(i int) Moment { return m.Voices[of[i]].Moment })
	if i < 0 {
		return -1
	}
	return of[i]
}

// precedence is that of the voice's state.
func (m *Memory) precedence(voice int) int { return precedence(m.Kinds[m.Voices[voice].Kind].State) }

// precedence orders states: what is open speaks before what is neutral, and that before what is over.
func precedence(s event.State) int {
	return slices.Index([]event.State{event.Over, event.Neutral, event.Open}, s)
}

// says reports whether an id was said before, and remembers it.
func (m *Memory) says(id uint64) (before bool) {
	if slices.Contains(m.Said, id) {
		return true
	}
	m.Said = append(slices.Clone(m.Said), id)
	m.Said = m.Said[max(0, len(m.Said)-maxSaid):]
	return false
}

// tellsAll reports whether the memory follows from the rest of the item: one member, of a type that tells no state.
func (n *Notification) tellsAll() bool {
	m := &n.Memory
	if len(m.Kinds) == 0 && len(m.Said) == 0 && m.UnreadFrom == 0 {
		return true
	}
	return len(m.Kinds) == 1 && len(m.Voices) == 1 && len(m.Said) == 0 && m.UnreadFrom == 0 && n.PartCount == 0 && n.EventCount == 1 &&
		m.Kinds[0].State == event.Neutral && m.Kinds[0].Type == n.Type && m.Kinds[0].Priority == n.Priority && m.Kinds[0].Present == 1
}

// recall makes the memory of an item with one member from what the item says.
func (n *Notification) recall() {
	for _, x := range n.Members.entries {
		if x.takesBack || x.kind != 0 {
			continue
		}
		v := Voice{
			Owner: x.owner, Scope: x.scope, Key: x.key, Moment: x.when,
			Category: n.Category, Icon: n.Icon, Why: n.Why, Data: Data{fields: n.Data},
		}
		if len(n.Actors) > 0 {
			v.Actor = n.Actors[0].Actor
		}
		if n.Own.Title {
			v.Title = n.Title
		}
		if n.Own.Body {
			v.Body = n.Body
		}
		if n.Own.Actions {
			v.Actions = n.Actions
		}
		target := n.Target
		v.Target = &target
		n.Memory = Memory{Kinds: []Kind{{Type: n.Type, Priority: n.Priority, Present: 1, Latest: x.when.Accepted}}, Voices: []Voice{v}}
		return
	}
}

func microTime(micro int64) time.Time { return time.UnixMicro(micro).UTC() }
