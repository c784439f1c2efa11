//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tidings.dev/shared/topology"
)

// product is a product's own server, which is told what becomes of requests to be friends. It believes what the official library of Standard Webhooks verifies.
var product = newReceiver()

const (
	productSecret = "whsec_dGhlIHByb2R1Y3QncyBzZWNyZXQsIGFuZCBvdXJz"
	nextSecret    = "whsec_dGhlIG9uZSB0aGF0IGNvbWVzIGFmdGVyIHRoYXQh"
)

type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	told  []told
	fails int // how many requests it refuses before it takes one
}

// told is one request that the receiver has taken.
type told struct {
	ID   string
	Path string // which endpoint was told
	Type string
	Data struct {
		Event        struct{ Source, ID string }
		EventType    string
		Recipient    string
		Notification string
		Action       string
		Reason       string
	}
}

func newReceiver() *receiver {
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	return r
}

func (r *receiver) endpoints() string {
	return fmt.Sprintf("product: {url: %q, outcomes: [delivered, seen, acted, deadLettered], types: [friend.requested]}\nanswers: {url: %q, outcomes: []}",
		r.URL+"/tidings", r.URL+"/answers")
}

func (r *receiver) keys() string {
	return "product=" + productSecret + ",product=" + nextSecret + ",answers=" + productSecret + ",answers=" + nextSecret
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	for _, secret := range []string{productSecret, nextSecret} { // the old one and the new one, while they rotate
		wh, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = wh.VerifyIgnoringTimestamp(body, req.Header) // other tests move the clock
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails > 0 {
		r.fails--
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	got := told{ID: req.Header.Get("webhook-id"), Path: req.URL.Path}
	if err := json.Unmarshal(body, &got); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.told = append(r.told, got)
}

// about lists what the product was told of a person, as "type action", in the order in which it came; before it, which endpoint, if that is not the usual one.
func (r *receiver) about(uid string) (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, got := range r.told {
		if got.Data.Recipient == uid {
			all = append(all, strings.TrimSpace(strings.TrimPrefix(got.Path+" ", "/tidings ")+got.Type+" "+got.Data.Action))
		}
	}
	return all
}

func (r *receiver) failing(times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = times
}

func (r *receiver) await(t *testing.T, uid string, want ...string) {
	t.Helper()
	slices.Sort(want)
	eventually(t, fmt.Sprintf("what the product is told of %s: %q", uid, want), func() (any, bool) {
		got := r.about(uid)
		slices.Sort(got)
		return got, slices.Equal(got, want)
	})
}

func befriend(actor, uid string) map[string]any {
	return map[string]any{
		"type": "friend.requested", "id": actor + "-" + uid, "source": "https://friends.example", "actor": map[string]any{"id": actor, "name": strings.ToUpper(actor)}, "recipients": []string{uid},
	}
}

// A request to be friends is delivered, seen and accepted, and the product is told each of it once. Its refusal comes through at the second attempt. The test moves the clock,
// so it runs while no other test does.
func TestWebhooks(t *testing.T) {
	requireSystem(t)
	uid := fresh("befriended")
	other := uid + "-later"
	screen := listen(t, uid)
	publish(t, befriend("ann", uid))
	publish(t, befriend("ann", uid)) // twice is once
	items := await(t, screen, "the request", titled("ANN wants to be your friend"))
	product.await(t, uid, "notification.delivered")

	docs, err := database.Collection("users/" + uid + "/notifications").Documents(t.Context()).GetAll()
	if err != nil || len(docs) != 1 || len(items) != 1 {
		t.Fatalf("got %d items, %v", len(docs), err)
	}
	mark := func(fields map[string]any) {
		t.Helper()
		if _, err := docs[0].Ref.Set(t.Context(), fields, firestore.MergeAll); err != nil {
			t.Fatal(err)
		}
	}
	mark(map[string]any{"seenAt": system.Clock.Now()})
	product.await(t, uid, "notification.delivered", "notification.seen")
	mark(map[string]any{"doneAction": "accept", "readAt": system.Clock.Now()})
	mark(map[string]any{"archivedAt": system.Clock.Now()})
	product.await(t, uid, "notification.delivered", "notification.seen", "notification.acted accept")

	product.failing(1)
	publish(t, befriend("ben", other))
	eventually(t, "the first attempt", func() (any, bool) {
		body := operator(t, "/v1/outgoing?state=pending")
		return body, strings.Contains(body, "not now")
	})
	product.await(t, other)
	if err := system.Clock.Advance(2 * 60e9); err != nil {
		t.Fatal(err)
	}
	product.await(t, other, "notification.delivered")
	eventually(t, "the log has it as sent", func() (any, bool) { // it knows a moment after the product does
		body := operator(t, "/v1/outgoing?state=pending")
		return body, !strings.Contains(body, other)
	})
	if got := product.about(uid); len(got) != 3 {
		t.Errorf("the product was told %q, want each once", got)
	}
}

// An action names the endpoint that is told: it is told once of whoever takes it, though it asks for nothing, and of whoever takes the other one it is not. The client has no
// more of it than the other fields of an action, and an endpoint that does not exist is refused at the door.
func TestAnActionNamesItsEndpoint(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	ask := func(uid, endpoint string) map[string]any {
		return map[string]any{
			"type": "info", "id": "ask-" + uid, "source": "https://dates.example", "title": "Dinner on Friday?", "recipients": []string{uid},
			"actions": []map[string]any{{"id": "yes", "label": "Yes", "webhook": endpoint}, {"id": "no", "label": "No"}},
		}
	}
	yes, no := fresh("asked-yes"), fresh("asked-no")
	for uid, action := range map[string]string{yes: "yes", no: "no"} {
		screen := listen(t, uid)
		publish(t, ask(uid, "answers"))
		await(t, screen, "the question", titled("Dinner on Friday?"))
		docs, err := database.Collection("users/" + uid + "/notifications").Documents(t.Context()).GetAll()
		if err != nil || len(docs) != 1 {
			t.Fatalf("got %d items, %v", len(docs), err)
		}
		if _, err := docs[0].Ref.Set(t.Context(), map[string]any{"doneAction": action, "readAt": system.Clock.Now()}, firestore.MergeAll); err != nil {
			t.Fatal(err)
		}
	}
	product.await(t, yes, "/answers notification.acted yes")
	product.await(t, no)

	raw, err := json.Marshal(ask(fresh("asked-nobody"), "answrs"))
	if err != nil {
		t.Fatal(err)
	}
	status, body := post(t, system.Addresses.ProducerToken, "application/json", string(raw))
	if status != http.StatusBadRequest || !strings.Contains(body, `actions[0].webhook`) || !strings.Contains(body, "answers") || !strings.Contains(body, "product") {
		t.Errorf("an endpoint that is not there: got %d %s", status, body)
	}
}

// operator asks the function webhooks as an operator does.
func operator(t *testing.T, path string) string {
	t.Helper()
	token, err := system.CallerToken(topology.Operator, "webhooks")
	if err != nil {
		t.Fatal(err)
	}
	status, body := call(t, http.MethodGet, system.Addresses.Webhooks+path, "", map[string]string{"Authorization": "Bearer " + token})
	if status != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, status, body)
	}
	return body
}
