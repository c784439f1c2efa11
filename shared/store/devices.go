package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/profile"
)

// MaxDevices is how many devices of one person are pushed to. The next one takes the place of the one that was not seen for
// the longest time.
const MaxDevices = 100

// claim says which registration a push target belongs to: targets/{hash}. One installation is one registration, so that a
// device which is signed in twice, or whose user has changed, is told once, and of its present user only.
type claim struct {
	UID      string    `firestore:"uid"`
	Device   string    `firestore:"device"`
	ExpireAt time.Time `firestore:"expireAt"` // nobody needs it any more: its registration has been pruned
}

// keepClaim is how long after its device was last seen a claim may be removed.
const keepClaim = 2 * profile.Stale

func (s *Store) target(d profile.Device) *firestore.DocumentRef {
	sum := sha256.Sum256([]byte(d.Kind + "\x00" + d.Value))
	return s.client.Collection("targets").Doc(hex.EncodeToString(sum[:]))
}

func (s *Store) user(uid string) *firestore.DocumentRef { return s.client.Collection("users").Doc(uid) }

// MirrorDevice brings the copy of a device in its owner's profile in line with the device's own document: written, replaced
// or gone. It may be called at any time, any number of times. Devices beyond [MaxDevices] are deleted, the stalest first.
// Another registration of the same push target, by this person or another one, is deleted: the one seen last stays.
func (s *Store) MirrorDevice(ctx context.Context, uid, id string) error {
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		return s.mirrorDevice(tx, uid, id)
	})
	if err := sentinel(err); err != nil {
		return fmt.Errorf("store: mirror device %s of %s: %w", id, uid, err)
	}
	return nil
}

func (s *Store) mirrorDevice(tx *firestore.Transaction, uid, id string) error {
	user, ref := s.user(uid), s.user(uid).Collection("devices").Doc(id)
	docs, err := tx.GetAll([]*firestore.DocumentRef{user, ref})
	if err != nil {
		return err
	}
	known, err := devicesIn(docs[0])
	if err != nil {
		return err
	}
	change := map[string]any{}
	d, registered := deviceIn(docs[1])
	if registered && known[id] == d {
		return nil
	}
	if registered { // all reads of a transaction come before its writes
		rival, err := s.rival(tx, uid, id, d)
		if err != nil {
			return err
		}
		switch {
		case rival != nil && rival.device.LastSeenAt.After(d.LastSeenAt):
			registered = false
			if err := tx.Delete(ref); err != nil {
				return err
			}
		case rival != nil && rival.user.ID == uid:
			delete(known, rival.ref.ID)
			change[rival.ref.ID] = firestore.Delete
			fallthrough
		case rival != nil:
			if err := rival.remove(tx, uid); err != nil {
				return err
			}
		}
	}
	if registered {
		known[id], change[id] = d, d
		if err := tx.Set(s.target(d), claim{UID: uid, Device: id, ExpireAt: d.LastSeenAt.Add(keepClaim)}); err != nil {
			return err
		}
	} else if _, ok := known[id]; ok {
		delete(known, id)
		change[id] = firestore.Delete
	}
	for len(known) > MaxDevices {
		stalest := stalestOf(known)
		delete(known, stalest)
		change[stalest] = firestore.Delete
		if err := tx.Delete(user.Collection("devices").Doc(stalest)); err != nil {
			return err
		}
	}
	if len(change) == 0 {
		return nil
	}
	return tx.Set(user, map[string]any{"devices": change}, firestore.MergeAll)
}

// devicesIn are the copies in a profile, which may be missing.
func devicesIn(doc *firestore.DocumentSnapshot) (map[string]profile.Device, error) {
	var known struct {
		Devices map[string]profile.Device `firestore:"devices"`
	}
	if doc.Exists() {
		if err := doc.DataTo(&known); err != nil {
			return nil, err
		}
	}
	if known.Devices == nil {
		known.Devices = map[string]profile.Device{}
	}
	return known.Devices, nil
}

// deviceIn is the device in its own document, if there is one that can be pushed to.
func deviceIn(doc *firestore.DocumentSnapshot) (d profile.Device, ok bool) {
	return d, doc.Exists() && doc.DataTo(&d) == nil && d.Value != ""
}

// rival is another registration of a push target.
type rival struct {
	user, ref *firestore.DocumentRef
	device    profile.Device // as its document says, which may be newer than its owner's copy
	copied    bool           // its owner's profile has it
}

// rival finds the other registration that holds the target of d, or nil.
func (s *Store) rival(tx *firestore.Transaction, uid, id string, d profile.Device) (*rival, error) {
	docs, err := tx.GetAll([]*firestore.DocumentRef{s.target(d)})
	if err != nil || !docs[0].Exists() {
		return nil, err
	}
	var c claim
	if err := docs[0].DataTo(&c); err != nil || c.UID == uid && c.Device == id {
		return nil, err
	}
	r := &rival{user: s.user(c.UID), ref: s.user(c.UID).Collection("devices").Doc(c.Device)}
	if docs, err = tx.GetAll([]*firestore.DocumentRef{r.user, r.ref}); err != nil {
		return nil, err
	}
	known, err := devicesIn(docs[0])
	if err != nil {
		return nil, err
	}
	_, r.copied = known[c.Device]
	var ok bool
	if r.device, ok = deviceIn(docs[1]); !ok || r.device.Kind != d.Kind || r.device.Value != d.Value {
		return nil, nil // it has another target by now, or none
	}
	return r, nil
}

// remove deletes the registration, and its copy if that is in the profile of somebody else than uid.
func (r *rival) remove(tx *firestore.Transaction, uid string) error {
	if err := tx.Delete(r.ref); err != nil {
		return err
	}
	if r.user.ID == uid || !r.copied {
		return nil
	}
	return tx.Update(r.user, []firestore.Update{{FieldPath: firestore.FieldPath{"devices", r.ref.ID}, Value: firestore.Delete}})
}

// PruneDevices deletes the devices that have not been seen for [profile.Stale], and returns how many. One that says in the
// meantime that it is there stays. The copies go as after any other deletion.
func (s *Store) PruneDevices(ctx context.Context, now time.Time) (pruned int, err error) {
	query := s.client.CollectionGroup("devices").Where("lastSeenAt", "<=", now.Add(-profile.Stale)).OrderBy("lastSeenAt", firestore.Asc).Select("lastSeenAt").Limit(MaxBatch)
	for page := query; ; {
		docs, err := page.Documents(ctx).GetAll()
		if err != nil {
			return pruned, fmt.Errorf("store: stale devices: %w", sentinel(err))
		}
		bulk := s.client.BulkWriter(ctx)
		var jobs []*firestore.BulkWriterJob
		for _, doc := range docs {
			job, err := bulk.Delete(doc.Ref, firestore.LastUpdateTime(doc.UpdateTime))
			if err != nil {
				return pruned, fmt.Errorf("store: prune devices: %w", err)
			}
			jobs = append(jobs, job)
		}
		bulk.End()
		for _, job := range jobs {
			if _, err := job.Results(); err == nil {
				pruned++
			}
		}
		if len(docs) < MaxBatch {
			return pruned, nil
		}
		page = query.StartAfter(docs[len(docs)-1])
	}
}

func stalestOf(devices map[string]profile.Device) (id string) {
	for other, d := range devices {
		if id == "" || d.LastSeenAt.Before(devices[id].LastSeenAt) {
			id = other
		}
	}
	return id
}

// RemoveDevice forgets an installation that can no longer be reached, if it still holds that address: one that has
// registered anew in the meantime stays.
func (s *Store) RemoveDevice(ctx context.Context, d profile.Device) error {
	user := s.user(d.UID)
	ref := user.Collection("devices").Doc(d.ID)
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		docs, err := tx.GetAll([]*firestore.DocumentRef{ref})
		if err != nil {
			return err
		}
		if docs[0].Exists() {
			if value, _ := docs[0].DataAt("value"); value != d.Value {
				return nil
			}
			if err := tx.Delete(ref); err != nil {
				return err
			}
		}
		return tx.Update(user, []firestore.Update{{FieldPath: firestore.FieldPath{"devices", d.ID}, Value: firestore.Delete}})
	})
	if err := sentinel(err); err != nil && !errors.Is(err, ErrNotFound) { // the person is gone as well
		return fmt.Errorf("store: remove device %s of %s: %w", d.ID, d.UID, err)
	}
	return nil
}

// decodeDevices reads the copies in a profile, the device seen last first.
func decodeDevices(uid string, copies fields) []profile.Device {
	devices := make([]profile.Device, 0, len(copies))
	for id, v := range copies {
		d := inside(v)
		devices = append(devices, profile.Device{
			UID: uid, ID: id, Kind: d["kind"].GetStringValue(), Value: d["value"].GetStringValue(),
			Platform: d["platform"].GetStringValue(), Locale: d["locale"].GetStringValue(),
			LastSeenAt: d["lastSeenAt"].GetTimestampValue().AsTime(),
		})
	}
	slices.SortFunc(devices, func(a, b profile.Device) int { return b.LastSeenAt.Compare(a.LastSeenAt) })
	return devices
}
