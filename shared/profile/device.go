package profile

import "time"

// Device is one installation that can receive pushes: users/{uid}/devices/{id}. The owner writes it.
type Device struct {
	UID        string    `firestore:"-"`
	ID         string    `firestore:"-"`
	Kind       string    `firestore:"kind"`       // "fid" or "token": FCM is moving from tokens to installation ids
	Value      string    `firestore:"value"`      // the address FCM knows
	Platform   string    `firestore:"platform"`   // "web", "android" or "ios"
	Locale     string    `firestore:"locale"`     // "" is the profile's
	LastSeenAt time.Time `firestore:"lastSeenAt"` // when it last registered
}

// Stale is how long after it was last seen a device is still pushed to: installations say once a month that they are there, and
// FCM takes those for lost that have not been heard of for a month.
const Stale = 30 * 24 * time.Hour

// Fresh reports whether the device is likely to be there.
func (d *Device) Fresh(now time.Time) bool { return now.Sub(d.LastSeenAt) < Stale }
