package inbox

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.dev/shared/event"
)

// How one person is taken out of an item.
//
// An item has the id, the name and the picture of its latest actors, and the names of its members. A query finds all documents that have any of
// these (traces.go). A member without a name is a number and a hash of 64 bits: it stays, so that counts stay right and a redelivery finds its element.

// PartOf is the part in which a person's entries are, of an item that counts actors or events. The item has parts.
func (n *Item) PartOf(uid string) int { return partOf(uint64(PersonOf(uid)), n.PartCount) }

// Forget takes a person's id, name and picture out of the item, and out of the parts that are attached. They stay a member without a name, so all counts
// stay. What they said stays, with "…" where it names them. The item says the rest anew in its recipient's language. That is another revision, and no
// news: nobody is told. What others said stays as it is.
//
// An item with parts needs the one that [Item.PartOf] names, or those that list the person.
func (n *Item) Forget(uid string, say Say) {
	names := n.unname(uid)
	before, title := n.shows(), without(n.Title, names)
	for i := range n.Memory.Voices {
		if v := &n.Memory.Voices[i]; v.Actor.ID == uid {
			v.forget(uid, names)
		}
	}
	n.Actors = slices.DeleteFunc(slices.Clone(n.Actors), func(a Actor) bool { return a.ID == uid || a.ID == "" && slices.Contains(names, a.Name) })
	if n.Target.ID == uid {
		n.Target, n.URL = event.Target{}, ""
	}
	if !n.Visible() {
		return
	}
	n.derive()
	n.rewrite(before, say)
	if n.Title == "" { // the catalogue no longer has the type
		n.Title = title
	}
}

// unname takes the name from the person's entries. It returns all that the item calls them, the longest first.
func (n *Item) unname(uid string) []string {
	names := []string{uid}
	know := func(a event.Actor) {
		if a.ID == uid {
			names = append(names, a.Name, a.ImageURL)
		}
	}
	for _, a := range n.Actors {
		know(a.Actor)
	}
	for i := range n.Memory.Voices {
		know(n.Memory.Voices[i].Actor)
	}
	person := uint64(PersonOf(uid))
	forget := func(m *Members) (changed bool) {
		for i := range m.entries {
			if x := &m.entries[i]; x.name != "" && x.who() == person {
				names, x.name, changed = append(names, x.name), "", true
			}
		}
		return changed
	}
	forget(&n.Members)
	for _, part := range n.Parts {
		part.Changed = forget(&part.Members) || part.Changed
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(names)
}

// forget leaves what was said, and not who said it.
func (v *Voice) forget(uid string, names []string) {
	v.Actor = event.Actor{}
	v.Title, v.Body = without(v.Title, names), without(v.Body, names)
	if data, ok := withoutAny(v.Data.Fields(), names).(map[string]any); ok {
		v.Data = Data{fields: data}
	}
	v.Actions = slices.Clone(v.Actions)
	for i := range v.Actions {
		a := &v.Actions[i]
		a.Label, a.URL = without(a.Label, names), unlessNamed(a.URL, names)
	}
	if v.Target == nil {
		return
	}
	target := *v.Target
	if target.Title, target.URL = without(target.Title, names), unlessNamed(target.URL, names); target.ID == uid {
		target = event.Target{}
	}
	v.Target = &target
}

// Mentions reports whether a text has one of the names, as a word of its own.
func Mentions(text string, names ...string) bool { return without(text, names) != text }

// unlessNamed is the address, unless it has one of the names: without it, it would lead nowhere.
func unlessNamed(address string, names []string) string {
	if Mentions(address, names...) {
		return ""
	}
	return address
}

// without puts "…" in the place of names that are words of their own: of "bob", but not of "bobsled".
func without(text string, names []string) string {
	for _, name := range names {
		for at := 0; name != ""; {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(name)
			before, _ := utf8.DecodeLastRuneInString(text[:from])
			after, _ := utf8.DecodeRuneInString(text[to:])
			if isWord(before) || isWord(after) {
				_, size := utf8.DecodeRuneInString(text[from:])
				at = from + size
				continue
			}
			text, at = text[:from]+"…"+text[to:], from+len("…")
		}
	}
	return text
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// withoutAny does the same in all texts of a value as JSON has it. A name that is the key of an object goes with its value.
func withoutAny(value any, names []string) any {
	switch v := value.(type) {
	case string:
		return without(v, names)
	case []any:
		all := make([]any, len(v))
		for i, x := range v {
			all[i] = withoutAny(x, names)
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for key, x := range v {
			if !Mentions(key, names...) {
				all[key] = withoutAny(x, names)
			}
		}
		return all
	}
	return value
}
