package telemetry

import (
	"context"
	"regexp"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// allowed are the attributes with which spans leave. Libraries add more with each version, and some of them are somebody's: a path with
// a uid, the address of a client.
var allowed = setOf(
	semconv.HTTPRequestMethodKey, semconv.HTTPResponseStatusCodeKey, semconv.HTTPRouteKey, semconv.URLSchemeKey, semconv.URLTemplateKey, semconv.ErrorTypeKey,
	semconv.MessagingSystemKey, semconv.MessagingOperationNameKey, semconv.MessagingOperationTypeKey, semconv.MessagingDestinationNameKey,
	semconv.MessagingDestinationSubscriptionNameKey, semconv.MessagingMessageIDKey, semconv.MessagingBatchMessageCountKey,
	semconv.MessagingGCPPubSubMessageDeliveryAttemptKey,
	semconv.RPCSystemNameKey, semconv.RPCMethodKey, semconv.RPCResponseStatusCodeKey, semconv.DBSystemNameKey, semconv.DBOperationNameKey, semconv.DBOperationBatchSizeKey,
	semconv.CloudEventsEventTypeKey, keyJobs, keyInboxes, keyOutcome,
)

// measured are the labels of the metrics that a library records. The server's address, which it adds, is what a caller wrote.
var measured = setOf(semconv.HTTPRequestMethodKey, semconv.HTTPResponseStatusCodeKey, semconv.HTTPRouteKey, semconv.ErrorTypeKey)

func setOf(keys ...attribute.Key) map[attribute.Key]bool {
	set := make(map[attribute.Key]bool, len(keys))
	for _, key := range keys {
		set[key] = true
	}
	return set
}

// private exports spans with what may leave.
type private struct{ sdktrace.SpanExporter }

// ExportSpans implements SpanExporter.
func (p private) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	cut := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		cut[i] = span{s}
	}
	return p.SpanExporter.ExportSpans(ctx, cut)
}

// span is a span with what may leave.
type span struct{ sdktrace.ReadOnlySpan }

// Attributes are those of the list.
func (s span) Attributes() (kept []attribute.KeyValue) {
	for _, a := range s.ReadOnlySpan.Attributes() {
		if allowed[a.Key] {
			kept = append(kept, a)
		}
	}
	return kept
}

// Status is without the error's text, which quotes document paths and what a caller wrote.
func (s span) Status() sdktrace.Status { return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code} }

// Events leaves all events out: libraries record errors with their text as events.
func (s span) Events() []sdktrace.Event { return nil }

// SpanContext is without the state that other vendors put into a trace.
func (s span) SpanContext() trace.SpanContext {
	return s.ReadOnlySpan.SpanContext().WithTraceState(trace.TraceState{})
}

// Links have no attributes.
func (s span) Links() (links []sdktrace.Link) {
	for _, l := range s.ReadOnlySpan.Links() {
		links = append(links, sdktrace.Link{SpanContext: l.SpanContext.WithTraceState(trace.TraceState{})})
	}
	return links
}

// views keep the metrics of libraries to what is documented, with few labels.
func views() []sdkmetric.View {
	drop := sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}}
	few := sdkmetric.Stream{AttributeFilter: func(a attribute.KeyValue) bool { return measured[a.Key] }}
	return []sdkmetric.View{
		sdkmetric.NewView(sdkmetric.Instrument{Name: "http.server.request.duration"}, few),
		sdkmetric.NewView(sdkmetric.Instrument{Name: "http.server.*.body.size"}, drop),
	}
}

var (
	documentPath = regexp.MustCompile(`\b(users|audiences|identities|deadLetters|targets|accepted|retractions|walks|sendings|erasures)/[^\s"'():,;]+`)
	quoted       = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?|` + "`[^`]*`?")
	address      = regexp.MustCompile(`[^\s"'<>(),;:=]+@[^\s"'<>(),;:=]+`)
)

// Clean is an error's text as it may stand in a log. Errors quote what comes from outside (%q), and Firestore's and FCM's name documents:
// what is between quotation marks becomes "…", the ids in a document's path become *, and e-mail addresses become *@*.
func Clean(text string) string {
	text = documentPath.ReplaceAllStringFunc(text, starIDs)
	text = quoted.ReplaceAllString(text, `"…"`)
	return address.ReplaceAllString(text, "*@*")
}

// starIDs replaces every second segment of a document's path.
func starIDs(path string) string {
	segments := strings.Split(path, "/")
	for i := 1; i < len(segments); i += 2 {
		segments[i] = "*"
	}
	return strings.Join(segments, "/")
}
