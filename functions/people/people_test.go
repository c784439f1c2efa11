//go:build unix

package people_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/idtoken"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/people"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

const account = "shop@p.iam.gserviceaccount.com"

// rig is the function on a real Firestore, for one product's server.
type rig struct {
	http.Handler
	store *store.Store
}

func start(t *testing.T) *rig {
	t.Helper()
	clock := now
	return startAt(t, &clock)
}

// startAt is a rig whose clock can be moved.
func startAt(t *testing.T, clock *time.Time) *rig {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	allowed := &producers.Allowed{Grants: grantsOf(t, cat), Audience: "https://people.example", Google: google}
	return &rig{people.New(people.Needs{Catalog: cat, Store: s, Producers: allowed, Now: func() time.Time { return *clock }, Log: slog.New(slog.DiscardHandler)}), s}
}

// grantsOf lets the account see to settings, and another one not.
func grantsOf(t testing.TB, cat *catalog.Catalog) producers.Grants {
	t.Helper()
	grants, wrong := producers.Parse(`{shop: {producers: ["serviceAccount:`+account+`"], settings: true, erase: true}, desk: {producers: ["serviceAccount:desk@p.iam"], settings: true}, "no settings": {producers: ["serviceAccount:news@p.iam"], types: [info], audiences: [a], priority: low}}`, cat.Names())
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return grants
}

// google stands for idtoken.Validate: it believes every signature but "forged".
func google(_ context.Context, token, _ string) (*idtoken.Payload, error) {
	parts := strings.Split(token, ".")
	if parts[2] == "forged" {
		return nil, errors.New("idtoken: signature not valid")
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	p := &idtoken.Payload{Expires: time.Now().Add(time.Hour).Unix()}
	return p, json.Unmarshal(raw, &p.Claims)
}

func token(email, signature string) string {
	claims, _ := json.Marshal(map[string]any{"iss": "https://accounts.google.com", "email": email, "email_verified": true})
	return "x." + base64.RawURLEncoding.EncodeToString(claims) + "." + signature
}

// answer is what comes back.
type answer struct {
	Status     int
	Etag       string
	Settings   profile.Settings
	Categories []catalog.Category
	Detail     string
	Errors     event.FieldErrors
	body       string
}

func (r *rig) call(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token(account, "good"))
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	a := answer{body: w.Body.String()}
	if err := json.Unmarshal(bytes.TrimSpace(w.Body.Bytes()), &a); err != nil {
		t.Fatalf("%s %s: got %d %s", method, path, w.Code, w.Body)
	}
	a.Status, a.Etag = w.Code, w.Header().Get("Etag")
	for _, leak := range []string{"struct", "json:", "reflect", "nmarshal", "map["} {
		if strings.Contains(a.body, leak) {
			t.Errorf("got %s, which has %q", a.body, leak)
		}
	}
	return a
}

const bob = "/v1/people/bob/preferences"

// full has every setting.
const full = `{
	"locale": "de-AT", "timeZone": "Europe/Berlin",
	"preferences": {"in_app": {"system": false}, "push": {"social": false, "orders": true}, "email": {"payments": true}},
	"mutes": {"post/42": {"title": "A walk", "until": "2026-11-22T09:30:00Z"}, "order/7/%2Fshop": {}},
	"quietHours": {"enabled": true, "week": {"mon": ["00:00-07:00", "22:00-24:00"], "sun": ["22:00-07:00"]}},
	"doNotDisturb": {"enabled": true, "until": "2026-11-21T12:00:00Z"},
	"digest": {"every": "week", "at": "08:00", "on": "fri"}, "pushesPerHour": 6}`

func TestASettingsPage(t *testing.T) {
	t.Parallel()
	r := start(t)
	a := r.call(t, "GET", bob, "")
	if diff := cmp.Diff(profile.Settings{}, a.Settings); a.Status != 200 || diff != "" {
		t.Errorf("before anything is said: got %d (-want +got):\n%s", a.Status, diff)
	}
	if k := a.Categories[0]; len(a.Categories) != 8 || k.Title != "People and posts" || !k.Mutable || len(k.Channels) != 2 {
		t.Errorf("categories: got %+v", a.Categories)
	}
	saved := r.call(t, "PUT", bob, full, "If-Match", a.Etag)
	if saved.Status != 200 || saved.Etag == a.Etag {
		t.Fatalf("got %d %s with the tag %s", saved.Status, saved.body, saved.Etag)
	}
	want := profile.Settings{
		Locale: "de-AT", TimeZone: "Europe/Berlin",
		Preferences:  profile.Preferences{event.InApp: {"system": false}, event.Push: {"social": false, "orders": true}, event.Email: {"payments": true}},
		Mutes:        map[string]profile.Mute{"post/42": {Title: "A walk", Until: now.Add(24 * time.Hour)}, "order/7/%2Fshop": {}},
		QuietHours:   profile.QuietHours{Enabled: true, Week: quiet.Schedule{"mon": {"00:00-07:00", "22:00-24:00"}, "sun": {"22:00-07:00"}}},
		DoNotDisturb: profile.DoNotDisturb{Enabled: true, Until: now.Add(150 * time.Minute)},
		Digest:       profile.Digest{Every: profile.Weekly, At: "08:00", On: "fri"}, PushesPerHour: new(6),
	}
	a = r.call(t, "GET", bob, "")
	if diff := cmp.Diff(want, a.Settings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a.Etag != saved.Etag || a.Categories[0].Title != "Menschen und Beiträge" {
		t.Errorf("got the tag %s, want %s; and %q", a.Etag, saved.Etag, a.Categories[0].Title)
	}
	raw, _ := json.Marshal(a.Settings)
	if again := r.call(t, "PUT", bob, string(raw), "If-Match", a.Etag); again.Status != 200 || again.Etag != a.Etag {
		t.Errorf("what was read and is sent back: got %d with the tag %s", again.Status, again.Etag)
	}
	if a = r.call(t, "PUT", bob, "{}"); a.Status != 200 {
		t.Fatalf("got %d %s", a.Status, a.body)
	}
	if diff := cmp.Diff(profile.Settings{}, r.call(t, "GET", bob, "").Settings); diff != "" {
		t.Errorf("PUT replaces everything (-want +got):\n%s", diff)
	}
}

func TestAStalePageChangesNothing(t *testing.T) {
	t.Parallel()
	r := start(t)
	before := r.call(t, "GET", bob, "").Etag
	r.call(t, "PUT", bob, full)
	tests := []struct {
		name, match string
		status      int
	}{
		{"the tag of before", before, 412},
		{"no tag", `bob`, 412},
		{"any", "*", 200},
		{"none of the conditions", "", 200},
	}
	for _, test := range tests {
		header := []string{}
		if test.match != "" {
			header = []string{"If-Match", test.match}
		}
		if a := r.call(t, "PUT", bob, full, header...); a.Status != test.status {
			t.Errorf("%s: got %d %s, want %d", test.name, a.Status, a.body, test.status)
		}
	}
	if a := r.call(t, "DELETE", "/v1/people/bob/mutes/post/42", "", "If-Match", before); a.Status != 412 {
		t.Errorf("a mute: got %d", a.Status)
	}
	current := r.call(t, "GET", bob, "").Etag
	if a := r.call(t, "PUT", bob, "{}", "If-Match", before+", "+current); a.Status != 200 {
		t.Errorf("one of several: got %d", a.Status)
	}
}

func TestMutes(t *testing.T) {
	t.Parallel()
	r := start(t)
	at := func(key string) string { return "/v1/people/bob/mutes/" + key }
	r.call(t, "PUT", bob, `{"locale": "de", "mutes": {"post/1": {"until": "2026-11-21T09:30:00Z"}}}`)
	r.call(t, "PUT", at("post/42"), `{"title": "A walk"}`)
	a := r.call(t, "PUT", at("issue/acme%2523web/github"), `{"until": "2026-11-22T00:00:00Z"}`) // the id is acme#web
	want := map[string]profile.Mute{"post/42": {Title: "A walk"}, "issue/acme%23web/github": {Until: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}}
	if diff := cmp.Diff(want, a.Settings.Mutes); diff != "" || a.Settings.Locale != "de" {
		t.Errorf("got %d, locale %q; what is over goes, and all else stays (-want +got):\n%s", a.Status, a.Settings.Locale, diff)
	}
	if a = r.call(t, "PUT", at("post/42"), `{}`); a.Settings.Mutes["post/42"].Title != "" {
		t.Errorf("the same again replaces it: got %+v", a.Settings.Mutes)
	}
	for range 2 {
		if a = r.call(t, "DELETE", at("post/42"), ""); a.Status != 200 || len(a.Settings.Mutes) != 1 {
			t.Errorf("got %d %+v", a.Status, a.Settings.Mutes)
		}
	}
	many := map[string]profile.Mute{}
	for i := range profile.MaxMutes {
		many[fmt.Sprintf("post/%d", i)] = profile.Mute{}
	}
	raw, _ := json.Marshal(map[string]any{"mutes": many})
	r.call(t, "PUT", bob, string(raw))
	if a = r.call(t, "PUT", at("post/x"), `{}`); a.Status != 409 {
		t.Errorf("one too many: got %d %s", a.Status, a.body)
	}
	if a = r.call(t, "PUT", at("post/7"), `{"title": "Seven"}`); a.Status != 200 {
		t.Errorf("one of 200: got %d %s", a.Status, a.body)
	}
	for _, key := range []string{"post", "post/", "post/a%20b", "a/b/c/d", "post/" + strings.Repeat("1", 400)} {
		if a = r.call(t, "PUT", at(key), `{}`); a.Status != 400 && a.Status != 404 {
			t.Errorf("%s: got %d", key, a.Status)
		}
	}
	if a = r.call(t, "PUT", at("post/7"), `{"titel": "x"}`); a.Status != 400 || a.Errors[0].Field != "titel" {
		t.Errorf("got %d %+v", a.Status, a.Errors)
	}
}

func TestWrongSettingsAreToldByField(t *testing.T) {
	t.Parallel()
	r := start(t)
	tests := []struct{ body, field, detail string }{
		{``, "(request body)", "JSON"},
		{`[]`, "(request body)", "object"},
		{`{"local": "de"}`, "local", `"locale"`},
		{`{"locale": "de_AT"}`, "locale", "pt-BR"},
		{`{"locale": 5}`, "locale", "a string"},
		{`{"timeZone": "Mars/Olympus"}`, "timeZone", "Europe/Berlin"},
		{`{"timeZone": "Local"}`, "timeZone", "Europe/Berlin"},
		{`{"preferences": {"sms": {}}}`, "preferences.sms", "in_app, push, email"},
		{`{"preferences": {"push": {"socail": true}}}`, "preferences.push.socail", `"social"`},
		{`{"preferences": {"push": {"social": "yes"}}}`, "preferences.push.social", "true or false"},
		{`{"preferences": {"push": {"social": null}}}`, "preferences.push.social", "true or false"},
		{`{"preferences": {"push": true}}`, "preferences.push", "an object"},
		{`{"mutes": {"post": {}}}`, `mutes["post"].key`, "post/42"},
		{`{"mutes": {"post/1": {"unitl": "2026-11-22T00:00:00Z"}}}`, `mutes["post/1"].unitl`, "until"},
		{`{"mutes": {"post/1": {"until": "tomorrow"}}}`, `mutes["post/1"].until`, "RFC 3339"},
		{`{"mutes": {"post/1": {"title": "` + strings.Repeat("é", 101) + `"}}}`, `mutes["post/1"].title`, "100"},
		{`{"digest": {"at": "07:00"}}`, "digest.every", "day or week"},
		{`{"digest": {"every": "month"}}`, "digest.every", "day or week"},
		{`{"digest": {"every": "day", "at": "24:00"}}`, "digest.at", "07:00"},
		{`{"digest": {"every": "week", "on": "monday"}}`, "digest.on", "mon, tue"},
		{`{"digest": {"every": "day", "zone": "UTC"}}`, "digest.zone", "is not a field"},
		{`{"pushesPerHour": 0}`, "pushesPerHour", "1 to 60"},
		{`{"pushesPerHour": 61}`, "pushesPerHour", "is 61"},
		{`{"pushesPerHour": -3}`, "pushesPerHour", "Leave pushesPerHour out"},
		{`{"pushesPerHour": 2.5}`, "pushesPerHour", "a whole number"},
		{`{"pushesPerHour": "6"}`, "pushesPerHour", "a whole number"},
		{`{"pushesPerHour": {}}`, "pushesPerHour", "a whole number"},
		{`{"pushesPerDay": 6}`, "pushesPerDay", "pushesPerHour"},
		{`{"quietHours": {"week": {"monday": []}}}`, "quietHours.week.monday", "mon, tue"},
		{`{"quietHours": {"week": {"mon": ["22:00"]}}}`, "quietHours.week.mon[0]", "22:00-07:00"},
		{`{"quietHours": {"week": {"mon": ["08:00-08:00"]}}}`, "quietHours.week.mon[0]", "00:00-24:00"},
		{`{"quietHours": {"week": {"mon": ["00:00-01:00", "02:00-03:00", "04:00-05:00", "06:00-07:00", "08:00-09:00"]}}}`, "quietHours.week.mon", "at most 4"},
		{`{"quietHours": {"from": "22:00"}}`, "quietHours.from", "is not a field"},
		{`{"doNotDisturb": {"enabled": true, "until": "2028-01-01T00:00:00Z"}}`, "doNotDisturb.until", "366"},
		{`{"locale": "de", "locale": "en"}`, "locale", "twice"},
		{`{"categories": []}`, "categories", "is not a field"},
	}
	for _, test := range tests {
		a := r.call(t, "PUT", bob, test.body)
		if a.Status != 400 || len(a.Errors) != 1 || a.Errors[0].Field != test.field || !strings.Contains(a.Errors[0].Detail, test.detail) {
			t.Errorf("%s: got %d %s; want %s … %s", test.body, a.Status, a.body, test.field, test.detail)
		}
	}
	if a := r.call(t, "PUT", bob, full, "Content-Type", "text/plain"); a.Status != 415 {
		t.Errorf("another type: got %d", a.Status)
	}
	if a := r.call(t, "PUT", bob, `{"locale": "`+strings.Repeat("x", 200_000)+`"}`); a.Status != 413 {
		t.Errorf("a large body: got %d", a.Status)
	}
	if diff := cmp.Diff(profile.Settings{}, r.call(t, "GET", bob, "").Settings); diff != "" {
		t.Errorf("something was stored (-want +got):\n%s", diff)
	}
}

func TestOnlyProducersMay(t *testing.T) {
	t.Parallel()
	r := start(t)
	for authorization, want := range map[string]int{
		"": 401, "Bearer " + token("evil@q.iam.gserviceaccount.com", "good"): 403, "Bearer " + token("news@p.iam", "good"): 403, "Bearer " + token(account, "forged"): 403,
	} {
		for _, method := range []string{"GET " + bob, "PUT " + bob, "DELETE /v1/people/bob", "GET /v1/people/bob/erasure", "GET /v1/people/bob/export"} {
			method, path, _ := strings.Cut(method, " ")
			if a := r.call(t, method, path, full, "Authorization", authorization); a.Status != want {
				t.Errorf("%s %s with %q: got %d, want %d", method, path, authorization, a.Status, want)
			}
		}
	}
	for _, uid := range []string{"a%2Fb%2Fc", "..%2F..", "__x__", strings.Repeat("u", 129), "b%FFb", "b%00b"} {
		if a := r.call(t, "GET", "/v1/people/"+uid+"/preferences", ""); a.Status != 404 {
			t.Errorf("%s: got %d, want 404", uid, a.Status)
		}
	}
}

// TestAServerTellsWhen: after a change the person is due, as after one of their own client.
func TestAServerTellsWhen(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.call(t, "PUT", bob, full)
	due, err := r.store.DuePeople(t.Context(), now, 10)
	if err != nil || len(due) != 1 || due[0].UID != "bob" {
		t.Fatalf("got %v %v, want bob", due, err)
	}
	if err := r.store.LookedAt(t.Context(), due[0]); err != nil {
		t.Fatal(err)
	}
	if due, err := r.store.DuePeople(t.Context(), now, 10); err != nil || len(due) != 0 {
		t.Errorf("got %v %v, want nobody", due, err)
	}
}

// TestWhoSeesToSettingsErasesNobody: that is a right of its own.
func TestWhoSeesToSettingsErasesNobody(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, request := range [][2]string{{"DELETE", "/v1/people/bob"}, {"GET", "/v1/people/bob/erasure"}, {"GET", "/v1/people/bob/export"}} {
		req := httptest.NewRequest(request[0], request[1], nil)
		req.Header.Set("Authorization", "Bearer "+token("desk@p.iam", "good"))
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `"field":"erase"`) {
			t.Errorf("%s %s: got %d %s, want 403 that names erase", request[0], request[1], w.Code, w.Body)
		}
	}
}
