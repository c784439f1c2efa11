//go:build unix

package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/traces"
)

// newTrace makes the ids of a trace that a producer has begun, and the header that tells them.
func newTrace() (trace, span, header string) {
	id := make([]byte, 24)
	_, _ = rand.Read(id) // never fails
	trace, span = hex.EncodeToString(id[:16]), hex.EncodeToString(id[16:])
	return trace, span, "00-" + trace + "-" + span + "-01"
}

// A step is what is expected of one span.
type step struct {
	Name, Parent, Kind, Service string
	Attributes                  map[string]any
}

// wayOfAnEvent are the spans of one event for one person with one device, by the conventions of OpenTelemetry for HTTP, messaging, RPC and
// databases.
var wayOfAnEvent = []step{
	{"POST /v1/events", "curl", "server", "publish", map[string]any{
		"http.request.method": "POST", "http.route": "/v1/events", "http.response.status_code": int64(202), "url.scheme": "http",
	}},
	{"send events", "POST /v1/events", "producer", "publish", map[string]any{
		"messaging.system": "gcp_pubsub", "messaging.operation.type": "send", "messaging.operation.name": "send", "messaging.destination.name": "events",
	}},
	{"google.pubsub.v1.Publisher/Publish", "send events", "client", "publish", map[string]any{
		"rpc.system.name": "grpc", "rpc.method": "google.pubsub.v1.Publisher/Publish", "rpc.response.status_code": "OK",
	}},
	{"process events-notify", "send events", "consumer", "notify", map[string]any{
		"messaging.system": "gcp_pubsub", "messaging.operation.type": "process", "messaging.operation.name": "process",
		"messaging.destination.subscription.name": "events-notify", "messaging.gcp_pubsub.message.delivery_attempt": int64(1),
		"cloudevents.event_type": "user.mentioned",
	}},
	{"commit inboxes", "process events-notify", "internal", "notify", map[string]any{"tidings.commit.jobs": int64(1), "tidings.commit.inboxes": int64(1)}},
	{"google.firestore.v1.Firestore/BatchWrite", "commit inboxes", "client", "notify", map[string]any{
		"rpc.system.name": "grpc", "rpc.method": "google.firestore.v1.Firestore/BatchWrite", "rpc.response.status_code": "OK",
		"db.system.name": "gcp.firestore", "db.operation.name": "BatchWrite",
	}},
	{"POST /v1/projects/{project}/messages:send", "process events-notify", "client", "notify", map[string]any{
		"http.request.method": "POST", "http.response.status_code": int64(200), "url.template": "/v1/projects/{project}/messages:send",
	}},
}

// From curl to the listener, what happened to one event is one trace. What other tests have under way would share its commit, so it runs while none does, and
// waits until nothing is.
func TestTheSpansOfAnEventAreOneTrace(t *testing.T) {
	requireSystem(t)
	settle(t)
	uid := fresh("tracer")
	register(t, uid)
	screen := listen(t, uid)
	trace, caller, header := newTrace()
	status, answer := postTo(t, system.Addresses.Publish+"/v1/events", `{"type": "user.mentioned", "recipients": ["`+uid+`"], "actor": {"id": "alice", "name": "Alice"}}`,
		map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken, "Traceparent": header})
	if status != http.StatusAccepted {
		t.Fatalf("got %d %s, want 202", status, answer)
	}
	await(t, screen, "the mention", titled("Alice mentioned you in a post"))
	awaitPushes(t, uid, "Alice mentioned you in a post")
	spans := awaitSpans(t, trace)
	names := map[string]string{caller: "curl"}
	for _, s := range spans {
		names[s.ID] = s.Name
	}
	for _, want := range wayOfAnEvent {
		i := slices.IndexFunc(spans, func(s traces.Span) bool { return s.Name == want.Name })
		if i < 0 {
			t.Errorf("no span %q", want.Name)
			continue
		}
		s := spans[i]
		got := step{s.Name, names[s.Parent], s.Kind, s.Service, map[string]any{}}
		for key := range want.Attributes {
			got.Attributes[key] = s.Attributes[key]
		}
		if diff := cmp.Diff(want, got); diff != "" || s.Failed {
			t.Errorf("%s: failed %t; -want +got:\n%s", want.Name, s.Failed, diff)
		}
	}
	for _, s := range spans {
		if names[s.Parent] == "" {
			t.Errorf("%s has a parent that is not in the trace", s.Name)
		}
	}
	res, err := patientClient.Get(system.Addresses.Web + "/traces/" + trace)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var told struct{ Spans []traces.Span }
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil || len(told.Spans) < len(wayOfAnEvent) {
		t.Errorf("the web address tells %d spans and %v", len(told.Spans), err)
	}
}

// What could not be done at once goes on in the same trace: here a push that FCM does not take, by way of the retry topic.
func TestARetryStaysInTheTrace(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("retracer")
	register(t, uid)
	if status, answer := postTo(t, system.Addresses.FCM+"/faults", `{"target": "`+uid+`-tab", "error": "UNAVAILABLE", "times": 1}`, nil); status >= 300 {
		t.Fatalf("the fault was refused: %d %s", status, answer)
	}
	trace, _, header := newTrace()
	status, answer := postTo(t, system.Addresses.Publish+"/v1/events", `{"type": "user.mentioned", "recipients": ["`+uid+`"], "actor": {"id": "alice", "name": "Alice"}}`,
		map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken, "Traceparent": header})
	if status != http.StatusAccepted {
		t.Fatalf("got %d %s, want 202", status, answer)
	}
	eventually(t, "the spans of a retry", func() (any, bool) {
		parents, found := map[string]string{}, map[string]string{}
		spans := system.Traces.Trace(trace)
		for _, s := range spans {
			parents[s.ID] = s.Name
		}
		for _, s := range spans {
			found[s.Name] = parents[s.Parent]
		}
		return found, found["send events-retry"] == "process events-notify" && found["process events-retry-notify"] == "send events-retry"
	})
}

// awaitSpans waits until the trace has each span of an event's way, and what belongs to them.
func awaitSpans(t *testing.T, trace string) (spans []traces.Span) {
	t.Helper()
	eventually(t, "the spans of a trace", func() (any, bool) {
		spans = system.Traces.Trace(trace)
		ids, names := map[string]bool{}, map[string]bool{}
		for _, s := range spans {
			ids[s.ID], names[s.Name] = true, true
		}
		lacking := slices.ContainsFunc(wayOfAnEvent, func(s step) bool { return !names[s.Name] })
		orphans := slices.ContainsFunc(spans, func(s traces.Span) bool { return s.Kind != "server" && !ids[s.Parent] })
		return spans, !lacking && !orphans
	})
	return spans
}
