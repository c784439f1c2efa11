package publish_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/auth"
	"google.golang.org/api/idtoken"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/publish"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/intake/intaketest"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// now is when all requests of these tests arrive.
var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

const (
	account  = "shop@p.iam.gserviceaccount.com"
	audience = "https://publish.example"
)

// TestMain runs the one thing that the Firebase SDK asks of the Auth emulator: does the user of this token exist? The SDK
// itself checks everything else, as in production but for the signature.
func TestMain(m *testing.M) {
	lookup := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ LocalID []string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if !strings.HasSuffix(r.URL.Path, "/projects/p/accounts:lookup") || len(body.LocalID) != 1 {
			http.Error(w, "not expected", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"users": []any{map[string]any{"localId": body.LocalID[0]}}})
	}))
	_ = os.Setenv("FIREBASE_AUTH_EMULATOR_HOST", strings.TrimPrefix(lookup.URL, "http://"))
	firestoretest.Main(m)
}

// service is a publish function of a test's own, with a Pub/Sub of its own.
type service struct {
	handler   http.Handler
	needs     publish.Needs
	pubsub    *pstest.Server
	scheduled *intaketest.Schedule
}

// everything lets the two producers of these tests do all that can be done.
const everything = `{all: {producers: ["uid:producer", "serviceAccount:` + account + `"], types: ["*"], sources: ["*"], recipients: true, audiences: ["*"], everybody: true, priority: urgent, actors: ["*"]}}`

func start(t *testing.T, missing ...topics.Topic) *service {
	t.Helper()
	return startWith(t, everything, missing...)
}

// startWith serves producers who have those grants.
func startWith(t *testing.T, text string, missing ...topics.Topic) *service {
	t.Helper()
	server, publisher := topicstest.Start(t, missing...)
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &service{pubsub: server, scheduled: intaketest.NewSchedule()}
	clock := func() time.Time { return now }
	in := &intake.Intake{Catalog: cat, Publisher: publisher, Ledger: intaketest.Ledger(), Schedule: s.scheduled.Keep, Now: clock}
	allowed := &producers.Allowed{Firebase: authClient(t), Grants: grantsOf(t, cat, text), Audience: audience, Google: google}
	s.needs = publish.Needs{
		Intake: in, Producers: allowed, Cancel: s.scheduled.Cancel, Takes: time.Millisecond, Now: clock, Log: slog.New(slog.DiscardHandler),
	}
	return s.limitedBy(nil)
}

// grantsOf reads grants that have no mistake.
func grantsOf(t testing.TB, cat *catalog.Catalog, text string) producers.Grants {
	t.Helper()
	grants, wrong := producers.Parse(text, cat.Names())
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return grants
}

// limitedBy serves the same with that limiter: another instance of the function.
func (s *service) limitedBy(l *limit.Limiter) *service {
	other := *s
	other.needs.Limits = l
	other.handler = publish.New(other.needs)
	return &other
}

func authClient(t *testing.T) *auth.Client {
	t.Helper()
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "p"})
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Auth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// google stands for idtoken.Validate: it believes the signature "sig" and checks audience and expiry as the original does.
func google(_ context.Context, token, audience string) (*idtoken.Payload, error) {
	parts := strings.Split(token, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil || parts[2] != "sig" {
		return nil, errors.New("idtoken: signature not valid")
	}
	if claims["aud"] != audience {
		return nil, errors.New("idtoken: audience provided does not match aud claim in the JWT")
	}
	if claims["exp"].(float64) < float64(time.Now().Unix()) {
		return nil, errors.New("idtoken: token expired: now=2, expires=1")
	}
	if claims["keys"] == "unreachable" {
		return nil, &url.Error{Op: "Get", URL: "https://www.googleapis.com/oauth2/v3/certs", Err: errors.New("no route")}
	}
	return &idtoken.Payload{Claims: claims}, nil
}

// token is a JWT with the claims of a valid Firebase ID token of uid "producer", changed by change.
func token(change map[string]any) string {
	claims := map[string]any{
		"iss": "https://securetoken.google.com/p", "aud": "p", "sub": "producer", "producer": true,
		"iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix(), "auth_time": time.Now().Add(-time.Minute).Unix(),
	}
	return jwt(claims, change)
}

// googleToken is an OIDC token of the allowed service account, changed by change.
func googleToken(change map[string]any) string {
	claims := map[string]any{
		"iss": "https://accounts.google.com", "aud": audience, "sub": "1", "email": account, "email_verified": true,
		"exp": time.Now().Add(time.Hour).Unix(),
	}
	return jwt(claims, change)
}

func jwt(claims, change map[string]any) string {
	for k, v := range change {
		claims[k] = v
	}
	raw, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(raw) + ".sig"
}

// request is a POST of body by a producer.
func request(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/events", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer "+token(nil))
	return r
}

func (s *service) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// accepted are the ids of a 202.
func accepted(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	var answer struct{ IDs []string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusAccepted || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %s, want 202", w.Code, w.Body)
	}
	return answer.IDs
}

// refusal is what a problem body says.
type refusal struct {
	Status        int
	Title, Detail string
	Errors        event.FieldErrors
}

// refused reads a refusal of that status, and sees that nothing was published.
func (s *service) refused(t *testing.T, w *httptest.ResponseRecorder, status int) refusal {
	t.Helper()
	var p refusal
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s %s, want a problem", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if w.Code != status || p.Status != status || p.Title == "" || p.Detail == "" {
		t.Errorf("got %d %s, want %d", w.Code, w.Body, status)
	}
	for _, leak := range []string{"Go ", "struct", "json:", "reflect", "nmarshal"} { // a caller knows nothing of Go's types
		if strings.Contains(w.Body.String(), leak) {
			t.Errorf("got %s, which has %q", w.Body, leak)
		}
	}
	if n, kept := len(s.pubsub.Messages()), s.scheduled.Kept(); n != 0 || len(kept) != 0 {
		t.Errorf("%d messages were published, and %v kept", n, kept)
	}
	return p
}

// names lists the fields of the errors, with the event's index where there is one.
func names(f event.FieldErrors) []string {
	var all []string
	for _, e := range f {
		name := e.Field
		if e.Index != nil {
			name = fmt.Sprintf("%d %s", *e.Index, name)
		}
		all = append(all, name)
	}
	return all
}
