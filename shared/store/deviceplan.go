package store

import (
	"cmp"
	"maps"
	"slices"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
)

// devicePlan is what has to be written so that a profile has the right copies. It is computed from what was read, and may be
// computed again.
type devicePlan struct {
	uid    string
	before copies
	keep   map[string]registration // by id: what the profile is to have copies of
	drop   []registration          // this person's, which go
	oust   []registration          // other people's, which go: their target was registered again
}

// planDevices decides between the registrations of one person: one for each target, and [MaxDevices] in all.
func planDevices(uid string, before copies, found []registration) *devicePlan {
	p := &devicePlan{uid: uid, before: before, keep: map[string]registration{}}
	last := map[string]registration{} // by target
	for _, r := range found {
		if r.Value == "" {
			continue
		}
		t := target(r.Device)
		other, twice := last[t]
		switch {
		case twice && other.later(r):
			p.drop = append(p.drop, r)
			continue
		case twice:
			p.drop = append(p.drop, other)
		}
		last[t] = r
	}
	newestFirst := slices.SortedFunc(maps.Values(last), func(a, b registration) int {
		return cmp.Or(b.at.Compare(a.at), b.LastSeenAt.Compare(a.LastSeenAt), cmp.Compare(a.ID, b.ID))
	})
	for i, r := range newestFirst {
		if i >= MaxDevices {
			p.drop = append(p.drop, r)
			continue
		}
		p.keep[r.ID] = r
	}
	return p
}

// changed are the registrations that the profile has no copy of, or an older one, in the order of their ids.
func (p *devicePlan) changed() (changed []registration) {
	for _, id := range slices.Sorted(maps.Keys(p.keep)) {
		if r := p.keep[id]; p.copyOf(id) != r.Device {
			changed = append(changed, r)
		}
	}
	return changed
}

func (p *devicePlan) copyOf(id string) profile.Device {
	return decodeCopy(p.uid, id, p.before.known[id])
}

// settleRivals decides between this person's registrations and other people's, which are given by target.
func (p *devicePlan) settleRivals(rivals map[string]registration) {
	for _, r := range p.changed() {
		rival, ok := rivals[target(r.Device)]
		switch {
		case !ok:
		case rival.later(r):
			delete(p.keep, r.ID)
			p.drop = append(p.drop, r)
		default:
			p.oust = append(p.oust, rival)
		}
	}
}

// writes carries the plan out, if everything is as it was read. The copies of those who lose their target go in the same
// commit, so that a device is never told of two people. The profile comes last: who reads it finds the claims.
func (p *devicePlan) writes(s *Store, claims map[string]claim, copied map[string]fields) (writes []*pb.Write) {
	lost := map[string][]string{} // ids, by profile
	for _, r := range p.oust {
		writes = append(writes, remove(r.name, r.at))
		if name := s.resource("users", r.UID); copied[name][r.ID] != nil {
			lost[name] = append(lost[name], r.ID)
		}
	}
	for name, ids := range lost {
		writes = append(writes, forget(name, ids...))
	}
	for _, r := range p.drop {
		writes = append(writes, remove(r.name, r.at))
	}
	for _, r := range p.changed() {
		t := target(r.Device)
		expire := r.at
		if r.LastSeenAt.After(expire) { // it is pruned by that
			expire = r.LastSeenAt
		}
		writes = append(writes, &pb.Write{
			Operation: &pb.Write_Update{Update: &pb.Document{Name: s.resource("targets", t), Fields: fields{
				"uid": str(p.uid), "device": str(r.ID), "expireAt": moment(expire.Add(keepClaim)),
			}}},
			CurrentDocument: unchanged(claims[t].read),
		})
	}
	if after := p.after(); after != nil {
		writes = append(writes, p.before.replace(after))
	}
	return writes
}

// after is the copies as they should be, nil where they are.
func (p *devicePlan) after() fields {
	after, same := fields{}, len(p.keep) == len(p.before.known)
	for id, r := range p.keep {
		after[id] = encodeDevice(r.Device)
		same = same && p.before.known[id] != nil && p.copyOf(id) == r.Device
	}
	if same {
		return nil
	}
	return after
}
