package notify

import (
	"slices"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/inbox"
)

// errand is an errand with the jobs that it is for.
type errand struct {
	courier.Errand
	jobs []groupcommit.Job
}

// add puts the errand among all, as a part of another one where it goes together with that.
func add(all []errand, e errand) []errand {
	into := together(all, e)
	if into == nil {
		return append(all, e)
	}
	into.With, into.jobs = append(into.With, e.Effect.Item), append(into.jobs, e.jobs...)
	return all
}

// together finds the errand of which e becomes a part, if there is one: all that was held back for a person while they were away, wanted
// no disturbance, or had had their pushes of the hour, comes out as one push. Where some devices were not reached, the push that is repeated for them is again one.
func together(all []errand, e errand) *errand {
	for i := len(all) - 1; i >= 0 && all[i].UID == e.UID && wasAway(e.Effect); i-- { // a person's jobs follow each other
		if all[i].Effect.Kind == e.Effect.Kind && wasAway(all[i].Effect) {
			return &all[i]
		}
	}
	return nil
}

// wasAway reports whether the push was held back for the person's sake until it was decided; of one that is repeated this is not known
// any more, and taken to be so.
func wasAway(e inbox.Effect) bool {
	return e.Kind == inbox.Show && e.Held.Away() || e.Kind == inbox.Repeat
}

// owes notes what is owed to a person's devices. A message that is repeated for a device repeats all of it, so of several such the
// longest wait counts.
func (o *outcome) owes(uid string, owed []courier.Owed) {
	for _, more := range owed {
		i := slices.IndexFunc(o.owed[uid], func(before courier.Owed) bool {
			return slices.ContainsFunc(before.Devices, func(id string) bool { return slices.Contains(more.Devices, id) })
		})
		if i < 0 {
			o.owed[uid] = append(o.owed[uid], more)
			continue
		}
		before := &o.owed[uid][i]
		before.Wait, before.Tries = max(before.Wait, more.Wait), max(before.Tries, more.Tries)
		for _, id := range more.Devices {
			if !slices.Contains(before.Devices, id) {
				before.Devices = append(before.Devices, id)
			}
		}
	}
}
