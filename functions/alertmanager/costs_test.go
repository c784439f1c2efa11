package alertmanager_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/hostile"
)

func TestHostileMessagesCostLittle(t *testing.T) {
	door := sourcetest.NewDoor(t, newSource())
	for _, around := range [][2]string{{"", ""}, {`{"alerts":`, "}"}, {`{"alerts":[`, "]}"}, {`{"alerts":[{"status":"firing","labels":`, "}]}"}, {`{"alerts":[],"groupLabels":`, "}"}, {`{"alerts":[{"status":"firing","labels":{"alertname":`, "}}]}"}} {
		sourcetest.Costs(t, door, around[0], around[1], func(body []byte) *http.Request { return request("Bearer new")(bytes.NewReader(body)) })
	}
}

// What a message says of all its alerts is read once, and not for each of a thousand. Alone they cost 7 MB.
func TestWhatAlertsShareCostsOnce(t *testing.T) {
	var alerts, labels strings.Builder
	for i := range 1_000 {
		fmt.Fprintf(&alerts, `,{"labels": {"alertname": "DiskFull", "instance": "%d"}, "generatorURL": "/graph"}`, i)
		fmt.Fprintf(&labels, `,"label%d": "a value of it"`, i)
	}
	inputs := map[string][]byte{}
	for what, shared := range map[string]string{
		"many group labels": `"status": "firing", "groupLabels": {` + labels.String()[1:] + `}`,
		"a long address":    `"status": "firing", "externalURL": "https://alerts.example/` + strings.Repeat("x", 50_000) + `"`,
		"a long status":     `"status": "` + strings.Repeat(" ", 50_000) + `firing"`,
	} {
		inputs[what] = []byte(`{` + shared + `, "alerts": [` + alerts.String()[1:] + `]}`)
	}
	hostile.Costs(t, 12<<20, inputs, func(body []byte) {
		if mapped, err := newSource().Map(nil, body); err != nil || len(mapped.Events) != 1_000 {
			t.Errorf("got %d events, %v", len(mapped.Events), err)
		}
	})
}
