// Package catalog knows every type of event: how important it is, how it groups, and what it says in each language.
//
// The types are in types.yaml, which is embedded and checked when the catalogue is loaded: a type that could not be
// delivered or spoken is a start-up error that names the line, never a surprise at run time. Plural forms follow CLDR,
// by go-i18n.
package catalog

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

//go:embed types.yaml
var embedded []byte

// Catalog is the checked catalogue. It is immutable and safe for concurrent use.
type Catalog struct {
	types      map[string]entry
	categories map[string][]Category // by locale, in the file's order
	bundle     *i18n.Bundle
	matcher    language.Matcher
	voices     []*voice // in the order of the locales; the first is the default
}

// entry is a type with what the checks need to know of its words.
type entry struct {
	event.Type
	actions    []actionDef
	needsTitle bool // it has no sentence of its own
	needsActor bool // its sentence names the actors
}

// The file as it is written.
type (
	file struct {
		Locales    []string             `yaml:"locales"`
		Categories []categoryDef        `yaml:"categories"`
		People     map[string]peopleDef `yaml:"people"`
		CatchUp    map[string]sentence  `yaml:"catchUp"`
		Mail       map[string]mailDef   `yaml:"mail"`
		Types      map[string]typeDef   `yaml:"types"`
	}
	peopleDef struct {
		None    string   `yaml:"none"`
		Two     string   `yaml:"two"`
		More    sentence `yaml:"more"`
		Unnamed sentence `yaml:"unnamed"`
	}
	typeDef struct {
		Category     string             `yaml:"category"`
		Priority     event.Priority     `yaml:"priority"`
		Icon         string             `yaml:"icon"`
		Channels     []event.Channel    `yaml:"channels"`
		Mutable      *bool              `yaml:"mutable"`
		PushInterval time.Duration      `yaml:"pushInterval"`
		MailAfter    time.Duration      `yaml:"mailAfter"`
		Group        *groupDef          `yaml:"group"`
		State        event.State        `yaml:"state"`
		Actions      []actionDef        `yaml:"actions"`
		Text         map[string]textDef `yaml:"text"`
	}
	groupDef struct {
		Key    string        `yaml:"key"`
		By     event.GroupBy `yaml:"by"`
		Window time.Duration `yaml:"window"`
		Counts event.Counts  `yaml:"counts"`
	}
	actionDef struct {
		ID      string            `yaml:"id"`
		Style   string            `yaml:"style"`
		URL     string            `yaml:"url"`
		Webhook string            `yaml:"webhook"`
		Label   map[string]string `yaml:"label"`
	}
	textDef struct {
		Title  sentence `yaml:"title"`
		Body   sentence `yaml:"body"`
		Target string   `yaml:"target"`
	}
	// sentence is one string, or one per CLDR plural form.
	sentence map[string]string
)

// UnmarshalYAML takes a plain string as the form "other", which every number falls back to.
func (s *sentence) UnmarshalYAML(unmarshal func(any) error) error {
	var plain string
	if unmarshal(&plain) == nil {
		*s = sentence{"other": plain}
		return nil
	}
	var forms map[string]string
	if err := unmarshal(&forms); err != nil {
		return err
	}
	*s = forms
	return nil
}

// Defaults of a type that does not say otherwise.
const defaultPushInterval = time.Minute

// New loads the embedded catalogue. An error is a mistake in types.yaml.
func New() (*Catalog, error) { return Parse(embedded) }

// Parse loads a catalogue from YAML, or returns all that is wrong with it.
func Parse(raw []byte) (*Catalog, error) {
	f, err := read(raw)
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	c := &Catalog{types: map[string]entry{}}
	for name, d := range f.Types {
		c.types[name] = entry{
			Type:       d.domain(name),
			actions:    d.Actions,
			needsTitle: len(d.Text) == 0,
			needsActor: usesActors(d.Text[f.Locales[0]]),
		}
	}
	c.speak(f)
	c.sort(f)
	return c, nil
}

// read reads the file. The library panics over some text that is no YAML.
func read(raw []byte) (f file, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the text is no YAML, or of a form that the parser cannot say what is wrong with; undo what was changed last")
		}
	}()
	err = yaml.UnmarshalWithOptions(raw, &f, yaml.Strict())
	return f, err
}

// domain is the type as the rest of the system knows it, with the defaults filled in.
func (d typeDef) domain(name string) event.Type {
	t := event.Type{
		Name: name, Category: d.Category, Priority: d.Priority, Icon: d.Icon,
		Channels: d.Channels, State: d.State, Mutable: d.Mutable == nil || *d.Mutable, PushInterval: d.PushInterval, MailAfter: d.MailAfter,
	}
	if t.PushInterval == 0 {
		t.PushInterval = defaultPushInterval
	}
	if t.Channels == nil {
		t.Channels = []event.Channel{event.InApp}
		if d.Priority.Rank() >= event.High.Rank() {
			t.Channels = append(t.Channels, event.Push)
		}
	}
	if g := d.Group; g != nil {
		t.Group = &event.Group{Key: g.Key, By: g.By, Window: g.Window, Counts: g.Counts}
		if g.Key == "" {
			t.Group.Key = name
		}
	}
	return t
}

// Type is the type of that name.
func (c *Catalog) Type(name string) (event.Type, bool) {
	e, ok := c.types[name]
	return e.Type, ok
}

// Names lists all types in alphabetical order.
func (c *Catalog) Names() []string { return slices.Sorted(maps.Keys(c.types)) }

// Webhooks are the endpoints that actions of types name, with the types of each.
func (c *Catalog) Webhooks() map[string][]string {
	all := map[string][]string{}
	for _, name := range c.Names() {
		for _, a := range c.types[name].actions {
			if a.Webhook != "" && !slices.Contains(all[a.Webhook], name) {
				all[a.Webhook] = append(all[a.Webhook], name)
			}
		}
	}
	return all
}

// Check returns what the event lacks that its type asks for, or nil.
func (c *Catalog) Check(e *event.Event) event.FieldErrors {
	var f event.FieldErrors
	t, ok := c.types[e.Type]
	if !ok {
		if e.Type != "" { // its absence is told by Validate
			f.Add("type", "%.60q is not in the catalogue; did you mean %q?", e.Type, event.Nearest(e.Type, maps.Keys(c.types)))
		}
		return f
	}
	if e.Type == inbox.OverflowType {
		f.Add("type", "%s is made by Tidings itself, where somebody gets too many items; post what happened", e.Type)
	}
	if len(e.Recipients) == 0 && e.Audience == "" && !t.ToWhoeverWasTold(e) {
		f.Add("recipients", "nobody is named; list at least one uid, or name an audience")
	}
	if e.ToEverybody() && t.Group != nil {
		f.Add("type", "%s groups, and an announcement to everybody stands alone; post another type, or to an audience with members", e.Type)
	}
	if e.ToEverybody() && len(c.types[e.Type].actions) > 0 {
		f.Add("type", "%s asks for an answer, and nobody can answer for everybody; post another type, or to an audience with members", e.Type)
	}
	byTarget := t.Group != nil && t.Group.By == event.ByTarget && e.GroupKey == ""
	if byTarget && e.Target.ID == "" {
		f.Add("target", "is missing; %s groups by what it happened to: {\"type\": …, \"id\": …}", e.Type)
	}
	countsActors := t.Group != nil && t.Group.Counts == event.CountActors
	if (countsActors || t.needsActor && e.Title == "" && !e.Retract || e.Retract && t.Group == nil) && e.Actor.ID == "" {
		f.Add("actor", "is missing; %s tells who did it: {\"id\": …, \"name\": …}", e.Type)
	}
	if t.needsTitle && e.Title == "" && !e.Retract {
		f.Add("title", "is missing; %s has no sentence of its own", e.Type)
	}
	if e.Retract && t.Group == nil && e.Target.ID == "" {
		f.Add("target", "is missing; a retraction names what the event to take back had happened to")
	}
	return f
}
