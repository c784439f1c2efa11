//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/encoding/protojson"

	"tidings.dev/emulator/bigquery"
	"tidings.dev/shared/topology"
)

// mark is in everything personal that the test uses: uids, names, titles, texts, addresses of devices, tokens of producers.
const mark = "qz7kmarked"

// personal is an event with the mark wherever an event is about somebody.
func personal(kind, uid string) map[string]any {
	return map[string]any{
		"type": kind, "recipients": []string{uid}, "actor": map[string]any{"id": mark + "-actor", "name": "Ms " + mark, "imageUrl": "https://example.com/" + mark},
		"target": map[string]any{"type": "post", "id": mark + "-post", "title": "A walk with " + mark, "url": "/people/" + mark},
		"body":   "Call me, " + mark, "data": map[string]any{"text": mark + "@example.com"},
	}
}

// What the functions print and export names nobody, also where something fails.
func TestNobodyIsNamedInLogsSpansAndMetrics(t *testing.T) {
	requireSystem(t)
	settle(t)
	run := fresh(mark)
	well, gone, busy := run+"-well", run+"-gone", run+"-busy"
	lines, persons := len(functionLogs(t)["notify"]), personsInFacts(t)
	for _, uid := range []string{well, gone, busy} {
		register(t, uid)
	}
	trace, _, header := newTrace()
	t.Cleanup(system.FCM.ClearFaults) // or the push for busy would be under way for hours of the stack's clock, and other tests wait for it
	for uid, fault := range map[string]string{gone: "UNREGISTERED", busy: "UNAVAILABLE"} {
		if status, answer := postTo(t, system.Addresses.FCM+"/faults", fmt.Sprintf(`{"target": "%s-tab", "error": "%s"}`, uid, fault), nil); status >= 300 {
			t.Fatalf("the fault was refused: %d %s", status, answer)
		}
	}
	for _, uid := range []string{well, gone, busy} {
		publish(t, personal("user.mentioned", uid))
	}
	awaitPushes(t, well, "Ms "+mark+" mentioned you in A walk with "+mark)
	refusedRequests(t, header)
	lost := []map[string]any{personal("no.such.type", well), personal("user.mentioned", "__"+mark+"__"), {"type": "info", "recipients": mark, "title": mark}}
	for _, e := range lost {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := messaging.Publisher("events").Publish(t.Context(), &pubsub.Message{Data: raw, Attributes: map[string]string{"why": mark, "uid": mark}}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	awaitLines(t, lines, map[string]int{"device deleted": 1, "dead letter": len(lost), "handed over to retry": 1})
	eventually(t, "the facts of three people", func() (any, bool) {
		now := personsInFacts(t)
		return fmt.Sprintf("%d people before, and now %d", persons, now), now >= persons+3
	})
	eventually(t, "the trace", func() (any, bool) { return "none", len(system.Traces.Trace(trace)) > 0 })
	for where, text := range everythingTold(t) {
		for line := range strings.Lines(text) {
			if strings.Contains(strings.ToLower(line), mark) {
				t.Errorf("%s names somebody: %s", where, line)
			}
		}
	}
}

// refusedRequests are requests with the mark that are answered with an error.
func refusedRequests(t *testing.T, trace string) {
	t.Helper()
	a := system.Addresses
	wrong := personal("post.likd", mark)
	wrong["priority"], wrong["expiresAt"], wrong[mark] = mark, mark, mark
	raw, err := json.Marshal(wrong)
	if err != nil {
		t.Fatal(err)
	}
	with := func(authorization string) map[string]string {
		return map[string]string{"Authorization": authorization, "Traceparent": trace, "User-Agent": mark, "X-Forwarded-For": mark, "Tracestate": "v=" + mark}
	}
	pubsub, err := system.CallerToken(topology.PubSub, "notify")
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range []struct {
		url, body, authorization string
	}{
		{a.Publish + "/v1/events?uid=" + mark, string(raw), "Bearer " + a.ProducerToken},
		{a.Publish + "/v1/events", `{"type": "` + mark, "Bearer " + a.ProducerToken},
		{a.Publish + "/v1/events", string(raw), "Bearer " + mark},
		{a.Publish + "/users/" + mark, string(raw), "Bearer " + a.ProducerToken},
		{a.Orders, `{"specversion": "1.0", "id": "` + mark + `", "source": "/s", "type": "x.order.shipped", "subject": "` + mark + `", "data": {"customer": "` + mark + `"}}`, "Bearer " + a.ProducerToken},
		{a.GitHub, string(raw), mark},
		{a.Alertmanager, `{"alerts": [{"labels": {"alertname": "` + mark + `"}, "annotations": {"summary": "` + mark + `"}, "startsAt": "` + mark + `"}]}`, "Bearer " + a.AlertmanagerSecret},
		{a.Notify + "/notify", `{"message": {"messageId": "", "data": "` + mark + `"}}`, "Bearer " + pubsub},
		{a.Notify + "/notify", mark, "Bearer " + mark},
		{a.DeadLetters + "/v1/dead-letters/" + mark + ":replay", "", "Bearer " + a.OperatorToken},
		{a.DeadLetters + "/v1/dead-letters/" + mark + ":discard", "", "Bearer " + a.OperatorToken},
	} {
		if status, _ := postTo(t, request.url, request.body, with(request.authorization)); status < 300 && !strings.HasPrefix(request.url, a.Alertmanager) {
			t.Errorf("%s was taken (%d), and should be refused", request.url, status)
		}
	}
}

// personsInFacts is how many people the facts are of that have come so far.
func personsInFacts(t *testing.T) int {
	t.Helper()
	persons, err := bigquery.Query[json.RawMessage](t.Context(), system.Facts, "SELECT DISTINCT person FROM facts", nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(persons)
}

// awaitLines waits until notify has logged the messages so often since its log had that length.
func awaitLines(t *testing.T, since int, messages map[string]int) {
	t.Helper()
	eventually(t, fmt.Sprintf("the lines %v in notify's log", messages), func() (any, bool) {
		log := functionLogs(t)["notify"][since:]
		for message, times := range messages {
			if strings.Count(log, `"message":"`+message+`"`) < times {
				return log, false
			}
		}
		return log, true
	})
}

// functionLogs is what each function printed.
func functionLogs(t *testing.T) map[string]string {
	t.Helper()
	logs := map[string]string{}
	for _, f := range topology.Deployed().Functions {
		raw, err := os.ReadFile(filepath.Join(system.Addresses.Logs, f.Name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		logs[f.Name] = string(raw)
	}
	return logs
}

// everythingTold is all that left the functions: their logs, their spans, their metrics.
func everythingTold(t *testing.T) map[string]string {
	t.Helper()
	awaitMetric(t, "tidings.messages.dead_lettered")
	told := map[string]string{}
	for name, text := range functionLogs(t) {
		told["the log of "+name] = text
	}
	for _, s := range system.Traces.Spans() {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		told["the spans"] += string(raw) + "\n"
	}
	for _, m := range system.Traces.Metrics() {
		told["the metrics"] += protojson.Format(m) + "\n"
	}
	facts, err := bigquery.Query[json.RawMessage](t.Context(), system.Facts, "SELECT * FROM facts", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		told["the facts"] += string(f) + "\n"
	}
	return told
}

// awaitMetric waits until notify has exported a metric, once more where it has before.
func awaitMetric(t *testing.T, name string) {
	t.Helper()
	known := system.Traces.Metrics()
	eventually(t, "the metric "+name, func() (any, bool) {
		exports := system.Traces.Metrics()
		for _, export := range slices.Backward(exports) {
			if len(known) > 0 && export == known[len(known)-1] {
				break
			}
			if strings.Contains(protojson.Format(export), `"`+name+`"`) {
				return name, true
			}
		}
		return fmt.Sprint(len(exports), " exports without it"), false
	})
}
