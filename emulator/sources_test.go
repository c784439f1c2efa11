//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

type answer struct {
	IDs     []string
	Unknown []string
	Why     string
	Detail  string // of a problem
}

// notify sends what a source would, and returns status and answer.
func notify(t *testing.T, url, body string, header map[string]string) (int, answer) {
	t.Helper()
	status, raw := postTo(t, url, body, header)
	var a answer
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		t.Fatalf("got %d %s", status, raw)
	}
	return status, a
}

// link writes a document, and returns how to delete it.
func link(t *testing.T, path string, fields map[string]any) (undo func()) {
	t.Helper()
	if _, err := database.Doc(path).Set(context.Background(), fields); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if _, err := database.Doc(path).Delete(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func join(t *testing.T, audience, uid string) (leave func()) {
	t.Helper()
	return link(t, "audiences/"+audience+"/members/"+uid, map[string]any{"since": system.Clock.Now()})
}

// fresh is a name that no other test has, nor this one when it runs again.
func fresh(name string) string { return name + "-" + strconv.FormatInt(time.Now().UnixNano(), 36) }

// A body of 25 MB is answered before it was sent.
func TestALargeBodyIsNotRead(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	const size = 25 << 20
	body := &tap{left: size}
	req, err := http.NewRequest(http.MethodPost, system.Addresses.GitHub, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	req.Header.Set("Expect", "100-continue") // as curl and GitHub's client do for a large body
	res, err := (&http.Client{Timeout: patience, Transport: &http.Transport{ExpectContinueTimeout: patience}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge || body.read > 0 {
		t.Errorf("got %d after %d bytes, want 413 after none", res.StatusCode, body.read)
	}
}

// tap is a body that knows how much of it was sent.
type tap struct{ left, read int }

func (b *tap) Read(p []byte) (int, error) {
	n := min(len(p), b.left)
	if n == 0 {
		return 0, io.EOF
	}
	b.left, b.read = b.left-n, b.read+n
	return n, nil
}

func TestAnIncidentIsOneItem(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("night shift") // their team as well
	join(t, "oncall-"+strings.ReplaceAll(uid, " ", "-"), uid)
	screen := listen(t, uid)
	starts := system.Clock.Now().Add(-time.Hour).UTC()
	send := func(status, severity string, ends time.Time) {
		t.Helper()
		code, got := notify(t, system.Addresses.Alertmanager, fmt.Sprintf(`{"version": "4", "status": %[1]q, "groupLabels": {"alertname": "HighErrorRate"}, "alerts": [{"status": %[1]q,
			"labels": {"alertname": "HighErrorRate", "severity": %[2]q, "team": %[5]q}, "annotations": {"summary": "Checkout fails"},
			"startsAt": %[3]q, "endsAt": %[4]q, "fingerprint": "f"}]}`, status, severity, starts.Format(time.RFC3339Nano), ends.Format(time.RFC3339Nano), uid),
			map[string]string{"Authorization": "Bearer " + system.Addresses.AlertmanagerSecret})
		if code != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("got %d %+v", code, got)
		}
	}
	for range 3 { // Alertmanager repeats itself
		send("firing", "critical", time.Time{})
	}
	items := await(t, screen, "the incident", titled("Incident: HighErrorRate"))
	if items[0]["priority"] != "urgent" || items[0]["body"] != "Checkout fails" {
		t.Errorf("got %v", items[0])
	}
	send("resolved", "critical", starts.Add(time.Minute))
	items = await(t, screen, "its end", titled("Resolved: HighErrorRate"))
	if items[0]["priority"] != "medium" || items[0]["revision"] != int64(2) {
		t.Errorf("got priority %v and revision %v, want medium and 2", items[0]["priority"], items[0]["revision"])
	}
	if status, _ := notify(t, system.Addresses.Alertmanager, `{"alerts": []}`, nil); status != http.StatusUnauthorized {
		t.Errorf("without the secret: got %d, want 401", status)
	}
}

func TestAnOrderIsOneItemThatMovesOn(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("customer")
	screen := listen(t, uid)
	raw, err := os.ReadFile(filepath.Join("..", "functions", "examples", "orders", "testdata", "way.json"))
	if err != nil {
		t.Fatal(err)
	}
	var way []map[string]any
	if err := json.Unmarshal(raw, &way); err != nil {
		t.Fatal(err)
	}
	ce := map[string]string{"Content-Type": "application/cloudevents+json", "Authorization": "Bearer " + system.Addresses.ProducerToken}
	titles := []string{"was placed", "was paid", "has shipped", "is out for delivery", "was delivered"}
	for i, step := range way {
		step["data"].(map[string]any)["customer"] = uid
		step["id"] = fmt.Sprint(uid, i)
		body, err := json.Marshal(step)
		if err != nil {
			t.Fatal(err)
		}
		if status, got := notify(t, system.Addresses.Orders, string(body), ce); status != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("got %d %+v", status, got)
		}
		items := await(t, screen, titles[i], titled("Your order of a tent "+titles[i]))
		data, _ := items[0]["data"].(map[string]any)
		if got, want := data["progress"], []int64{10, 30, 60, 85, 100}[i]; got != want {
			t.Errorf("%s: progress %v, want %v", titles[i], got, want)
		}
	}
	ce["Authorization"] = "Bearer " + system.Addresses.People[0].IDToken
	if status, _ := notify(t, system.Addresses.Orders, "{}", ce); status != http.StatusForbidden {
		t.Errorf("a person: got %d, want 403", status)
	}
}

// The demo's buttons.
func TestReplaysReachWhoeverLooksOn(t *testing.T) {
	requireSystem(t)
	screen := listen(t, "erin")
	for _, step := range []struct{ source, title string }{
		{"github", "Codertocat requested your review of Update the README with new information (#2)"},
		{"github", "Codertocat accepted your answer to TEST edit (#4)"},
		{"github", "Security advisory: Moderate severity vulnerability that affects django"},
		{"alertmanager", "Incident: HighErrorRate"},
		{"alertmanager", "Resolved: HighErrorRate"},
		{"orders", "Your order of a tent was placed"},
		{"orders", "Your order of a tent was paid"},
		{"orders", "Your order of a tent has shipped"},
		{"orders", "Your order of a tent is out for delivery"},
		{"orders", "Your order of a tent was delivered"}, // the next one would be of another order
	} {
		status, got := notify(t, system.Addresses.Web+"/replay/"+step.source+"?uid=erin", "", nil)
		if status != http.StatusOK {
			t.Fatalf("%s: got %d %+v", step.source, status, got)
		}
		await(t, screen, step.title, func(items []map[string]any) bool {
			return slices.ContainsFunc(items, func(item map[string]any) bool { return item["title"] == step.title })
		})
	}
	for path, want := range map[string]int{"/replay/gitlab": http.StatusNotFound, "/replay/github?uid=nobody": http.StatusBadRequest} {
		res, err := patientClient.Post(system.Addresses.Web+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, res.StatusCode, want)
		}
	}
}
