// Package traces is the local stack's collector: it takes what the functions export by OTLP over HTTP, keeps the latest spans, and tells the
// spans of one trace as JSON, for the demo's trace viewer and for tests. In the cloud Google's collector has its place.
package traces

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one span of a trace.
type Span struct {
	TraceID    string         `json:"traceId"` // hexadecimal, as all ids
	ID         string         `json:"spanId"`
	Parent     string         `json:"parentId"` // "" is none
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`     // "server", "client", "producer", "consumer" or "internal"
	Service    string         `json:"service"`  // the function
	Start      int64          `json:"start"`    // microseconds since 1970
	Duration   int64          `json:"duration"` // microseconds
	Failed     bool           `json:"failed"`
	Attributes map[string]any `json:"attributes"`
	Links      []Link         `json:"links"`
}

// Link is another span that has to do with one.
type Link struct {
	TraceID string `json:"traceId"`
	ID      string `json:"spanId"`
}

const (
	maxSpans   = 20_000  // the latest, at about 1 KB
	maxMetrics = 200     // exports; a test reads them
	maxBody    = 8 << 20 // bytes of an export
)

// Collector keeps what was exported last. The zero value is ready. It is safe for concurrent use.
type Collector struct {
	mu      sync.Mutex
	spans   []Span
	metrics []*metricspb.ExportMetricsServiceRequest
}

// Handler takes exports, and tells a trace under GET /traces/{id}.
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", c.takeSpans)    // function: what it exports
	mux.HandleFunc("POST /v1/metrics", c.takeMetrics) // function: what it exports
	mux.HandleFunc("GET /traces/{id}", c.Tell)        // client: the demo
	return mux
}

// Tell answers with the spans of the trace {id} that are there by now, in the order of their beginning: {"spans": […]}.
func (c *Collector) Tell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"spans": c.Trace(r.PathValue("id"))}) // fails only if the client has hung up
}

// Trace returns the spans of a trace, in the order of their beginning. It is never nil.
func (c *Collector) Trace(id string) []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := []Span{}
	for _, s := range c.spans {
		if s.TraceID == strings.ToLower(id) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b Span) int { return int(a.Start - b.Start) })
	return found
}

// Spans returns all that are kept.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Metrics returns the latest exports of metrics.
func (c *Collector) Metrics() []*metricspb.ExportMetricsServiceRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.metrics)
}

func (c *Collector) takeSpans(w http.ResponseWriter, r *http.Request) {
	var in tracepb.ExportTraceServiceRequest
	if !read(w, r, &in) {
		return
	}
	var taken []Span
	for _, resource := range in.ResourceSpans {
		service, _ := values(resource.GetResource().GetAttributes())["service.name"].(string)
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				taken = append(taken, decode(s, service))
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, taken...)
	if more := len(c.spans) - maxSpans; more > 0 {
		c.spans = slices.Delete(c.spans, 0, more)
	}
}

func (c *Collector) takeMetrics(w http.ResponseWriter, r *http.Request) {
	in := &metricspb.ExportMetricsServiceRequest{}
	if !read(w, r, in) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metrics = append(c.metrics, in)
	if more := len(c.metrics) - maxMetrics; more > 0 {
		c.metrics = slices.Delete(c.metrics, 0, more)
	}
}

// read decodes an export. It answers what is none.
func read(w http.ResponseWriter, r *http.Request, into proto.Message) bool {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, "the body is not gzip", http.StatusBadRequest)
			return false
		}
		body = io.LimitReader(unzipped, maxBody)
	}
	raw, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(raw, into)
	}
	if err != nil {
		http.Error(w, "the body is no OTLP export in protobuf: "+err.Error(), http.StatusBadRequest)
		return false
	}
	w.Header().Set("Content-Type", "application/x-protobuf") // an empty answer is one without complaints
	return true
}

var kinds = map[span.Span_SpanKind]string{
	span.Span_SPAN_KIND_SERVER: "server", span.Span_SPAN_KIND_CLIENT: "client", span.Span_SPAN_KIND_PRODUCER: "producer",
	span.Span_SPAN_KIND_CONSUMER: "consumer", span.Span_SPAN_KIND_INTERNAL: "internal",
}

func decode(s *span.Span, service string) Span {
	out := Span{
		TraceID: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId),
		Name: s.Name, Kind: kinds[s.Kind], Service: service, Start: int64(s.StartTimeUnixNano / 1000), Duration: int64((s.EndTimeUnixNano - s.StartTimeUnixNano) / 1000),
		Failed: s.GetStatus().GetCode() == span.Status_STATUS_CODE_ERROR, Attributes: values(s.Attributes), Links: []Link{},
	}
	for _, l := range s.Links {
		out.Links = append(out.Links, Link{hex.EncodeToString(l.TraceId), hex.EncodeToString(l.SpanId)})
	}
	return out
}

// values are attributes as Go has them. Lists, of which we have none, are left out.
func values(attributes []*commonpb.KeyValue) map[string]any {
	out := make(map[string]any, len(attributes))
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			out[a.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			out[a.Key] = v.IntValue
		case *commonpb.AnyValue_BoolValue:
			out[a.Key] = v.BoolValue
		case *commonpb.AnyValue_DoubleValue:
			out[a.Key] = v.DoubleValue
		}
	}
	return out
}
