package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// carrier puts a trace into a message's attributes under the names that Google's client gives them.
type carrier map[string]string

const prefix = "googclient_"

func (c carrier) Get(key string) string { return c[prefix+key] }
func (c carrier) Set(key, value string) { c[prefix+key] = value }
func (c carrier) Keys() []string        { return []string{AttrTrace} }

// AttrTrace is the attribute of a message in which the trace travels.
const AttrTrace = prefix + "traceparent"

var w3c propagation.TraceContext

// Sending begins the span of a call that publishes messages to a topic.
func Sending(ctx context.Context, topic string, messages int) (context.Context, End) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, unrecorded
	}
	attributes := []attribute.KeyValue{
		semconv.MessagingSystemGCPPubSub, semconv.MessagingOperationTypeSend, semconv.MessagingOperationName("send"), semconv.MessagingDestinationName(topic),
	}
	if messages > 1 {
		attributes = append(attributes, semconv.MessagingBatchMessageCount(messages))
	}
	return start(ctx, trace.SpanKindProducer, "send "+topic, attributes...)
}

// Inject puts the trace of ctx into the attributes of a message, in the place of another one, also where it is not recorded: whoever
// takes the message decides alike, and writes the same trace into its log. If the message had another one (a dead letter that is replayed), the
// span of ctx has a link to it. Where telemetry is off, what is there stays.
func Inject(ctx context.Context, attributes map[string]string) {
	s := trace.SpanFromContext(ctx)
	if sc := s.SpanContext(); sc.IsValid() && !sc.IsRemote() {
		if before := trace.SpanContextFromContext(w3c.Extract(context.Background(), carrier(attributes))); before.IsValid() && before.TraceID() != sc.TraceID() {
			s.AddLink(trace.Link{SpanContext: before})
		}
		w3c.Inject(ctx, carrier(attributes))
		delete(attributes, prefix+"tracestate")
	}
}

// Delivery is a message as a push subscription delivers it.
type Delivery struct {
	Subscription string // its id
	MessageID    string
	Attempt      int // from 1; 0 where the subscription does not count
	Attributes   map[string]string
}

// Processing begins the span of what a function does about a message, in the trace that the message carries. The trace of the request
// that delivers it, which is of Google's making, has a link.
func (t *Telemetry) Processing(ctx context.Context, d Delivery) (context.Context, End) {
	delivery := trace.SpanContextFromContext(ctx)
	if d.Attributes[AttrTrace] != "" {
		ctx = w3c.Extract(ctx, carrier(d.Attributes))
	}
	if t == nil {
		return ctx, unrecorded
	}
	attributes := []attribute.KeyValue{
		semconv.MessagingSystemGCPPubSub, semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process"),
		semconv.MessagingDestinationSubscriptionName(d.Subscription), semconv.MessagingMessageID(d.MessageID),
	}
	if d.Attempt > 0 {
		attributes = append(attributes, semconv.MessagingGCPPubSubMessageDeliveryAttempt(d.Attempt))
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attributes...)}
	if delivery.IsValid() && delivery.TraceID() != trace.SpanContextFromContext(ctx).TraceID() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: delivery}))
	}
	ctx, s := t.traces.Tracer(scope).Start(ctx, "process "+d.Subscription, options...)
	return ctx, func(err error) { end(s, err) }
}

// Type notes of which type of the catalogue the event is that the span of ctx is about.
func Type(ctx context.Context, name string) {
	if s := trace.SpanFromContext(ctx); s.IsRecording() {
		s.SetAttributes(semconv.CloudEventsEventType(name))
	}
}
