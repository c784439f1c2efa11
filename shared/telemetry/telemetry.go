// Package telemetry tells operators what the functions do: spans and metrics by OpenTelemetry, and log lines that name the trace they
// belong to. It is the only package that speaks to OpenTelemetry.
//
// It is off unless the standard variables of OpenTelemetry turn it on ([Read]). Off is a nil [Telemetry]: its methods do nothing, and
// the functions of this package find in the context no span that is recorded, and do nothing either. So nobody asks whether it is on.
//
// # What never leaves
//
// Who was told, what they were told, and where their devices are: no uid, name, title, text, token, address or document path. Spans are
// exported with the attributes of a list only ([allowed]), without events, and without the texts of errors. Labels of metrics have a few
// values each. In log lines, what errors quote and the ids in document paths are replaced ([Clean]).
//
// # One trace for one event
//
// A message carries the trace in the attribute googclient_traceparent, as Google's client writes it ([Inject], [Telemetry.Processing]). A
// commit that serves several events belongs to the trace of the first one and has links to and from the others ([Joint]).
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	htransport "google.golang.org/api/transport/http"
)

// scope names this code among the libraries that make spans and metrics.
const scope = "tidings.dev"

// Telemetry makes spans and metrics and exports them. nil is off. It is safe for concurrent use.
type Telemetry struct {
	traces  trace.TracerProvider
	metrics metric.MeterProvider
	counts  instruments
	closers []func(context.Context) error
}

// Open starts what the configuration asks for, and nothing (nil) if that is nothing. No collector needs to be there: exporting goes on in
// the background, and what cannot be exported is dropped, and said in the log once a minute at most. Shutdown must be called.
func Open(ctx context.Context, c Config, log *slog.Logger) (*Telemetry, error) {
	if !c.Traces && !c.Metrics {
		return nil, nil
	}
	otel.SetErrorHandler(&complaints{log: log}) // the SDK has this one place for what fails in the background
	var client *http.Client
	if c.Google {
		var err error
		if client, _, err = htransport.NewClient(ctx, googleOptions...); err != nil {
			return nil, fmt.Errorf("telemetry: credentials for Google's collector: %w", err)
		}
	}
	about, err := describe(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	t := &Telemetry{traces: tracenoop.NewTracerProvider(), metrics: metricnoop.NewMeterProvider()}
	if c.Traces {
		var options []otlptracehttp.Option
		if client != nil {
			options = append(options, otlptracehttp.WithHTTPClient(client))
		}
		exporter, err := otlptracehttp.New(ctx, options...)
		if err != nil {
			return nil, fmt.Errorf("telemetry: traces: %w", err)
		}
		provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about), sdktrace.WithSampler(c.sampler()), sdktrace.WithBatcher(private{exporter}))
		t.traces, t.closers = provider, append(t.closers, provider.Shutdown)
	}
	if c.Metrics {
		var options []otlpmetrichttp.Option
		if client != nil {
			options = append(options, otlpmetrichttp.WithHTTPClient(client))
		}
		exporter, err := otlpmetrichttp.New(ctx, options...)
		if err != nil {
			return nil, fmt.Errorf("telemetry: metrics: %w", err)
		}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithResource(about), sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)), sdkmetric.WithView(views()...))
		t.metrics, t.closers = provider, append(t.closers, provider.Shutdown)
	}
	if t.counts, err = newInstruments(t.metrics.Meter(scope)); err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: %w", err), t.Shutdown(ctx))
	}
	return t, nil
}

// describe says who exports: attributes of the environment, as the standard has them, before ours.
func describe(ctx context.Context, c Config) (*resource.Resource, error) {
	attributes := []attribute.KeyValue{
		semconv.ServiceName(c.Service), semconv.ServiceNamespace("tidings"),
		semconv.ServiceInstanceID(uuid.NewString()), // the instances of a service must not add to one time series
	}
	if c.Revision != "" {
		attributes = append(attributes, semconv.CloudProviderGCP, semconv.CloudPlatformGCPCloudRun, semconv.FaaSName(c.Service), semconv.FaaSVersion(c.Revision))
	}
	if c.Google {
		attributes = append(attributes, attribute.String("gcp.project_id", c.Project)) // Google's collector asks for it
	}
	return resource.New(ctx, resource.WithAttributes(attributes...), resource.WithTelemetrySDK(), resource.WithFromEnv())
}

// Shutdown exports what is left, until ctx ends at the latest.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	errs := make(chan error, len(t.closers)) // side by side: a collector that does not answer must not take the time of both
	for _, stop := range t.closers {
		go func() { errs <- stop(ctx) }()
	}
	var all []error
	for range t.closers {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// complaints logs what fails in the background, but not each time: a collector that is down fails every few seconds.
type complaints struct {
	log  *slog.Logger
	last atomic.Int64 // when it was said, in seconds since 1970
}

const complaintPause = 60 // seconds

// Handle implements OpenTelemetry's ErrorHandler.
func (c *complaints) Handle(err error) {
	last, now := c.last.Load(), time.Now().Unix()
	if now-last >= complaintPause && c.last.CompareAndSwap(last, now) {
		c.log.Warn("telemetry could not be exported", "error", err.Error())
	}
}
