package store

import (
	"context"
	"fmt"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"tidings.dev/shared/profile"
)

// MaxDevices is how many devices of one person are pushed to: the ones seen last.
const MaxDevices = 100

// Devices lists the installations of a person, the one seen last first. A device document that says nothing usable is left
// out.
func (s *Store) Devices(ctx context.Context, uid string) ([]profile.Device, error) {
	iter := s.client.Collection("users").Doc(uid).Collection("devices").OrderBy("lastSeenAt", firestore.Desc).Limit(MaxDevices).Documents(ctx)
	defer iter.Stop()
	var devices []profile.Device
	for {
		doc, err := iter.Next()
		if err == iterator.Done {
			return devices, nil
		}
		if err != nil {
			return nil, fmt.Errorf("store: devices of %s: %w", uid, sentinel(err))
		}
		d := profile.Device{UID: uid, ID: doc.Ref.ID}
		if err := doc.DataTo(&d); err == nil && d.Value != "" {
			devices = append(devices, d)
		}
	}
}

// RemoveDevice forgets an installation that can no longer be reached, if it still holds that address: one that has
// registered anew in the meantime stays.
func (s *Store) RemoveDevice(ctx context.Context, d profile.Device) error {
	ref := s.client.Collection("users").Doc(d.UID).Collection("devices").Doc(d.ID)
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		doc, err := tx.Get(ref)
		if err != nil {
			return err
		}
		if value, _ := doc.DataAt("value"); value != d.Value {
			return nil
		}
		return tx.Delete(ref)
	})
	if err := sentinel(err); err != nil {
		return fmt.Errorf("store: remove device %s of %s: %w", d.ID, d.UID, err)
	}
	return nil
}
