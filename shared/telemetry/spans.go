package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Attributes of ours.
const (
	keyJobs    = attribute.Key("tidings.commit.jobs")    // how many changes of inboxes a commit carries
	keyInboxes = attribute.Key("tidings.commit.inboxes") // of how many people
	keyOutcome = attribute.Key("tidings.outcome")        // what became of a message, one of a few words
)

// End ends a span. err says whether what it stands for failed; of its text nothing is kept.
type End func(err error)

func unrecorded(error) {}

// start begins a span in the trace of ctx. Where that trace is not recorded it costs a look into the context.
func start(ctx context.Context, kind trace.SpanKind, name string, attributes ...attribute.KeyValue) (context.Context, End) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, unrecorded
	}
	ctx, s := parent.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	return ctx, func(err error) { end(s, err) }
}

func end(s trace.Span, err error) {
	if err != nil {
		s.SetStatus(codes.Error, "")
		s.SetAttributes(errorType(err))
	}
	s.End()
}

// errorType says of an error what kind it is.
func errorType(err error) attribute.KeyValue {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return semconv.ErrorTypeKey.String("timeout")
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("cancelled")
	}
	return semconv.ErrorTypeOther
}

// Outcome notes on the span of ctx what became of a message: one of a few words that the code has.
func Outcome(ctx context.Context, word string) {
	if s := trace.SpanFromContext(ctx); s.IsRecording() {
		s.SetAttributes(keyOutcome.String(word))
	}
}

// maxLinks is how many events a commit names, and bounds what its span weighs. A commit may carry 400 jobs.
const maxLinks = 32

// Joint begins the span of work that is done for several requests at once. It belongs to the trace of the first one that is recorded,
// and has links to the others, at most 32; each of these has a link to it. The returned context ends with ctx and not with a request.
func Joint(ctx context.Context, requests []context.Context, name string, jobs, inboxes int) (context.Context, End) {
	var recorded []trace.Span
	for _, r := range requests {
		if s := trace.SpanFromContext(r); s.IsRecording() && len(recorded) <= maxLinks {
			recorded = append(recorded, s)
		}
	}
	if len(recorded) == 0 {
		return ctx, unrecorded
	}
	ctx, stop := start(trace.ContextWithSpan(ctx, recorded[0]), trace.SpanKindInternal, name, keyJobs.Int(jobs), keyInboxes.Int(inboxes))
	joint := trace.SpanFromContext(ctx)
	for _, s := range recorded[1:] {
		joint.AddLink(trace.Link{SpanContext: s.SpanContext()})
		s.AddLink(trace.Link{SpanContext: joint.SpanContext()})
	}
	return ctx, stop
}
