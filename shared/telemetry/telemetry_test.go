package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// recording is telemetry whose spans go through what exports them into the recorder.
func recording(t *testing.T) (*Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	kept := tracetest.NewInMemoryExporter()
	made := &Telemetry{traces: sdktrace.NewTracerProvider(sdktrace.WithSyncer(private{kept})), metrics: metricnoop.NewMeterProvider()}
	var err error
	if made.counts, err = newInstruments(made.metrics.Meter(scope)); err != nil {
		t.Fatal(err)
	}
	return made, kept
}

func TestConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		want Config
	}{
		{"nothing is off", nil, Config{}},
		{"an endpoint is on", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "FUNCTION_TARGET": "notify"}, Config{Traces: true, Metrics: true, Ratio: .01, Service: "notify"}},
		{"metrics without traces", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, Config{Metrics: true, Ratio: .01, Service: "tidings"}},
		{"an endpoint for traces only", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, Config{Traces: true, Ratio: .01, Service: "tidings"}},
		{"the standard's own endpoint", map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, Config{Traces: true, Ratio: .01, Service: "tidings"}},
		{"disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, Config{}},
		{"a ratio", map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, Config{Traces: true, Ratio: .5, Service: "tidings"}},
		{"a sampler", map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER": "traceidratio"}, Config{Traces: true, Sampler: "traceidratio", Ratio: 1, Service: "tidings"}},
		{"Google's collector", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://telemetry.googleapis.com", "GOOGLE_CLOUD_PROJECT": "p", "K_SERVICE": "publish", "K_REVISION": "publish-1"},
			Config{Traces: true, Metrics: true, Ratio: .01, Google: true, Project: "p", Service: "publish", Revision: "publish-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, problems := Read(func(name string) string { return test.env[name] })
			if diff := cmp.Diff(test.want, got); diff != "" || len(problems) > 0 {
				t.Errorf("problems %v; -want +got:\n%s", problems, diff)
			}
		})
	}
}

func TestConfigTellsAllProblems(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"OTEL_SDK_DISABLED": "perhaps", "OTEL_TRACES_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
		"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_SAMPLER": "sometimes", "OTEL_TRACES_SAMPLER_ARG": "2",
	}
	_, problems := Read(func(name string) string { return env[name] })
	for name := range env {
		if name != "OTEL_TRACES_EXPORTER" && !strings.Contains(strings.Join(problems, "\n"), name+" is ") {
			t.Errorf("%s is not named in %q", name, problems)
		}
	}
}

// Google's front end puts a trace into every request and records next to none.
func TestOurSamplerDecidesByTheTraceAlsoWhereTheCallerDoesNotRecord(t *testing.T) {
	t.Parallel()
	all := Config{Ratio: 1}.sampler()
	one := Config{Ratio: .01}.sampler()
	recorded := 0
	for n := range 10_000 {
		id := trace.TraceID{8: byte(n * 7), 9: byte(n >> 5), 10: byte(n), 15: 1}
		parent := func(flags trace.TraceFlags) context.Context {
			sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, TraceFlags: flags, Remote: true})
			return trace.ContextWithSpanContext(t.Context(), sc)
		}
		asked := func(s sdktrace.Sampler, flags trace.TraceFlags) bool {
			return s.ShouldSample(sdktrace.SamplingParameters{ParentContext: parent(flags), TraceID: id}).Decision == sdktrace.RecordAndSample
		}
		if !asked(all, 0) || !asked(one, trace.FlagsSampled) {
			t.Fatal("a ratio of 1, or a caller who records, was not followed")
		}
		if asked(one, 0) {
			recorded++
		}
	}
	if recorded > 1_000 {
		t.Errorf("%d of 10,000 were recorded at 1 %%", recorded)
	}
}

func TestOneTraceThroughAMessage(t *testing.T) {
	t.Parallel()
	tel, kept := recording(t)
	attributes := map[string]string{"type": "post.liked"}
	h := tel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, end := Sending(r.Context(), "events", 1)
		Inject(ctx, attributes)
		end(nil)
	}), "/notify")
	r := httptest.NewRequest(http.MethodPost, "/users/secret?uid=secret", nil)
	r.Header = http.Header{"User-Agent": {"secret"}, "X-Forwarded-For": {"secret"}}
	h.ServeHTTP(httptest.NewRecorder(), r)
	if attributes[AttrTrace] == "" {
		t.Fatal("the message carries no trace")
	}
	ctx, end := tel.Processing(t.Context(), Delivery{Subscription: "events-notify", MessageID: "1", Attempt: 2, Attributes: attributes})
	other, otherEnd := tel.Processing(t.Context(), Delivery{Subscription: "events-notify", MessageID: "2"})
	committing, committed := Joint(t.Context(), []context.Context{ctx, t.Context(), other}, "commit inboxes", 2, 2)
	committed(nil)
	end(errors.New("users/secret was refused"))
	otherEnd(nil)
	spans := map[string]tracetest.SpanStub{}
	for _, s := range kept.GetSpans() {
		spans[s.Name+"/"+idOf(s.Attributes)] = s
	}
	server, send, process, second, commit := spans["POST/"], spans["send events/"], spans["process events-notify/1"], spans["process events-notify/2"], spans["commit inboxes/"]
	for child, parent := range map[*tracetest.SpanStub]*tracetest.SpanStub{&send: &server, &process: &send, &commit: &process} {
		if child.Parent.SpanID() != parent.SpanContext.SpanID() || child.SpanContext.TraceID() != server.SpanContext.TraceID() {
			t.Errorf("%s is not a child of %s", child.Name, parent.Name)
		}
	}
	if len(commit.Links) != 1 || commit.Links[0].SpanContext.SpanID() != second.SpanContext.SpanID() {
		t.Errorf("the commit's links are %v, want one to the second message", commit.Links)
	}
	if len(second.Links) != 1 || second.Links[0].SpanContext.SpanID() != trace.SpanContextFromContext(committing).SpanID() {
		t.Errorf("the second message's links are %v, want one to the commit", second.Links)
	}
	if all := stringOf(t, kept.GetSpans()); strings.Contains(all, "secret") {
		t.Errorf("something leaves that must not: %s", all)
	}
}

// A dead letter that is replayed goes on in the operator's trace, which has a link to the one before. Off, the trace before stays.
func TestAReplayHasALinkToTheTraceBefore(t *testing.T) {
	t.Parallel()
	const before = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	tel, kept := recording(t)
	tel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, end := Sending(r.Context(), "events", 1)
		defer end(nil)
		attributes := map[string]string{AttrTrace: before}
		if Inject(ctx, attributes); attributes[AttrTrace] == before {
			t.Error("the message stays in the trace before")
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v1/dead-letters/1:replay", nil))
	links := kept.GetSpans()[0].Links
	if len(links) != 1 || links[0].SpanContext.TraceID().String() != before[3:35] {
		t.Errorf("the links of %s are %v", kept.GetSpans()[0].Name, links)
	}
	attributes := map[string]string{AttrTrace: before}
	if Inject(t.Context(), attributes); attributes[AttrTrace] != before {
		t.Error("off, the trace before is gone")
	}
}

func idOf(attributes []attribute.KeyValue) string {
	for _, a := range attributes {
		if a.Key == "messaging.message.id" {
			return a.Value.AsString()
		}
	}
	return ""
}

func stringOf(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestACommitHasFewLinks(t *testing.T) {
	t.Parallel()
	tel, kept := recording(t)
	var requests []context.Context
	for range 400 {
		ctx, _ := tel.Processing(t.Context(), Delivery{Subscription: "events-notify"})
		requests = append(requests, ctx)
	}
	_, end := Joint(t.Context(), requests, "commit inboxes", 400, 100)
	end(nil)
	if got := len(kept.GetSpans()[0].Links); got != maxLinks {
		t.Errorf("got %d links, want %d", got, maxLinks)
	}
}

// Off, nothing is made: not even a value on the heap.
func TestOffCostsNothing(t *testing.T) {
	var off *Telemetry
	ctx, requests := t.Context(), []context.Context{t.Context()}
	attributes := map[string]string{}
	got := testing.AllocsPerRun(100, func() {
		ctx, end := off.Processing(ctx, Delivery{Subscription: "events-notify", MessageID: "1"})
		ctx, sent := Sending(ctx, "events", 1)
		Inject(ctx, attributes)
		Type(ctx, "post.liked")
		_, joined := Joint(ctx, requests, "commit inboxes", 1, 1)
		off.Accepted(ctx, "post.liked")
		off.Folded(ctx, "post.liked")
		off.Visible(ctx, "post.liked", time.Second)
		off.Committed(ctx, 1)
		joined(nil)
		sent(nil)
		end(nil)
	})
	if got > 0 || len(attributes) > 0 || off.DialOptions() != nil {
		t.Errorf("%v allocations, attributes %v", got, attributes)
	}
	r := httptest.NewRequest(http.MethodPost, "/notify", nil)
	if traced(r) != r {
		t.Error("a request without a trace was copied")
	}
}

func TestLinesNameTheirTrace(t *testing.T) {
	t.Parallel()
	for header, want := range map[[2]string]string{
		{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}: "b7ad6b7169203331 true",
		{cloudTrace, "0af7651916cd43dd8448eb211c80319c/13235353014750950193;o=1"}:  "b7ad6b7169203331 true",
		{cloudTrace, "0af7651916cd43dd8448eb211c80319c/13235353014750950193"}:      "b7ad6b7169203331 false",
		{cloudTrace, "rubbish/1;o=1"}:                                              "",
		{"X-Other", "1"}:                                                           "",
	} {
		var out bytes.Buffer
		log := NewLog(&out, "p", "notify")
		var off *Telemetry
		r := httptest.NewRequest(http.MethodPost, "/notify", nil)
		r.Header.Set(header[0], header[1])
		off.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "done") })).ServeHTTP(httptest.NewRecorder(), r)
		var line struct {
			Severity, Message string
			Trace             string            `json:"logging.googleapis.com/trace"`
			Span              string            `json:"logging.googleapis.com/spanId"`
			Sampled           bool              `json:"logging.googleapis.com/trace_sampled"`
			Labels            map[string]string `json:"logging.googleapis.com/labels"`
		}
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		got := ""
		if line.Trace == "projects/p/traces/0af7651916cd43dd8448eb211c80319c" {
			got = line.Span + map[bool]string{true: " true", false: " false"}[line.Sampled]
		}
		if got != want || line.Severity != "INFO" || line.Message != "done" || line.Labels["function"] != "notify" {
			t.Errorf("%v: got %s", header, out.String())
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`store: save: rpc error: code = AlreadyExists desc = Document already exists: projects/p/databases/(default)/documents/users/alice/notifications/a1-2 (x)`: `store: save: rpc error: code = AlreadyExists desc = Document already exists: projects/p/databases/(default)/documents/users/*/notifications/* (x)`,
		`title: "Alice's \"secret\" walk" is too long; 500 characters were expected`:                                                                               `title: "…" is too long; 500 characters were expected`,
		`Post "https://fcm.example/v1": refused`: `Post "…": refused`,
		`no such user: alice@example.com.`:       `no such user: *@*`,
		`open "never closed`:                     `open "…"`,
		`audiences/oncall-shop/members`:          `audiences/*/members`,
		`audiences/oncall-shop/lists/alice: no`:  `audiences/*/lists/*: no`,
	} {
		if got := Clean(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	var out bytes.Buffer
	NewLog(&out, "p", "").Warn("x", "error", errors.New(`users/alice is "Alice"`), "document", "users/alice/devices/phone")
	if strings.Contains(strings.ToLower(out.String()), "alice") {
		t.Errorf("a line names somebody: %s", out.String())
	}
}

// A collector that takes connections and never answers must not slow down a request, nor the end beyond its limit.
func TestACollectorThatHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+l.Addr().String())
	for _, limit := range []string{"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_METRIC_EXPORT_TIMEOUT"} {
		t.Setenv(limit, "3600000") // so that nothing but our own limit ends an export
	}
	tel, err := Open(t.Context(), Config{Traces: true, Metrics: true, Ratio: 1, Service: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := tel.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for range 5_000 { // more than the queue has room for
		res := httptest.NewRecorder()
		h.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/", nil))
		if res.Code != http.StatusNoContent {
			t.Fatalf("got %d", res.Code)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- tel.Shutdown(ctx) }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("nobody said that the last spans were not exported")
		}
	case <-time.After(time.Minute):
		t.Error("the end waits for the collector beyond its limit, as long as that keeps silent")
	}
}
