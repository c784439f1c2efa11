package traces

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func text(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

// export is one span as a function exports it.
func export(t *testing.T, trace, id byte) []byte {
	t.Helper()
	raw, err := proto.Marshal(&tracepb.ExportTraceServiceRequest{ResourceSpans: []*span.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{text("service.name", "notify")}},
		ScopeSpans: []*span.ScopeSpans{{Spans: []*span.Span{{
			TraceId: bytes.Repeat([]byte{trace}, 16), SpanId: bytes.Repeat([]byte{id}, 8), ParentSpanId: bytes.Repeat([]byte{9}, 8), Name: "process",
			Kind: span.Span_SPAN_KIND_CONSUMER, StartTimeUnixNano: 2_000_000, EndTimeUnixNano: 5_000_000, Attributes: []*commonpb.KeyValue{text("a", "b")},
			Status: &span.Status{Code: span.Status_STATUS_CODE_ERROR}, Links: []*span.Span_Link{{TraceId: bytes.Repeat([]byte{1}, 16), SpanId: bytes.Repeat([]byte{2}, 8)}},
		}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestATraceIsToldAsItWasExported(t *testing.T) {
	t.Parallel()
	var c Collector
	h := c.Handler()
	post := func(body []byte, header http.Header) int {
		r := httptest.NewRequest(http.MethodPost, "/v1/traces", bytes.NewReader(body))
		r.Header = header
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(export(t, 3, 4)) // a buffer takes all
	_ = z.Close()
	for name, got := range map[string]int{
		"plain": post(export(t, 5, 6), nil), "gzip": post(zipped.Bytes(), http.Header{"Content-Encoding": {"gzip"}}),
	} {
		if got != http.StatusOK {
			t.Errorf("%s: got %d", name, got)
		}
	}
	if got := post([]byte("rubbish"), nil); got != http.StatusBadRequest {
		t.Errorf("rubbish: got %d", got)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/traces/03030303030303030303030303030303", nil))
	var told struct{ Spans []Span }
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	want := []Span{{
		TraceID: "03030303030303030303030303030303", ID: "0404040404040404", Parent: "0909090909090909", Name: "process", Kind: "consumer", Service: "notify",
		Start: 2_000, Duration: 3_000, Failed: true, Attributes: map[string]any{"a": "b"}, Links: []Link{{"01010101010101010101010101010101", "0202020202020202"}},
	}}
	if diff := cmp.Diff(want, told.Spans); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheLatestSpansAreKept(t *testing.T) {
	t.Parallel()
	c := Collector{spans: make([]Span, maxSpans)}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/traces", bytes.NewReader(export(t, 7, 8))))
	if kept := c.Spans(); len(kept) != maxSpans || kept[maxSpans-1].ID != "0808080808080808" {
		t.Errorf("%d spans are kept, the last one is %+v", len(kept), kept[len(kept)-1])
	}
}
