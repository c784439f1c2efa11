package main

import (
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// The test's binary is the functions' binary, where the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_FUNCTIONS") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// exports are the names of the spans and metrics that a collector has received.
type exports struct {
	mu    sync.Mutex
	names []string
}

func (e *exports) add(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.names = append(e.names, name)
}

func (e *exports) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body) // nil is a test that fails
	}
	raw, _ := io.ReadAll(body)
	var spans tracepb.ExportTraceServiceRequest
	var metrics metricspb.ExportMetricsServiceRequest
	if r.URL.Path == "/v1/traces" && proto.Unmarshal(raw, &spans) == nil {
		for _, resource := range spans.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, s := range scope.Spans {
					e.add(s.Name)
				}
			}
		}
	}
	if r.URL.Path == "/v1/metrics" && proto.Unmarshal(raw, &metrics) == nil {
		for _, resource := range metrics.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, m := range scope.Metrics {
					e.add(m.Name)
				}
			}
		}
	}
}

// freePort is a port below those that systems give to outgoing connections: one of these could get it before the child opens it.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(12000 + rand.IntN(20000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// publishOnce runs the function publish, which exports to the collector only when it ends, posts one request, and ends it by SIGTERM. An
// export has an hour: a request or an end that waits for it does not come.
func publishOnce(t *testing.T, collector string) {
	t.Helper()
	const never = time.Minute // nothing was in flight
	port := freePort(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = []string{
		"RUN_FUNCTIONS=yes", "FUNCTION_TARGET=publish", "PORT=" + port, "GOOGLE_CLOUD_PROJECT=demo-tidings",
		"FIRESTORE_EMULATOR_HOST=127.0.0.1:1", "PUBSUB_EMULATOR_HOST=127.0.0.1:1", "FIREBASE_AUTH_EMULATOR_HOST=127.0.0.1:1", // never asked
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector, "OTEL_TRACES_SAMPLER=always_on", "OTEL_BSP_SCHEDULE_DELAY=3600000", "OTEL_METRIC_EXPORT_INTERVAL=3600000",
		"OTEL_EXPORTER_OTLP_TIMEOUT=3600000", "OTEL_BSP_EXPORT_TIMEOUT=3600000", "OTEL_METRIC_EXPORT_TIMEOUT=3600000",
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	url := "http://127.0.0.1:" + port
	for {
		if res, err := http.Get(url + "/health"); err == nil {
			res.Body.Close()
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended: %v\n%s", err, out.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	client := http.Client{Timeout: never}
	res, err := client.Post(url+"/v1/events", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatalf("the request, of which the collector %s is told: %v", collector, err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Fatalf("got %s, want 401", res.Status)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v after SIGTERM\n%s", err, out.String())
		}
	case <-time.After(never):
		_ = cmd.Process.Kill()
		t.Errorf("after SIGTERM it waits for the collector %s\n%s", collector, <-ended)
	}
}

func TestTheLastSpansAndMetricsAreExportedAtTheEnd(t *testing.T) {
	t.Parallel()
	var got exports
	collector := httptest.NewServer(&got)
	defer collector.Close()
	publishOnce(t, collector.URL)
	all := strings.Join(got.names, ", ")
	for _, want := range []string{"POST /v1/events", "http.server.request.duration"} {
		if !strings.Contains(all, want) {
			t.Errorf("the collector has no %q: %s", want, all)
		}
	}
}

// Nobody waits for a collector that takes the connection and never answers, nor for one that is not there.
func TestACollectorThatDoesNotAnswerStopsNothing(t *testing.T) {
	t.Parallel()
	hangs := listen(t)
	defer hangs.Close()
	publishOnce(t, "http://"+hangs.Addr().String())
	publishOnce(t, "http://127.0.0.1:1") // is not there
}
