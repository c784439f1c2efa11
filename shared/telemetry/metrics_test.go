package telemetry

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

var documented = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| ([a-z{}]+) \\|")

// Each metric is in the table of functions/README.md with its unit, and nothing else is exported: no label that a caller may fill.
func TestMetricsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	tel := &Telemetry{traces: tracenoop.NewTracerProvider(), metrics: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithView(views()...))}
	var err error
	if tel.counts, err = newInstruments(tel.metrics.Meter(scope)); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	tel.Accepted(ctx, "post.liked")
	tel.Folded(ctx, "post.liked")
	tel.Written(ctx, 2)
	tel.Visible(ctx, "post.liked", time.Second)
	tel.Pushed(ctx, "taken")
	tel.Held(ctx, "presence")
	tel.Retried(ctx, "firestore")
	tel.DeadLettered(ctx, "panic")
	tel.Deleted(ctx)
	tel.Mailed(ctx, "sent")
	tel.Told(ctx, "taken", 1)
	tel.Committed(ctx, 3)
	tel.Depths(func(yield func(string, int)) { yield("urgent", 1) })
	h := tel.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { r.Pattern = "POST /v1/events" }))
	r := httptest.NewRequest("BREW", "http://whatever.a.caller.writes/users/alice", nil)
	r.Header.Set("X-Forwarded-For", "192.0.2.1")
	h.ServeHTTP(httptest.NewRecorder(), r)

	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		t.Fatal(err)
	}
	var got []string
	labels := map[string]bool{}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			got = append(got, m.Name+" "+m.Unit)
			if h, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == "http.server.request.duration" {
				for _, a := range h.DataPoints[0].Attributes.ToSlice() {
					labels[string(a.Key)+"="+a.Value.String()] = true
				}
			}
		}
	}
	readme, err := os.ReadFile("../../functions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, row := range documented.FindAllStringSubmatch(string(readme), -1) {
		want = append(want, row[1]+" "+row[2])
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-README +code):\n%s", diff)
	}
	wantLabels := map[string]bool{"http.request.method=_OTHER": true, "http.response.status_code=200": true, "http.route=/v1/events": true}
	if diff := cmp.Diff(wantLabels, labels); diff != "" {
		t.Errorf("labels of a request (-want +got):\n%s", diff)
	}
}
