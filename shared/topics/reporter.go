package topics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/webhook"
)

// Outgoing is the topic of what products are told of their events. The function webhooks is subscribed to it.
const Outgoing Topic = "outgoing"

// Reporter hands reports over to the endpoints that want them, by way of Pub/Sub. A nil Reporter has no endpoints: that is how it is off. It is safe for
// concurrent use.
type Reporter struct {
	publisher *Publisher
	endpoints webhook.Endpoints
}

// NewReporter is a reporter for the endpoints, or nil where there are none.
func NewReporter(publisher *Publisher, endpoints webhook.Endpoints) *Reporter {
	if len(endpoints) == 0 {
		return nil
	}
	return &Reporter{publisher, endpoints}
}

// Wants reports whether any endpoint wants to know of the outcome, of a type and a source.
func (r *Reporter) Wants(o webhook.Outcome, kind, source string) bool {
	return r != nil && r.endpoints.Want(o, kind, source)
}

// Report waits until Pub/Sub has stored what the endpoints are told. To report the same again is safe.
func (r *Reporter) Report(ctx context.Context, reports ...webhook.Report) error {
	if r == nil {
		return nil
	}
	var messages []*pubsubpb.PubsubMessage
	for _, report := range reports {
		for _, m := range r.endpoints.Messages(report) {
			data, err := json.Marshal(m)
			if err != nil {
				return fmt.Errorf("topics: encode %s: %w", m.ID, err)
			}
			messages = append(messages, &pubsubpb.PubsubMessage{Data: data, Attributes: map[string]string{}})
		}
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	return r.publisher.store(ctx, Outgoing, messages)
}

// ReadOutgoing reads what Report has published, or returns [ErrUnreadable].
func ReadOutgoing(m PushedMessage) (message webhook.Message, err error) {
	if err := json.Unmarshal(m.Data, &message); err != nil {
		return message, fmt.Errorf("%w, nor a message to a product: %w", ErrUnreadable, err)
	}
	if message.ID == "" || message.Endpoint == "" || len(message.Body) == 0 {
		err = errors.New("id, endpoint or body is missing")
		return message, fmt.Errorf("%w, nor a message to a product: %w", ErrUnreadable, err)
	}
	return message, nil
}
