package alertmanager_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
)

const (
	good  = `{"status": "firing", "labels": {"alertname": "Good"}, "fingerprint": "1"}`
	well  = `{"status": "resolved", "labels": {"alertname": "Well"}, "fingerprint": "2"}`
	lists = `{"status": "firing", "alerts": [%s, %s, %s]}`
)

// One bad alert among good ones costs nobody else anything.
func TestWhatCannotBeReadIsLeftOutAndSaid(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, bad, why string }{
		{"null", `null`, "alerts[1] is left out: an object was expected"},
		{"a number", `7`, "alerts[1] is left out: an object was expected"},
		{"a list", `[]`, "alerts[1] is left out: an object was expected"},
		{"nothing in it", `{}`, "alerts[1].labels: the alert is left out; an object of strings was expected"},
		{"no labels", `{"status": "firing", "labels": {}}`, "alerts[1].labels: the alert is left out; an object of strings was expected"},
		{"labels of another type", `{"status": "firing", "labels": ["alertname"]}`, "alerts[1].labels: the alert is left out; an object of strings was expected"},
		{"labels that are null", `{"status": "firing", "labels": null}`, "alerts[1].labels: the alert is left out; an object of strings was expected"},
		{"an unknown status", `{"status": "suppressed", "labels": {"alertname": "x"}}`, "alerts[1].status: the alert is left out; firing or resolved was expected"},
		{"a status of another type", `{"status": {}, "labels": {"alertname": "x"}}`, "alerts[1].status: the alert is left out; firing or resolved was expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := []byte(fmt.Sprintf(lists, good, test.bad, well))
			mapped, err := newSource().Map(nil, body)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range mapped.Events {
				got = append(got, e.Type+" "+e.Target.Title)
			}
			if diff := cmp.Diff([]string{"incident.resolved Well", "incident.opened Good"}, got); diff != "" || mapped.Why != test.why {
				t.Errorf("why: got %q, want %q; -want +got:\n%s", mapped.Why, test.why, diff)
			}
			sourcetest.Holds(t, newSource(), nil, body)
		})
	}
}

// Nothing that is burning is lost for a field that it can do without.
func TestAnAlertIsToldWithoutWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, field, why string }{
		{"a start that is no time", `"startsAt": "yesterday"`, "alerts[0].startsAt: is left out; an RFC 3339 time was expected"},
		{"a start of another type", `"startsAt": {}`, "alerts[0].startsAt: is left out; an RFC 3339 time was expected"},
		{"a start that is null", `"startsAt": null`, ""},
		{"a start before 1970", `"startsAt": "0203-01-01T00:00:00Z"`, ""},
		{"annotations of another type", `"annotations": "x"`, ""},
		{"a label of another type", `"labels": {"alertname": "Good", "n": 7, "deep": {"a": []}, "none": null}`, ""},
		{"a status in capitals", `"status": "FIRING"`, ""},
		{"the message's status alone", `"status": null`, ""},
		{"a fingerprint of another type", `"fingerprint": 7`, ""},
		{"a fingerprint too long", `"fingerprint": "` + strings.Repeat("x", 300) + `"`, ""},
		{"a fingerprint with a control character", `"fingerprint": "\u0000"`, ""},
		{"links of another type", `"generatorURL": 7, "panelURL": [], "dashboardURL": null`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := []byte(`{"status": "firing", "truncatedAlerts": "x", "groupLabels": [], "externalURL": 7, "alerts": [{"status": "firing", "labels": {"alertname": "Good"}, ` + test.field + `}]}`)
			mapped, err := newSource().Map(nil, body)
			if err != nil {
				t.Fatal(err)
			}
			if len(mapped.Events) != 1 || mapped.Events[0].Target.Title != "Good" || mapped.Why != test.why {
				t.Errorf("got %+v, want the alert and %q", mapped, test.why)
			}
			if got := mapped.Events[0].Data["startsAt"]; got != nil {
				t.Errorf("startsAt: got %v", got)
			}
			sourcetest.Holds(t, newSource(), nil, body)
		})
	}
}

func TestClocksHarmNothing(t *testing.T) {
	t.Parallel()
	for starts, want := range map[string]any{
		"2026-11-21T10:20:00+01:00": "2026-11-21T09:20:00Z", "9999-12-31T23:59:59Z": "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z": nil,
	} {
		d := newDesk("oncall-shop")
		for _, status := range []string{"firing", "resolved", "firing"} {
			body := group(an(status, "f", "s", "alertname", "DiskFull", "team", "shop").with("startsAt", starts).with("endsAt", starts)).body(t)
			d.post(t, body)
			sourcetest.Holds(t, newSource(), nil, body)
		}
		if got := d.incidents(); len(got) != 1 || len(got[0].Open) != 1 {
			t.Errorf("%s: got %+v, want one that burns", starts, got)
		}
		mapped, err := newSource().Map(nil, group(an("firing", "f", "s", "alertname", "x").with("startsAt", starts)).body(t))
		if err != nil || mapped.Events[0].Data["startsAt"] != want {
			t.Errorf("%s: got %v, %v, want %v", starts, mapped.Events[0].Data, err, want)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"alerts": "x"}`:               `a JSON object with a list "alerts" was expected`,
		`{"alerts": null}`:              `a JSON object with a list "alerts" was expected`,
		`{"alerts": [null, {"a": 1}]}`:  "no alert in the body can be read: alerts[0] is left out: an object was expected; alerts[1].status",
		`{"alerts": [1,2,3,4,5,6,7,8]}`: "alerts[4] is left out: an object was expected; and 3 more",
	} {
		_, err := newSource().Map(nil, []byte(body))
		if p := new(problem.Problem); !errors.As(err, &p) || p.Status != http.StatusBadRequest || !strings.Contains(p.Detail, want) || strings.Contains(p.Detail, "struct") {
			t.Errorf("%s: got %v, want a 400 with %q", body, err, want)
		}
	}
}

func TestTheAnswerSaysWhatTheSenderCutOff(t *testing.T) {
	t.Parallel()
	d := newDesk("oncall")
	got := d.post(t, group(an("firing", "f", "s", "alertname", "x")).with("truncatedAlerts", 3).body(t))
	if want := "truncatedAlerts: the alerts that the sender cut off (3) keep the state that was said last"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Where a team has nobody, others are told. That it is over is told to whoever was told that it fires.
func TestOthersAreToldInThePlaceOfATeam(t *testing.T) {
	t.Parallel()
	tests := []struct{ status, team, audience, fallback string }{
		{"firing", "shop", "oncall-shop", "oncall"},
		{"resolved", "shop", "", ""},
		{"firing", "", "oncall", "oncall"},
		{"resolved", "", "", ""},
	}
	for _, test := range tests {
		mapped, err := newSource().Map(nil, group(an(test.status, "f", "s", "alertname", "x", "team", test.team)).body(t))
		if err != nil {
			t.Fatal(err)
		}
		e := mapped.Events[0]
		if e.Audience != test.audience || e.Fallback != test.fallback || e.ToWhoeverWasTold() != (test.status == "resolved") {
			t.Errorf("%+v: got %q, %q", test, e.Audience, e.Fallback)
		}
	}
}

func TestGoodNewsIsNeverLoud(t *testing.T) {
	t.Parallel()
	for severity, want := range map[string]event.Priority{"critical": event.Medium, "": event.Medium, "warning": event.Medium, "info": event.Low} {
		mapped, err := newSource().Map(nil, group(an("resolved", "f", "s", "alertname", "x", "severity", severity)).body(t))
		if err != nil || mapped.Events[0].Priority != want {
			t.Errorf("%q: got %v, %v, want %s", severity, mapped.Events, err, want)
		}
	}
}
