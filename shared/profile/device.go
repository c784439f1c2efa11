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
