package mailer

import (
	"context"
	"fmt"

	"firebase.google.com/go/v4/auth"
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
