package telemetry

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// BenchmarkAnEvent is what telemetry costs an event from the door to the push, without what it measures. An event costs about 1.5 ms of CPU.
func BenchmarkAnEvent(b *testing.B) {
	on := func(ratio float64) *Telemetry {
		t := &Telemetry{
			traces:  sdktrace.NewTracerProvider(sdktrace.WithBatcher(private{tracetest.NewNoopExporter()}), sdktrace.WithSampler(Config{Ratio: ratio}.sampler())),
			metrics: sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()), sdkmetric.WithView(views()...)),
		}
		var err error
		if t.counts, err = newInstruments(t.metrics.Meter(scope)); err != nil {
			b.Fatal(err)
		}
		return t
	}
	for name, tel := range map[string]*Telemetry{"off": nil, "one in a hundred": on(.01), "all": on(1)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			attributes := map[string]string{}
			door := tel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx, end := Sending(r.Context(), "events", 1)
				Inject(ctx, attributes)
				end(nil)
				tel.Accepted(ctx, "post.liked")
			}), "/notify")
			subscriber := tel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx, end := tel.Processing(r.Context(), Delivery{Subscription: "events-notify", MessageID: "1", Attempt: 1, Attributes: attributes})
				Type(ctx, "post.liked")
				committing, committed := Joint(context.Background(), []context.Context{ctx}, "commit inboxes", 1, 1)
				for range 2 {
					_, read := start(committing, trace.SpanKindClient, "google.firestore.v1.Firestore/BatchWrite")
					read(nil)
				}
				committed(nil)
				tel.Committed(ctx, 1)
				tel.Folded(ctx, "post.liked")
				tel.Visible(ctx, "post.liked", time.Millisecond)
				tel.Written(ctx, 1)
				tel.Pushed(ctx, "taken")
				end(nil)
			}), "/notify")
			post, push := httptest.NewRequest(http.MethodPost, "/v1/events", nil), httptest.NewRequest(http.MethodPost, "/notify", nil)
			w := httptest.NewRecorder()
			for b.Loop() {
				clear(attributes)
				door.ServeHTTP(w, post)
				subscriber.ServeHTTP(w, push)
			}
		})
	}
}
