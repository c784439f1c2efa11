package fact

import "slices"

// What people do is of an item, and not of an event: an item that is seen in its fifth state shows all that it was told of until then. So a
// deed belongs to each fact of the same person and item whose revision is not above the deed's. It is counted where the person was told,
// and so a rate compares a number with its own part: of what was shown on Monday, this much was seen, on whichever day. However often a deed is
// told, and in how many states of the item, it counts once.

// isDeed reports whether the stage is what a person or a device does with an item.
func (s Stage) isDeed() bool {
	return s == Displayed || s == Seen || s == Opened || s == Acted || s == Dismissed
}

// isOfItem reports whether the deed is one about the item, wherever the person was told of it: whoever was told by a push sees it in the
// app. The others are of their own channel.
func (s Stage) isOfItem() bool { return s == Seen || s == Opened || s == Acted }

// muteTime is how soon after being told people must be found to have switched the type off, for it to count.
const muteTime Micros = 7 * 24 * 60 * 60 * 1_000_000

// itemOf and kindOf are what facts are looked up by.
type (
	itemOf struct{ person, item string }
	kindOf struct {
		person, kind string
		channel      Channel
	}
)

// deeds are facts by what they are looked up by.
type deeds struct {
	done map[itemOf][]Fact // deeds, the earliest first
	told map[itemOf][]Fact // what channels told
	off  map[kindOf][]Fact // what was held because the person does not want it
}

func deedsOf(once []Fact) deeds {
	d := deeds{done: map[itemOf][]Fact{}, told: map[itemOf][]Fact{}, off: map[kindOf][]Fact{}}
	for _, f := range once {
		if f.Person == "" {
			continue
		}
		if f.Stage == Held && (f.Reason == "preference" || f.Reason == "mute") {
			k := kindOf{f.Person, f.Type, f.Channel}
			d.off[k] = append(d.off[k], f)
		}
		switch item := (itemOf{f.Person, f.Item}); {
		case f.Item == "":
		case f.Stage.isDeed():
			d.done[item] = append(d.done[item], f)
		case f.Stage.tells():
			d.told[item] = append(d.told[item], f)
		}
	}
	for _, done := range d.done {
		slices.SortFunc(done, compare)
	}
	return d
}

// first is when the person first did that with what the fact is of.
func (d deeds) first(of Fact, stage Stage) (at Micros, ok bool) {
	for _, f := range d.done[itemOf{of.Person, of.Item}] {
		if f.Stage == stage && f.Revision >= of.Revision && (f.Channel == of.Channel || stage.isOfItem()) {
			return f.HappenedAt, true
		}
	}
	return 0, false
}

// toldLater reports whether the channel told later what it has held.
func (d deeds) toldLater(held Fact) bool {
	return slices.ContainsFunc(d.told[itemOf{held.Person, held.Item}], func(f Fact) bool {
		return f.Channel == held.Channel && f.Revision >= held.Revision && f.HappenedAt > held.HappenedAt
	})
}

// mutedAfter reports whether the person has switched off what they were told: within a week something of the type was held on the channel by
// a preference, or of this very item by a mute. A mute of another target may be older than what was told.
func (d deeds) mutedAfter(told Fact) bool {
	return slices.ContainsFunc(d.off[kindOf{told.Person, told.Type, told.Channel}], func(f Fact) bool {
		return f.HappenedAt > told.HappenedAt && f.HappenedAt <= told.HappenedAt+muteTime &&
			(f.Reason == "preference" || f.Item == told.Item && told.Item != "")
	})
}

// countDeeds counts what came of something that was told, and how long that took. Two clocks may disagree, so a time is never below 0.
func (r *Row) countDeeds(told Fact, d deeds, took *times) {
	for _, c := range []struct {
		stage Stage
		n     *int64
		took  *[]int64
	}{
		{Displayed, &r.Displayed, nil}, {Seen, &r.Seen, &took.seen}, {Opened, &r.Opened, nil}, {Acted, &r.Acted, &took.acted}, {Dismissed, &r.Dismissed, nil},
	} {
		at, ok := d.first(told, c.stage)
		if !ok {
			continue
		}
		*c.n++
		if c.took != nil {
			*c.took = append(*c.took, int64(max(at-told.HappenedAt, 0)))
		}
	}
	if d.mutedAfter(told) {
		r.MutedAfter++
	}
}
