package telemetry

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// Handler counts and times the requests of h, and makes a span of each, but for those under pushed, by which Pub/Sub delivers messages:
// their spans begin with the message, in its own trace ([Telemetry.Processing]). The context of each request has the trace that the
// request names, also where telemetry is off: Cloud Run names one in each, and its logs are found by it.
func (t *Telemetry) Handler(h http.Handler, pushed ...string) http.Handler {
	if t == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, traced(r)) })
	}
	routed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if s := trace.SpanFromContext(r.Context()); s.IsRecording() && r.Pattern != "" {
			s.SetAttributes(semconv.HTTPRoute(r.Pattern[strings.Index(r.Pattern, "/"):]))
		}
	})
	spanned := otelhttp.NewHandler(routed, "", otelhttp.WithTracerProvider(t.traces), otelhttp.WithMeterProvider(t.metrics), otelhttp.WithPropagators(incoming{}))
	timed := otelhttp.NewHandler(h, "", otelhttp.WithTracerProvider(tracenoop.NewTracerProvider()), otelhttp.WithMeterProvider(t.metrics), otelhttp.WithPropagators(incoming{}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(pushed, r.URL.Path) {
			timed.ServeHTTP(w, r)
			return
		}
		spanned.ServeHTTP(w, r)
	})
}

// Transport makes a span of each request that goes through it, where its trace is recorded. template is the path without what changes,
// such as "/v1/projects/{project}/messages:send". Nothing is told to the server.
func Transport(base http.RoundTripper, template string) http.RoundTripper {
	return otelhttp.NewTransport(base,
		otelhttp.WithFilter(func(r *http.Request) bool { return trace.SpanFromContext(r.Context()).IsRecording() }),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + template }),
		otelhttp.WithSpanOptions(trace.WithAttributes(semconv.URLTemplate(template))))
}

// traced puts the trace that a request names into its context.
func traced(r *http.Request) *http.Request {
	ctx := incoming{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if ctx == r.Context() {
		return r
	}
	return r.WithContext(ctx)
}

// cloudTrace is Google's own header: TRACE/SPAN;o=1, with the span as a decimal number.
const cloudTrace = "X-Cloud-Trace-Context"

// incoming reads the trace of a request: the standard's header, else Google's.
type incoming struct{ propagation.TraceContext }

// Extract implements TextMapPropagator.
func (i incoming) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	if c.Get("traceparent") != "" {
		return i.TraceContext.Extract(ctx, c)
	}
	value := c.Get(cloudTrace)
	if value == "" {
		return ctx
	}
	ids, options, _ := strings.Cut(value, ";")
	traceHex, spanDecimal, _ := strings.Cut(ids, "/")
	id, err := trace.TraceIDFromHex(traceHex)
	number, spanErr := strconv.ParseUint(spanDecimal, 10, 64)
	if err != nil || spanErr != nil || number == 0 {
		return ctx
	}
	var spanID trace.SpanID
	for n := range spanID {
		spanID[n] = byte(number >> (8 * (7 - n)))
	}
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: spanID, Remote: true})
	if strings.Contains(options, "o=1") {
		sc = sc.WithTraceFlags(trace.FlagsSampled)
	}
	return trace.ContextWithSpanContext(ctx, sc)
}
