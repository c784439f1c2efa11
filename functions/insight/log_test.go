package insight_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/idtoken"
	"google.golang.org/api/option"

	"tidings.dev/emulator/bigquery"
	"tidings.dev/functions/insight"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/store"
	"tidings.dev/shared/warehouse"
)

var (
	key = fact.Key("0123456789abcdef0123456789abcdef")
	now = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
)

// rig is the function with a BigQuery of its own.
type rig struct {
	http.Handler
	table     *bigquery.Table
	scheduled func() (sendAt, cancelledAt time.Time, err error)
}

func start(t *testing.T) *rig {
	t.Helper()
	table, err := bigquery.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	server := httptest.NewServer(bearer(bigquery.NewServer(table)))
	t.Cleanup(server.Close)
	r := &rig{table: table, scheduled: func() (a, b time.Time, err error) { return a, b, fmt.Errorf("store: %w", store.ErrNotFound) }}
	r.Handler = r.at(t, server.URL)
	return r
}

// bearer stands for the token that the client has on Cloud Run.
func bearer(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer x")
		h.ServeHTTP(w, r)
	})
}

// at is the function that asks BigQuery there; "" is one that has none.
func (r *rig) at(t *testing.T, url string) http.Handler {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	grants, wrong := producers.Parse(`{shop: {producers: ["serviceAccount:shop@p.iam"], types: [info], sources: [/shop, "//shop/*"], recipients: true, priority: low},
		desk: {producers: ["serviceAccount:desk@p.iam"], insight: true}, page: {producers: ["serviceAccount:page@p.iam"], settings: true}}`, cat.Names())
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	n := insight.Needs{
		Key: key, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Producers: &producers.Allowed{Grants: grants, Audience: "https://insight.example", Google: func(_ context.Context, token, _ string) (*idtoken.Payload, error) {
			raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
			p := &idtoken.Payload{Expires: time.Now().Add(time.Hour).Unix()}
			return p, json.Unmarshal(raw, &p.Claims)
		}},
		Scheduled: func(context.Context, string, string) (time.Time, time.Time, error) { return r.scheduled() },
	}
	if url != "" {
		if n.Warehouse, err = warehouse.Open(t.Context(), "p", option.WithEndpoint(url+"/bigquery/v2/"), option.WithoutAuthentication()); err != nil {
			t.Fatal(err)
		}
	}
	return insight.New(n)
}

// tell writes facts as Pub/Sub would.
func (r *rig) tell(t *testing.T, facts ...fact.Fact) {
	t.Helper()
	for _, f := range facts {
		data, err := f.Sealed().Encode()
		if err == nil {
			err = r.table.Insert(t.Context(), data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func step(uid string, stage fact.Stage, channel fact.Channel, reason string) fact.Fact {
	f := fact.Fact{
		Source: "/shop", Event: "e1", Type: "info", Item: "i1", Revision: 1, Stage: stage, Channel: channel, Reason: reason,
		HappenedAt: fact.At(now), AcceptedAt: fact.At(now.Add(-time.Second)), Attempt: 1, Instance: "notify/1",
	}
	if uid != "" {
		f.Person = key.Person(uid)
	}
	return f
}

// call asks as an account.
func call(h http.Handler, account, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if account != "" {
		claims, _ := json.Marshal(map[string]any{"iss": "https://accounts.google.com", "email": account, "email_verified": true})
		r.Header.Set("Authorization", "Bearer x."+base64.RawURLEncoding.EncodeToString(claims)+".good")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const shop, desk, page = "shop@p.iam", "desk@p.iam", "page@p.iam"

func TestWhyDidBobNotGetAPush(t *testing.T) {
	t.Parallel()
	r := start(t)
	held := step("bob", fact.Held, fact.Push, "quiet_hours")
	held.HeldUntil = fact.At(now.Add(time.Hour))
	ended := step("bob", fact.Pushed, fact.Push, "")
	ended.Source, ended.Event, ended.AcceptedAt, ended.HappenedAt = "", "", 0, fact.At(now.Add(time.Hour))
	other := step("bob", fact.Shown, fact.InApp, "")
	other.Event = "e2"
	r.tell(t, step("bob", fact.Accepted, fact.InApp, ""), step("bob", fact.Shown, fact.InApp, ""), step("bob", fact.Shown, fact.InApp, ""), held, other,
		step("alice", fact.Shown, fact.InApp, ""), step("alice", fact.Pushed, fact.Push, ""))
	const path = "/v1/events/%2Fshop/e1/log"
	read := func(query string) (a struct {
		Source, Event, Type, Next string
		AcceptedAt                time.Time
		Recipients                []struct {
			UID, Person string
			Decisions   []fact.Decision
			Steps       []fact.Step
		}
	}) {
		t.Helper()
		w := call(r, shop, path+query)
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
		return a
	}
	a := read("?recipient=bob")
	if a.Source != "/shop" || a.Event != "e1" || a.Type != "info" || !a.AcceptedAt.Equal(now.Add(-time.Second)) || len(a.Recipients) != 1 {
		t.Fatalf("got %+v", a)
	}
	bob := a.Recipients[0]
	want := []fact.Decision{
		{Channel: "in_app", Outcome: "shown", Says: "The inbox shows it.", At: now, Attempts: 1, Instance: "notify/1"},
		{Channel: "push", Outcome: "held", Reason: "quiet_hours", Says: "No push went out: the person has quiet hours. It is decided anew at 2026-11-27T10:00:00Z.", At: now, Until: now.Add(time.Hour), Attempts: 1, Instance: "notify/1"},
	}
	if diff := cmp.Diff(want, bob.Decisions[:2]); diff != "" || bob.UID != "bob" || bob.Person != key.Person("bob") || len(bob.Decisions) != 3 || len(bob.Steps) != 3 {
		t.Errorf("Bob: %+v, -want +got:\n%s", bob, diff)
	}
	if all := read(""); len(all.Recipients) != 2 || all.Recipients[0].UID != "" || all.Next != "" {
		t.Errorf("all: got %+v", all)
	}
	seen := ended
	seen.Stage, seen.Reason = fact.Held, "noticed"
	r.tell(t, seen)
	if push := read("?recipient=bob").Recipients[0].Decisions[1]; push.Outcome != "held" || push.Reason != "noticed" {
		t.Errorf("seen before the quiet ended: got %+v", push)
	}
	r.tell(t, ended)
	if push := read("?recipient=bob&recipient=alice").Recipients[1].Decisions[1]; push.Outcome != "pushed" || !push.At.Equal(now.Add(time.Hour)) {
		t.Errorf("after the quiet: got %+v", push)
	}
}

// Whoever asks for an event of very many people gets all of them, in several answers, each once.
func TestManyRecipientsComeInSeveralAnswers(t *testing.T) {
	t.Parallel()
	r := start(t)
	const people = 1_500
	var messages [][]byte
	for i := range people {
		for _, f := range []fact.Fact{step(fmt.Sprint(i), fact.Accepted, fact.InApp, ""), step(fmt.Sprint(i), fact.Shown, fact.InApp, "")} {
			data, err := f.Sealed().Encode()
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, data)
		}
	}
	if err := r.table.Insert(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
	r.tell(t, step("", fact.Withdrawn, fact.InApp, "cancelled")) // for those behind
	seen, answers := map[string]int{}, 0
	for path := "/v1/events/%2Fshop/e1/log"; path != ""; answers++ {
		var a struct {
			Recipients []fact.Explanation
			Next       string
		}
		w := call(r, shop, path)
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: got %d %.300s", path, w.Code, w.Body)
		}
		for _, e := range a.Recipients {
			seen[e.Person]++
			if want := map[bool]fact.Outcome{true: "withdrawn", false: "shown"}[e.Person == ""]; e.Decisions[0].Outcome != want {
				t.Fatalf("%q: got %+v", e.Person, e.Decisions[0])
			}
		}
		path = ""
		if a.Next != "" {
			path = "/v1/events/%2Fshop/e1/log?after=" + a.Next
		}
	}
	for person, times := range seen {
		if times != 1 {
			t.Errorf("%q is there %d times", person, times)
		}
	}
	if len(seen) != people+1 || answers < 2 {
		t.Errorf("got %d people in %d answers, want %d in several", len(seen), answers, people+1)
	}
}

func TestWhoMayAskAndWhat(t *testing.T) {
	t.Parallel()
	r := start(t)
	hook := step("bob", fact.Shown, fact.InApp, "")
	hook.Source = "github"
	r.tell(t, step("bob", fact.Shown, fact.InApp, ""), hook)
	many := "?recipient=" + strings.Join(strings.Split(strings.Repeat("x", 101), ""), "&recipient=")
	for i := range 101 {
		many = strings.Replace(many, "=x", fmt.Sprintf("=%d", i), 1)
	}
	for _, tt := range []struct {
		name, account, path string
		status              int
		says                string
	}{
		{"its source's", shop, "/v1/events/%2Fshop/e1/log", 200, `"shown"`},
		{"nobody", "", "/v1/events/%2Fshop/e1/log", 401, "Authorization"},
		{"somebody without a grant", "x@p.iam", "/v1/events/%2Fshop/e1/log", 403, "grant"},
		{"another's source", shop, "/v1/events/github/e1/log", 403, `"source"`},
		{"who may read of all", desk, "/v1/events/github/e1/log", 200, `"shown"`},
		{"an event that nobody knows", shop, "/v1/events/%2Fshop/e9/log", 404, "no fact is known of this event (yet): facts come within some seconds, and are kept for 30 days"},
		{"the same id of another source", shop, "/v1/events/%2F%2Fshop%2Fother/e1/log", 404, "no fact"},
		{"somebody whom it was not for", shop, "/v1/events/%2Fshop/e1/log?recipient=carol", 404, "for those recipients"},
		{"a parameter that there is not", shop, "/v1/events/%2Fshop/e1/log?recipients=bob", 400, "recipients"},
		{"an empty recipient", shop, "/v1/events/%2Fshop/e1/log?recipient=", 400, "recipient"},
		{"too many", shop, "/v1/events/%2Fshop/e1/log" + many, 400, "101 times; at most 100"},
		{"no place to go on", shop, "/v1/events/%2Fshop/e1/log?after=bob", 400, "after"},
		{"both", shop, "/v1/events/%2Fshop/e1/log?recipient=bob&after=" + key.Person("bob"), 400, "cannot be with recipient"},
		{"after the last", shop, "/v1/events/%2Fshop/e1/log?after=" + strings.Repeat("v", 26), 404, "after this one"},
		{"an id that is too long", shop, "/v1/events/%2Fshop/" + strings.Repeat("x", 2_000) + "/log", 400, `"id"`},
		{"SQL", shop, "/v1/events/%2Fshop/" + "x'%20OR%201=1%20--" + "/log", 404, "no fact"},
		{"another path", shop, "/v1/events/%2Fshop/e1", 404, ""},
	} {
		if w := call(r, tt.account, tt.path); w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: got %d %.300s, want %d with %q", tt.name, w.Code, w.Body, tt.status, tt.says)
		}
	}
}

// An event that waits for its sendAt has no facts yet, and one that was cancelled before has none ever.
func TestWhatIsScheduledSaysSo(t *testing.T) {
	t.Parallel()
	r := start(t)
	at := now.Add(time.Hour)
	for says, scheduled := range map[string]func() (a, b time.Time, err error){
		"is to be sent at 2026-11-27T10:00:00Z":    func() (a, b time.Time, err error) { return at, b, nil },
		"was cancelled at 2026-11-27T10:00:00Z":    func() (a, b time.Time, err error) { return at, at, nil },
		"whether the event is scheduled cannot be": func() (a, b time.Time, err error) { return a, b, store.ErrTransient },
	} {
		r.scheduled = scheduled
		if w := call(r, shop, "/v1/events/%2Fshop/e1/log"); !strings.Contains(w.Body.String(), says) {
			t.Errorf("got %d %s, want %q", w.Code, w.Body, says)
		}
	}
}

func TestWhereFactsCannotBeRead(t *testing.T) {
	t.Parallel()
	r := start(t)
	const path = "/v1/events/%2Fshop/e1/log"
	if w := call(r.at(t, ""), shop, path); w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "insight = true") {
		t.Errorf("without facts: got %d %s", w.Code, w.Body)
	}
	if w := call(r.at(t, ""), "", path); w.Code != http.StatusUnauthorized {
		t.Errorf("without facts, and nobody: got %d %s", w.Code, w.Body)
	}
	for _, tt := range []struct {
		code         int
		reason       string
		status       int
		says, header string
	}{
		{503, "backendError", 503, "BigQuery cannot answer now", "5"},
		{403, "rateLimitExceeded", 503, "BigQuery cannot answer now", "5"},
		{400, "bytesBilledLimitExceeded", 503, "more facts than one question may read", ""},
		{404, "notFound", 501, "insight = true", ""},
		{403, "accessDenied", 500, "the fault is on our side", ""},
		{400, "invalidQuery", 500, "the fault is on our side", ""},
	} {
		failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(tt.code)
			fmt.Fprintf(w, `{"error": {"code": %d, "message": "no", "errors": [{"reason": %q, "message": "no"}]}}`, tt.code, tt.reason)
		}))
		ctx := call(r.at(t, failing.URL), shop, path)
		if ctx.Code != tt.status || !strings.Contains(ctx.Body.String(), tt.says) || ctx.Header().Get("Retry-After") != tt.header {
			t.Errorf("%d %s: got %d %s", tt.code, tt.reason, ctx.Code, ctx.Body)
		}
		failing.Close()
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if w := call(r.at(t, gone.URL), shop, path); w.Code != http.StatusServiceUnavailable {
		t.Errorf("where nobody listens: got %d %s", w.Code, w.Body)
	}
}
