package inbox

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"tidings.dev/shared/event"
)

// The stored form of a memory: a byte that names the form, then its fields in their order. Numbers are varints, hashes are
// eight bytes, texts have their length before them, and data are JSON. It is not JSON as a whole, because every event that groups
// reads it and writes it: as JSON, that took a twentieth of the subscriber's CPU.
const memoryForm = 1

// What a voice has besides its member, its kind, its moment and its texts.
const (
	voiceHasKey = 1 << iota
	voiceHasClock
	voiceHasTarget
	voiceHasActions
	voiceHasData
	voiceHasWebhooks // of its actions
)

// PackMemory gives the memory's stored form. What an item says anyway is left out, so that a lone event needs none.
func (n *Notification) PackMemory() ([]byte, error) {
	if n.tellsAll() {
		return nil, nil
	}
	m := &n.Memory
	b := make([]byte, 0, 64+32*len(m.Kinds)+192*len(m.Voices)+8*len(m.Said))
	b = append(b, memoryForm)
	b = binary.AppendVarint(b, m.UnreadFrom)
	b = binary.AppendUvarint(b, uint64(len(m.Said)))
	for _, id := range m.Said {
		b = binary.BigEndian.AppendUint64(b, id)
	}
	b = binary.AppendUvarint(b, uint64(len(m.Kinds)))
	for _, k := range m.Kinds {
		b = appendTexts(b, k.Type, string(k.Priority), string(k.State))
		b = binary.AppendVarint(b, int64(k.Present))
		b = binary.AppendVarint(b, k.Latest)
	}
	b = binary.AppendUvarint(b, uint64(len(m.Voices)))
	for i := range m.Voices {
		var err error
		if b, err = m.Voices[i].append(b, n); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (v *Voice) append(b []byte, n *Notification) ([]byte, error) {
	var has uint64
	mark := func(bit uint64, is bool) {
		if is {
			has |= bit
		}
	}
	mark(voiceHasKey, v.Key != 0)
	mark(voiceHasClock, v.Moment.Clock != 0)
	mark(voiceHasTarget, v.Target != nil && *v.Target != n.Target)
	mark(voiceHasActions, len(v.Actions) > 0)
	data, err := v.Data.json()
	if err != nil {
		return nil, err
	}
	mark(voiceHasData, data != nil)
	mark(voiceHasWebhooks, slices.ContainsFunc(v.Actions, func(a event.Action) bool { return a.Webhook != "" }))
	b = binary.AppendUvarint(b, has)
	b = binary.BigEndian.AppendUint64(b, v.Owner)
	b = binary.BigEndian.AppendUint64(b, v.Scope)
	b = binary.AppendUvarint(b, uint64(v.Kind))
	b = binary.AppendVarint(b, v.Moment.At)
	b = binary.AppendVarint(b, v.Moment.Accepted-v.Moment.At)
	b = appendTexts(b, unless(v.Category, n.Category), unless(v.Icon, n.Icon), unless(v.Why, n.Why), v.Actor.ID, v.Actor.Name, v.Actor.ImageURL, v.Title, v.Body)
	if has&voiceHasKey != 0 {
		b = binary.BigEndian.AppendUint64(b, v.Key)
	}
	if has&voiceHasClock != 0 {
		b = binary.BigEndian.AppendUint32(b, v.Moment.Clock)
	}
	if has&voiceHasTarget != 0 {
		b = appendTexts(b, v.Target.Type, v.Target.ID, v.Target.Source, v.Target.Title, v.Target.URL)
	}
	if has&voiceHasActions != 0 {
		b = binary.AppendUvarint(b, uint64(len(v.Actions)))
		for _, a := range v.Actions {
			b = appendTexts(b, a.ID, a.Label, a.URL, a.Style)
		}
	}
	if has&voiceHasData != 0 {
		b = binary.AppendUvarint(b, uint64(len(data)))
		b = append(b, data...)
	}
	if has&voiceHasWebhooks != 0 {
		for _, a := range v.Actions {
			b = appendTexts(b, a.Webhook)
		}
	}
	return b, nil
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, s := range texts {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// unless is the text, or nothing where the item says the same.
func unless(s, same string) string {
	if s == same {
		return ""
	}
	return s
}

// UnpackMemory reads the stored form; the item's other fields must be there. What cannot be read is [ErrMembers], and so are members of
// which the memory does not know what they are.
func (n *Notification) UnpackMemory(raw []byte) error {
	n.Memory = Memory{}
	if len(raw) == 0 {
		n.recall()
	} else if err := n.unpackMemory(raw); err != nil {
		return err
	}
	if !n.Knows(&n.Members) {
		return fmt.Errorf("%w: memory: a member is of no kind", ErrMembers)
	}
	return nil
}

// Knows reports whether the item knows the kinds of all members of the set, its own or that of a part. It cannot be changed where it does not.
func (n *Notification) Knows(set *Members) bool {
	return set.each(func(x *entry) bool { return x.takesBack || int(x.kind) < len(n.Memory.Kinds) })
}

func (n *Notification) unpackMemory(raw []byte) error {
	r := reader{b: raw}
	if r.byte() != memoryForm {
		return fmt.Errorf("%w: memory: an unknown form", ErrMembers)
	}
	m := Memory{UnreadFrom: r.varint()}
	for range r.count(8) {
		m.Said = append(m.Said, r.uint64())
	}
	for range r.count(5) {
		m.Kinds = append(m.Kinds, Kind{Type: r.text(), Priority: event.Priority(r.text()), State: event.State(r.text()), Present: int(r.varint()), Latest: r.varint()})
	}
	voices := r.count(28)
	m.Voices = make([]Voice, voices, voices+1) // mostly one comes in
	target := n.Target
	for i := range m.Voices {
		if err := r.voice(&m.Voices[i], n, &target); err != nil {
			return err
		}
		if m.Voices[i].Kind >= len(m.Kinds) {
			return fmt.Errorf("%w: memory: a voice is of no kind", ErrMembers)
		}
	}
	if r.bad || len(r.b) > 0 {
		return fmt.Errorf("%w: memory", ErrMembers)
	}
	n.Memory = m
	return nil
}

// voice reads what a member said. Where it says the same of its target as the item, it shares that with others.
func (r *reader) voice(v *Voice, n *Notification, same *event.Target) error {
	has := r.uvarint()
	v.Owner, v.Scope = r.uint64(), r.uint64()
	v.Kind = int(min(r.uvarint(), math.MaxInt32))
	v.Moment.At = r.varint()
	v.Moment.Accepted = v.Moment.At + r.varint()
	v.Category, v.Icon, v.Why = cmp.Or(r.text(), n.Category), cmp.Or(r.text(), n.Icon), cmp.Or(r.text(), n.Why)
	v.Actor = event.Actor{ID: r.text(), Name: r.text(), ImageURL: r.text()}
	v.Title, v.Body = r.text(), r.text()
	if has&voiceHasKey != 0 {
		v.Key = r.uint64()
	}
	if has&voiceHasClock != 0 {
		v.Moment.Clock = r.uint32()
	}
	v.Target = same
	if has&voiceHasTarget != 0 {
		v.Target = &event.Target{Type: r.text(), ID: r.text(), Source: r.text(), Title: r.text(), URL: r.text()}
	}
	if has&voiceHasActions != 0 {
		for range r.count(4) {
			v.Actions = append(v.Actions, event.Action{ID: r.text(), Label: r.text(), URL: r.text(), Style: r.text()})
		}
	}
	if has&voiceHasData != 0 {
		data := bytes.TrimSpace(r.take(r.count(1)))
		if !json.Valid(data) || data[0] != '{' {
			return fmt.Errorf("%w: memory: data: not a JSON object", ErrMembers)
		}
		v.Data = Data{stored: data}
	}
	if has&voiceHasWebhooks != 0 {
		for i := range v.Actions {
			v.Actions[i].Webhook = r.text()
		}
	}
	return nil
}

// text is a length and as many bytes. All texts are parts of one string.
func (r *reader) text() string {
	n := r.count(1)
	if n == 0 {
		return ""
	}
	if r.texts == "" {
		r.texts = string(r.b)
	}
	at := len(r.texts) - len(r.b)
	r.take(n)
	return r.texts[at : at+n]
}
