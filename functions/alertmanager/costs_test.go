package alertmanager_test

import (
	"bytes"
	"net/http"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
)

func TestHostileMessagesCostLittle(t *testing.T) {
	door := sourcetest.NewDoor(t, newSource())
	for _, around := range [][2]string{{"", ""}, {`{"alerts":`, "}"}, {`{"alerts":[`, "]}"}, {`{"alerts":[{"status":"firing","labels":`, "}]}"}, {`{"alerts":[],"groupLabels":`, "}"}, {`{"alerts":[{"status":"firing","labels":{"alertname":`, "}}]}"}} {
		sourcetest.Costs(t, door, around[0], around[1], func(body []byte) *http.Request { return request("Bearer new")(bytes.NewReader(body)) })
	}
}
