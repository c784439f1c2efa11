package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// envelope is the body of a push request. Pub/Sub sends the id and the time under two names each.
type envelope struct {
	Message         message `json:"message"`
	Subscription    string  `json:"subscription"`              // projects/P/subscriptions/S
	DeliveryAttempt int     `json:"deliveryAttempt,omitempty"` // only with a dead-letter policy
}

type message struct {
	Data         []byte            `json:"data,omitempty"`
	Attributes   map[string]string `json:"attributes,omitempty"`
	MessageID    string            `json:"messageId"`
	MessageID2   string            `json:"message_id"`
	PublishTime  string            `json:"publishTime"`
	PublishTime2 string            `json:"publish_time"`
	OrderingKey  string            `json:"orderingKey,omitempty"`
}

// post makes one attempt. nil means that the receiver acknowledged.
func (p *Push) post(ctx context.Context, m *pubsubpb.PubsubMessage, attempt int) error {
	if p.dead == nil {
		attempt = 0
	}
	published := m.PublishTime.AsTime().Format(time.RFC3339Nano)
	body, err := json.Marshal(envelope{
		Message: message{
			Data: m.Data, Attributes: m.Attributes, OrderingKey: m.OrderingKey,
			MessageID: m.MessageId, MessageID2: m.MessageId, PublishTime: published, PublishTime2: published,
		},
		Subscription: p.full, DeliveryAttempt: attempt,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.sub.AckDeadline)
	defer cancel()
	endpoints := *p.endpoints.Load()
	url := endpoints[p.turn.Add(1)%uint64(len(endpoints))]
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "CloudPubSub-Google")
	if p.sub.Authorize != nil {
		if err := p.sub.Authorize(req); err != nil {
			return err
		}
	}
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // so that the connection can be kept
	if err != nil {
		return err
	}
	switch res.StatusCode {
	case http.StatusProcessing, http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return nil
	}
	return fmt.Errorf("%s: %s: %.300s", url, res.Status, said)
}

// bury publishes the message to the dead-letter topic and waits until it is there.
func (p *Push) bury(ctx context.Context, m *pubsubpb.PubsubMessage, attempts int) error {
	attributes := maps.Clone(m.Attributes)
	if attributes == nil {
		attributes = make(map[string]string)
	}
	attributes["CloudPubSubDeadLetterSourceDeliveryCount"] = strconv.Itoa(attempts)
	attributes["CloudPubSubDeadLetterSourceSubscription"] = p.sub.Name
	attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] = p.client.Project()
	attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] = m.PublishTime.AsTime().Format("2006-01-02T15:04:05.000-07:00")
	_, err := p.dead.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: attributes, OrderingKey: m.OrderingKey}).Get(ctx)
	if err != nil && m.OrderingKey != "" {
		p.dead.ResumePublish(m.OrderingKey)
	}
	return err
}
