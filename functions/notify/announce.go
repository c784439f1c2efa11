package notify

import (
	"context"

	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
)

// announce tells everybody: it writes the one document that all clients listen to. Nobody's profile is read, and nobody's device is told:
// what a person wants is for their client to respect.
//
// It looks for a cancellation before it writes, and once more afterwards. Whoever cancels in between finds nothing to end; and whoever
// cancels later ends it themselves (store.Cancel). A crash before the second look is no gap: the message comes again.
func (fn *Function) announce(ctx context.Context, m *message) error {
	cancelled, err := fn.isCancelled(ctx, m)
	if err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	}
	if cancelled {
		fn.Log.InfoContext(ctx, "cancelled", "message_id", m.pushed.Message.MessageID, "type", m.kind.Name)
		fn.tellAll(m, fact.Withdrawn, becauseCancelled)
		return nil
	}
	now := fn.Now()
	a := inbox.Announce(m.kind, m.Event, m.Accepted, now, fn.Catalog.Locales(), fn.Catalog.Say)
	became, err := fn.Store.Announce(ctx, a, now)
	if err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	}
	if cancelled, err = fn.isCancelled(ctx, m); err == nil && cancelled {
		err = fn.Store.EndAnnouncement(ctx, a.ID, now)
	}
	if err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	}
	switch {
	case cancelled:
		fn.tellAll(m, fact.Withdrawn, becauseCancelled)
	case became.Stands:
		fn.tellAll(m, fact.Shown, "")
	default:
		fn.tellAll(m, fact.Withdrawn, becauseNoRoom)
	}
	fn.Log.InfoContext(ctx, "announced", "message_id", m.pushed.Message.MessageID, "type", m.kind.Name, "stands", became.Stands && !cancelled, "ended", became.Ended)
	return nil
}
