package notify

import (
	"context"
	"errors"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

var errUnknownType = errors.New("type: is not in the catalogue of this version")

// words are the reasons for a retry or a dead letter as metrics have them: few, and none of them quotes anything.
var words = []struct {
	is   error
	word string
}{
	{topics.ErrUnreadable, "unreadable"},
	{errUnknownType, "unknown_type"},
	{inbox.ErrEarly, "early"},
	{store.ErrTransient, "firestore"},
	{store.ErrConflict, "conflict"},
	{store.ErrIndex, "index"},
	{groupcommit.ErrSlow, "slow"},
	{groupcommit.ErrPanics, "panic"},
	{courier.ErrLater, "fcm"},
	{push.ErrTransient, "fcm"},
	{push.ErrConfig, "fcm_setup"},
	{push.ErrRefused, "fcm_refused"},
	{context.DeadlineExceeded, "timeout"},
	{context.Canceled, "interrupted"},
}

// wordOf is the first word that fits.
func wordOf(err error) string {
	for _, w := range words {
		if errors.Is(err, w.is) {
			return w.word
		}
	}
	return "other"
}
