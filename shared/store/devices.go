package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/profile"
)

// MaxDevices is how many devices of one person are pushed to. The next one takes the place of the one that was not seen for
// the longest time.
const MaxDevices = 100

// MirrorDevice brings the copy of a device in its owner's profile in line with the device's own document: written, replaced
// or gone. It may be called at any time, any number of times. Devices beyond [MaxDevices] are deleted, the stalest first.
func (s *Store) MirrorDevice(ctx context.Context, uid, id string) error {
	user := s.client.Collection("users").Doc(uid)
	devices := user.Collection("devices")
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		docs, err := tx.GetAll([]*firestore.DocumentRef{user, devices.Doc(id)})
		if err != nil {
			return err
		}
		owner, device := docs[0], docs[1]
		var known struct {
			Devices map[string]profile.Device `firestore:"devices"`
		}
		if owner.Exists() {
			if err := owner.DataTo(&known); err != nil {
				return err
			}
		}
		change := map[string]any{}
		var d profile.Device
		if device.Exists() && device.DataTo(&d) == nil && d.Value != "" {
			if known.Devices == nil {
				known.Devices = map[string]profile.Device{}
			}
			if known.Devices[id] != d {
				known.Devices[id], change[id] = d, d
			}
		} else if _, ok := known.Devices[id]; ok {
			delete(known.Devices, id)
			change[id] = firestore.Delete
		}
		for len(known.Devices) > MaxDevices {
			stalest := stalestOf(known.Devices)
			delete(known.Devices, stalest)
			change[stalest] = firestore.Delete
			if err := tx.Delete(devices.Doc(stalest)); err != nil {
				return err
			}
		}
		if len(change) == 0 {
			return nil
		}
		return tx.Set(user, map[string]any{"devices": change}, firestore.MergeAll)
	})
	if err := sentinel(err); err != nil {
		return fmt.Errorf("store: mirror device %s of %s: %w", id, uid, err)
	}
	return nil
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
	user := s.client.Collection("users").Doc(d.UID)
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
