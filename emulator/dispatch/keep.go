package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// Keep gives a subscription's messages to somebody who keeps them, one after the other, as Pub/Sub does with subscriptions that write into another service. What is taken is acknowledged;
// what is refused comes again after a second. It returns when ctx ends, which is no error, or when Pub/Sub refuses for good. The subscription must exist, as a pull subscription.
func Keep(ctx context.Context, client *pubsub.Client, subscription string, take func(*pubsubpb.PubsubMessage) error, log *slog.Logger) error {
	log = log.With("subscription", subscription)
	l := newLease(client.SubscriptionAdminClient, fmt.Sprintf("projects/%s/subscriptions/%s", client.Project(), subscription), log)
	defer l.close()
	err := l.pull(ctx, func(m *pubsubpb.ReceivedMessage) {
		err := take(m.Message)
		if err != nil {
			log.ErrorContext(ctx, "not kept", "message_id", m.Message.MessageId, "error", err)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
		l.settle(m.AckId, err == nil)
	})
	if err != nil {
		return fmt.Errorf("dispatch %s: %w", subscription, err)
	}
	return nil
}
