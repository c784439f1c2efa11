//go:build unix

package stack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.dev/emulator/google"
)

// The secrets of the webhooks, for the local stack only: other machines cannot reach its ports.
const (
	githubSecret       = "tidings-github"
	alertmanagerSecret = "tidings-alertmanager"
)

// A link is a document that connects a person to what other systems know: it maps a login to a uid, or, without a uid, it is a
// membership in an audience.
type link struct{ path, uid string }

// links are there from the start: who octocat is, who is on duty, and who watches security advisories.
var links = []link{
	{path: "identities/github/logins/octocat", uid: "bob"},
	{path: "audiences/oncall/members/carol"},
	{path: "audiences/oncall-shop/members/carol"},
	{path: "audiences/topic-security-advisories/members/dave"},
}

// createLinks writes documents of the links.
func (s *Stack) createLinks(ctx context.Context, links ...link) error {
	documents := fmt.Sprintf("projects/%s/databases/(default)/documents", Project)
	var writes []any
	for _, l := range links {
		fields := map[string]any{"since": map[string]string{"timestampValue": s.Clock.Now().UTC().Format(time.RFC3339Nano)}}
		if l.uid != "" {
			fields = map[string]any{"uid": map[string]string{"stringValue": l.uid}}
		}
		writes = append(writes, map[string]any{"update": map[string]any{"name": documents + "/" + l.path, "fields": fields}})
	}
	err := google.Call(ctx, http.MethodPost, fmt.Sprintf("http://%s/v1/%s:commit", s.Addresses.Firestore, documents), map[string]any{"writes": writes}, nil)
	if err != nil {
		return fmt.Errorf("linking people: %w", err)
	}
	return nil
}

// replayer is behind the demo's buttons: it posts to a function what another system would post, so that it concerns the person who
// pressed. The payloads are the functions' test data.
type replayer struct {
	s *Stack

	mu     sync.Mutex
	github map[string]int       // by uid: how many payloads of GitHub's were sent
	firing map[string]time.Time // by uid: since when the alert fires
	steps  map[string]int       // by uid: how many steps of orders were sent
}

func (s *Stack) newReplayer() *replayer {
	return &replayer{s: s, github: map[string]int{}, firing: map[string]time.Time{}, steps: map[string]int{}}
}

// ServeHTTP answers with what was sent and what the function said: {"sent": …, "status": 202, "answer": {…}}.
func (p *replayer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	uid := cmp.Or(r.URL.Query().Get("uid"), uidOf(names[0]))
	if !slices.ContainsFunc(names, func(name string) bool { return uidOf(name) == uid }) {
		http.Error(w, "uid: no such person; the demo has alice, bob, carol, dave and erin", http.StatusBadRequest)
		return
	}
	send, ok := map[string]func(context.Context, string) (string, *http.Request, error){
		"github": p.sendGitHub, "alertmanager": p.sendAlerts, "orders": p.sendOrder,
	}[r.PathValue("source")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sent, req, err := send(r.Context(), uid)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || !json.Valid(answer) {
		http.Error(w, fmt.Sprintf("%s: %s", res.Status, answer), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"sent": sent, "status": res.StatusCode, "answer": json.RawMessage(answer)})
}

// replayed are payloads of GitHub's in which somebody is told of what somebody else did, and the link that makes the person that somebody.
var replayed = []struct {
	payload string
	link    func(uid string) link
}{
	{"pull_request/21-review_requested.json", func(uid string) link { return link{"identities/github/logins/octocat", uid} }},
	{"discussion/01-answered.json", func(uid string) link { return link{"identities/github/logins/dan2wik", uid} }},
	{"security_advisory/00-published.json", func(uid string) link {
		return link{path: "audiences/topic-security-advisories/members/" + uid}
	}},
}

var updatedAt = regexp.MustCompile(`"updated_at": "[^"]*"`)

// sendGitHub sends the next payload, signed as GitHub does. It was updated now: the same bytes again would be the same change.
func (p *replayer) sendGitHub(ctx context.Context, uid string) (string, *http.Request, error) {
	next := replayed[p.github[uid]%len(replayed)]
	p.github[uid]++
	body, err := os.ReadFile(filepath.Join(p.s.root, "functions", "github", "testdata", "payloads", filepath.FromSlash(next.payload)))
	if err != nil {
		return "", nil, err
	}
	body = updatedAt.ReplaceAll(body, []byte(`"updated_at": "`+p.s.Clock.Now().UTC().Format(time.RFC3339Nano)+`"`))
	if err := p.s.createLinks(ctx, next.link(uid)); err != nil {
		return "", nil, err
	}
	event, _, _ := strings.Cut(next.payload, "/")
	req, err := p.request(ctx, p.s.Addresses.GitHub, "application/json", body)
	if err != nil {
		return "", nil, err
	}
	mac := hmac.New(sha256.New, []byte(githubSecret))
	mac.Write(body)
	req.Header.Set("X-GitHub-Event", event)
	req.Header.Set("X-GitHub-Delivery", "replay-"+strconv.FormatInt(time.Now().UnixNano(), 36)) // each press is another delivery
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return next.payload, req, nil
}

var (
	startsAt = regexp.MustCompile(`"startsAt": "[^"]*"`)
	endsAt   = regexp.MustCompile(`"endsAt": "[^"]*"`)
)

// sendAlerts opens an incident, and resolves it the next time.
func (p *replayer) sendAlerts(ctx context.Context, uid string) (string, *http.Request, error) {
	now := p.s.Clock.Now().UTC()
	since, firing := p.firing[uid]
	file, ends := "resolved.json", now
	if delete(p.firing, uid); !firing {
		file, since, ends = "firing.json", now, time.Time{}
		p.firing[uid] = now
	}
	body, err := os.ReadFile(filepath.Join(p.s.root, "functions", "alertmanager", "testdata", file))
	if err != nil {
		return "", nil, err
	}
	body = startsAt.ReplaceAll(body, []byte(`"startsAt": "`+since.Format(time.RFC3339Nano)+`"`))
	body = endsAt.ReplaceAll(body, []byte(`"endsAt": "`+ends.Format(time.RFC3339Nano)+`"`))
	if err := p.s.createLinks(ctx, link{path: "audiences/oncall-shop/members/" + uid}); err != nil {
		return "", nil, err
	}
	req, err := p.request(ctx, p.s.Addresses.Alertmanager, "application/json", body)
	if err != nil {
		return "", nil, err
	}
	req.Header.Set("Authorization", "Bearer "+alertmanagerSecret)
	return file, req, nil
}

// sendOrder takes an order of the person's one step further, and after the last step begins another one.
func (p *replayer) sendOrder(ctx context.Context, uid string) (string, *http.Request, error) {
	raw, err := os.ReadFile(filepath.Join(p.s.root, "functions", "examples", "orders", "testdata", "way.json"))
	if err != nil {
		return "", nil, err
	}
	var way []struct {
		Specversion string         `json:"specversion"`
		ID          string         `json:"id"`
		Source      string         `json:"source"`
		Type        string         `json:"type"`
		Subject     string         `json:"subject"`
		Data        map[string]any `json:"data"`
	}
	if err := json.Unmarshal(raw, &way); err != nil || len(way) == 0 {
		return "", nil, fmt.Errorf("way.json holds no steps: %w", err)
	}
	e := way[p.steps[uid]%len(way)]
	number := fmt.Sprintf("%s-%d", uid, 1001+p.steps[uid]/len(way))
	e.ID, e.Subject, e.Data["customer"] = fmt.Sprintf("%s-%d", uid, p.steps[uid]), "order/"+number, uid
	p.steps[uid]++
	body, err := json.Marshal(e)
	if err != nil {
		return "", nil, err
	}
	token, err := p.s.accounts.token(ctx, producerUID)
	if err != nil {
		return "", nil, err
	}
	req, err := p.request(ctx, p.s.Addresses.Orders, "application/cloudevents+json", body)
	if err != nil {
		return "", nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return e.Type, req, nil
}

func (p *replayer) request(ctx context.Context, url, contentType string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", contentType)
	}
	return req, err
}
