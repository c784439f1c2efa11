//go:build unix

package stack

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tidings.dev/emulator/google"
)

// A Person has an account at the Auth emulator, and a device.
type Person struct {
	Name    string `json:"name"`
	UID     string `json:"uid"`
	IDToken string `json:"idToken"` // good for an hour
}

var names = []string{"Alice", "Bob", "Carol", "Dave", "Erin"}

const (
	producerUID = "producer" // the demo product, and every test that posts an event
	password    = "tidings"  // of everybody; the Auth emulator knows nobody else
)

// ProducerGrants lets the one producer of a laptop do everything.
const ProducerGrants = `demo: {producers: ["uid:` + producerUID + `"], types: ["*"], sources: ["*"], recipients: true, audiences: ["*"], everybody: true, priority: urgent, actors: ["*"], rate: 10000, settings: true, erase: true, insight: true}`

func uidOf(name string) string  { return strings.ToLower(name) }
func emailOf(uid string) string { return uid + "@tidings.example" }

// accounts are the users at the Auth emulator. It is safe for concurrent use.
type accounts struct {
	base string

	mu     sync.Mutex
	tokens map[string]idToken // by uid
}

type idToken struct {
	value   string
	expires time.Time
}

func newAccounts(host string) *accounts {
	return &accounts{base: "http://" + host + "/identitytoolkit.googleapis.com/v1", tokens: make(map[string]idToken)}
}

// createAccounts makes the accounts and signs everybody in once.
func (s *Stack) createAccounts(ctx context.Context) (err error) {
	defer s.progress.doing("accounts")()
	s.accounts = newAccounts(s.Addresses.Auth)
	if err := s.accounts.create(ctx); err != nil {
		return err
	}
	if s.Addresses.ProducerToken, err = s.accounts.token(ctx, producerUID); err != nil {
		return err
	}
	s.Addresses.People = make([]Person, len(names))
	for i, name := range names {
		p := Person{Name: name, UID: uidOf(name)}
		if p.IDToken, err = s.accounts.token(ctx, p.UID); err != nil {
			return err
		}
		s.Addresses.People[i] = p
	}
	return nil
}

// create makes the people and the producer, or makes them again.
func (a *accounts) create(ctx context.Context) error {
	type user struct {
		LocalID          string `json:"localId"`
		Email            string `json:"email"`
		EmailVerified    bool   `json:"emailVerified"`
		DisplayName      string `json:"displayName"`
		RawPassword      string `json:"rawPassword"`
		CustomAttributes string `json:"customAttributes,omitempty"` // the custom claims, as JSON
	}
	users := []user{{
		LocalID: producerUID, Email: emailOf(producerUID), EmailVerified: true, DisplayName: "The demo product",
		RawPassword: password, CustomAttributes: `{"producer":true}`,
	}}
	for _, name := range names {
		uid := uidOf(name)
		users = append(users, user{LocalID: uid, Email: emailOf(uid), EmailVerified: true, DisplayName: name, RawPassword: password})
	}
	var out struct {
		Error []struct{ Message string }
	}
	err := google.Call(ctx, http.MethodPost, fmt.Sprintf("%s/projects/%s/accounts:batchCreate", a.base, Project),
		map[string]any{"allowOverwrite": true, "users": users}, &out)
	if err == nil && len(out.Error) > 0 {
		err = fmt.Errorf("%+v", out.Error)
	}
	if err != nil {
		return fmt.Errorf("creating accounts: %w", err)
	}
	return nil
}

// token returns an ID token that is good for at least five minutes: tokens are the system clock's, whatever the stack's.
func (a *accounts) token(ctx context.Context, uid string) (string, error) {
	a.mu.Lock()
	t := a.tokens[uid]
	a.mu.Unlock()
	if time.Until(t.expires) > 5*time.Minute {
		return t.value, nil
	}
	var out struct{ IDToken string }
	err := google.Call(ctx, http.MethodPost, a.base+"/accounts:signInWithPassword?key=any",
		map[string]any{"email": emailOf(uid), "password": password, "returnSecureToken": true}, &out)
	if err != nil {
		return "", fmt.Errorf("signing in as %s: %w", uid, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens[uid] = idToken{value: out.IDToken, expires: time.Now().Add(time.Hour)}
	return out.IDToken, nil
}

// colleagues is the audience of the demo's people: they see whether the others are there.
const colleagues = "harbour"

// createDevices gives each person a phone, and makes them colleagues.
func (s *Stack) createDevices(ctx context.Context) error {
	defer s.progress.doing("devices")()
	documents := fmt.Sprintf("projects/%s/databases/(default)/documents", Project)
	type value map[string]string
	now := s.Clock.Now().UTC().Format(time.RFC3339Nano)
	var writes []any
	for _, name := range names {
		uid := uidOf(name)
		writes = append(writes, map[string]any{"update": map[string]any{
			"name": fmt.Sprintf("%s/users/%s/devices/phone", documents, uid),
			"fields": map[string]value{
				"kind": {"stringValue": "token"}, "value": {"stringValue": uid + "-phone"},
				"platform": {"stringValue": "android"}, "locale": {"stringValue": "en"},
				"lastSeenAt": {"timestampValue": now},
			},
		}}, map[string]any{"update": map[string]any{
			"name":   fmt.Sprintf("%s/audiences/%s/members/%s", documents, colleagues, uid),
			"fields": map[string]value{"since": {"timestampValue": now}},
		}})
	}
	err := google.Call(ctx, http.MethodPost, fmt.Sprintf("http://%s/v1/%s:commit", s.Addresses.Firestore, documents), map[string]any{"writes": writes}, nil)
	if err != nil {
		return fmt.Errorf("creating devices: %w", err)
	}
	return nil
}
