package mailer

import (
	"context"
	"fmt"

	"firebase.google.com/go/v4/auth"

	"tidings.dev/shared/profile"
)

// Auth looks addresses up in Firebase Auth. An address that its owner has not shown to be theirs, or whose account is disabled, is none: anybody could
// enter anybody's.
func Auth(client *auth.Client) Addresses {
	return func(ctx context.Context, uids []string) (map[string]string, error) {
		ids := make([]auth.UserIdentifier, len(uids))
		for i, uid := range uids {
			ids[i] = auth.UIDIdentifier{UID: uid}
		}
		found, err := client.GetUsers(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("look up addresses: %w", err)
		}
		addresses := map[string]string{}
		for _, user := range found.Users {
			if address := verified(user); address != "" {
				addresses[user.UID] = address
			}
		}
		return addresses, nil
	}
}

// verified is the address to which a user's mails may go; "" is none.
func verified(user *auth.UserRecord) string {
	if user.UserInfo == nil || user.Disabled || !user.EmailVerified {
		return ""
	}
	return user.Email
}

// unreachable is why no mail goes to a person now, as facts have it; "" is that one may.
func (r *round) unreachable(ctx context.Context, uid, address string, b profile.Bounce) (reason string) {
	switch {
	case address == "":
		r.Telemetry.Mailed(ctx, "no address")
		return "no_address"
	case b.Rests(uid, address, r.Now()):
		r.Telemetry.Mailed(ctx, "bounced before")
		return "bounced_before"
	}
	return ""
}

// learn notes that an address has bounced, or does so no more. Where that cannot be written down, it is learned from the next mail.
func (r *round) learn(ctx context.Context, uid, address string, was profile.Bounce, outcome string) {
	now := profile.Bounce{}
	switch outcome {
	case bounced:
		now = was.Another(uid, address, r.Now())
	case sent, repeated:
	default:
		return
	}
	if now == was {
		return
	}
	if err := r.Store.KeepBounce(ctx, uid, now); err != nil {
		r.Log.WarnContext(ctx, "a bounce was not noted", "error", err)
	}
}
