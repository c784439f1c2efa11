package publish_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// desk are the grants of five producers; a sixth has none.
const desk = `
shop:   # tells its customers of their orders, and nothing urgent
  producers: ["serviceAccount:shop@p.iam", "serviceAccount:shop-jobs@p.iam"]
  types: [order.*, info]
  sources: [/shop, /shop/*]
  recipients: true
  priority: high
news:   # tells audiences, in nobody's name
  producers: ["serviceAccount:news@p.iam"]
  types: [system.announcement, info, post.liked]
  sources: [/news]
  audiences: [all, news-*]
  everybody: true
  priority: medium
blog:   # says who did what
  producers: ["uid:blog"]
  types: [post.liked, comment.created, info]
  recipients: true
  audiences: [readers]
  priority: medium
  actors: [author-*, carol]
guard:  # anything, to anybody, as anybody
  producers: ["serviceAccount:guard@p.iam"]
  types: ["*"]
  sources: [g*, a*]
  recipients: true
  audiences: ["*"]
  priority: urgent
  actors: ["*"]
desk:   # draws settings pages
  producers: ["uid:desk"]
  settings: true
`

// bearers are their tokens.
func bearers() map[string]string {
	account := func(email string) string { return googleToken(map[string]any{"email": email}) }
	return map[string]string{
		"shop": account("shop@p.iam"), "jobs": account("shop-jobs@p.iam"), "news": account("news@p.iam"), "guard": account("guard@p.iam"), "nobody": account("nobody@p.iam"),
		"blog": token(map[string]any{"sub": "blog"}), "desk": token(map[string]any{"sub": "desk"}),
	}
}

// requests are what they try, by name: a body to post, or the path of a cancellation.
var requests = []struct{ name, body string }{
	{"own words to one", `{"type": "info", "title": "Hi", "recipients": ["bob"]}`},
	{"own words to two", `{"type": "info", "title": "Hi", "recipients": ["bob", "erin"]}`},
	{"to all", `{"type": "info", "title": "Hi", "audience": "all"}`},
	{"to news-de", `{"type": "info", "title": "Hi", "audience": "news-de"}`},
	{"to readers", `{"type": "info", "title": "Hi", "audience": "readers"}`},
	{"high", `{"type": "info", "title": "Hi", "recipients": ["bob"], "priority": "high"}`},
	{"urgent", `{"type": "info", "title": "Hi", "recipients": ["bob"], "priority": "urgent"}`},
	{"urgent to all", `{"type": "info", "title": "Hi", "audience": "all", "priority": "urgent"}`},
	{"an order", `{"type": "order.shipped", "source": "/shop", "target": {"type": "order", "id": "1"}, "recipients": ["bob"]}`},
	{"another shop's order", `{"type": "order.shipped", "source": "/shop/de", "target": {"type": "order", "id": "1"}, "recipients": ["bob"]}`},
	{"a like of author-7", `{"type": "post.liked", "actor": {"id": "author-7"}, "target": {"type": "post", "id": "1"}, "recipients": ["bob"]}`},
	{"a like of carol", `{"type": "post.liked", "actor": {"id": "carol"}, "target": {"type": "post", "id": "1"}, "recipients": ["bob"]}`},
	{"a like of dave", `{"type": "post.liked", "actor": {"id": "dave"}, "target": {"type": "post", "id": "1"}, "recipients": ["bob"]}`},
	{"a like of its own", `{"type": "post.liked", "actor": {"id": "blog"}, "target": {"type": "post", "id": "1"}, "recipients": ["bob"]}`},
	{"dave's like taken back", `{"type": "post.liked", "retract": true, "actor": {"id": "dave"}, "target": {"type": "post", "id": "1"}}`},
	{"an alert", `{"type": "security.alert", "title": "Hi", "recipients": ["bob"]}`},
	{"an alert, but low", `{"type": "security.alert", "title": "Hi", "recipients": ["bob"], "priority": "low"}`},
	{"as /news", `{"type": "info", "source": "/news", "title": "Hi", "audience": "all"}`},
	{"as the account news", `{"type": "info", "source": "news@p.iam", "title": "Hi", "recipients": ["bob"]}`},
	{"as github", `{"type": "info", "source": "github", "title": "Hi", "recipients": ["bob"]}`},
	{"as alertmanager", `{"type": "info", "source": "alertmanager", "title": "Hi", "recipients": ["bob"]}`},
	{"one of two is not theirs", `[{"type": "info", "title": "Hi", "recipients": ["bob"]}, {"type": "user.mentioned", "actor": {"id": "dave"}, "recipients": ["bob"]}]`},
	{"to everybody", `{"type": "info", "title": "Hi", "audience": "everybody"}`},
	{"high, to everybody", `{"type": "info", "title": "Hi", "audience": "everybody", "priority": "high"}`},
	{"cancel /shop/de", "/v1/events/%2Fshop%2Fde/1"},
	{"cancel news@p.iam", "/v1/events/news@p.iam/1"},
	{"cancel github", "/v1/events/github/1"},
}

// verdicts has, for each producer, what the requests above are answered, in their order: "" is accepted, else the fields that a 403 names.
var verdicts = map[string][]string{
	"shop": {
		"", "", "audience", "audience", "audience", "", "priority", "audience priority",
		"", "", "type actor.id", "type actor.id", "type actor.id", "type actor.id", "type actor.id", "type priority", "type",
		"source audience", "source", "source", "source", "1 type 1 actor.id", "audience", "audience", "", "source", "source",
	},
	"jobs": {
		"", "", "audience", "audience", "audience", "", "priority", "audience priority",
		"", "", "type actor.id", "type actor.id", "type actor.id", "type actor.id", "type actor.id", "type priority", "type",
		"source audience", "source", "source", "source", "1 type 1 actor.id", "audience", "audience", "", "source", "source",
	},
	"news": {
		"recipients", "recipients", "", "", "audience", "recipients priority", "recipients priority", "priority",
		"source type recipients", "source type recipients", "actor.id recipients", "actor.id recipients", "actor.id recipients", "actor.id recipients", "actor.id", "type recipients priority", "type recipients",
		"", "recipients", "source recipients", "source recipients", "0 recipients 1 type 1 actor.id 1 recipients 1 priority", "", "priority", "source", "", "source",
	},
	"blog": {
		"", "", "audience", "audience", "", "priority", "priority", "audience priority",
		"source type", "source type", "", "", "actor.id", "", "actor.id", "type priority", "type",
		"source audience", "source", "source", "source", "1 type 1 actor.id 1 priority", "audience", "audience priority", "source", "source", "source",
	},
	"guard": {
		"", "", "", "", "", "", "", "",
		"source", "source", "", "", "", "", "", "", "",
		"source", "source", "source", "source", "", "audience", "audience", "source", "source", "source",
	},
	"desk":   slices.Repeat([]string{"?"}, len(requests)), // it may post nothing
	"nobody": slices.Repeat([]string{"Authorization"}, len(requests)),
}

func TestEachProducerMayDoWhatItsGrantSays(t *testing.T) {
	t.Parallel()
	rows := 0
	for producer, bearer := range bearers() {
		if len(verdicts[producer]) != len(requests) {
			t.Fatalf("%s: %d verdicts about %d requests", producer, len(verdicts[producer]), len(requests))
		}
		for i, r := range requests {
			rows++
			t.Run(producer+": "+r.name, func(t *testing.T) {
				t.Parallel()
				s, want := startWith(t, desk), verdicts[producer][i]
				w := s.ask(r.body, bearer)
				if want == "" {
					if w.Code != http.StatusAccepted && w.Code != http.StatusOK {
						t.Errorf("got %d %s, want it done", w.Code, w.Body)
					}
					return
				}
				p := s.refused(t, w, http.StatusForbidden)
				if got := strings.Join(names(p.Errors), " "); got != want && want != "?" || got == "" {
					t.Errorf("got %q (%s), want %q", got, p.Detail, want)
				}
				for _, e := range p.Errors {
					if !strings.Contains(e.Detail, "PRODUCER_GRANTS") || !strings.Contains(e.Detail, "grant") {
						t.Errorf("%s: %q names no grant, or not who can change it", e.Field, e.Detail)
					}
				}
				if w.Header().Get("WWW-Authenticate") == "" {
					t.Error("no WWW-Authenticate")
				}
			})
		}
	}
	if rows < 60 {
		t.Errorf("%d rows", rows)
	}
}

// ask posts the body, or cancels at the path.
func (s *service) ask(body, bearer string) *httptest.ResponseRecorder {
	r := request("application/json", body)
	if strings.HasPrefix(body, "/") {
		r = httptest.NewRequest(http.MethodDelete, body, nil)
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	return s.send(r)
}

// Whatever form an event comes in, it is the event that is judged.
func TestGrantsHoldInEveryForm(t *testing.T) {
	t.Parallel()
	ce := map[string]any{"specversion": "1.0", "id": "1", "source": "/news", "type": "info", "data": map[string]any{"title": "Hi", "recipients": []string{"bob"}}}
	raw, err := json.Marshal(ce)
	if err != nil {
		t.Fatal(err)
	}
	binary := request("application/json", `{"title": "Hi", "recipients": ["bob"]}`)
	for name, value := range map[string]string{"Ce-Id": "1", "Ce-Source": "%2Fnews", "Ce-Type": "info", "Ce-Specversion": "1.0"} {
		binary.Header.Set(name, value)
	}
	for name, r := range map[string]*http.Request{
		"JSON":       request("application/json", `{"type": "info", "source": "/news", "title": "Hi", "recipients": ["bob"]}`),
		"structured": request("application/cloudevents+json", string(raw)),
		"a batch":    request("application/cloudevents-batch+json", fmt.Sprintf("[%s]", raw)),
		"binary":     binary,
	} {
		s := startWith(t, desk)
		r.Header.Set("Authorization", "Bearer "+bearers()["shop"])
		p := s.refused(t, s.send(r), http.StatusForbidden)
		if diff := cmp.Diff([]string{"source"}, names(p.Errors)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// What is wrong is told before what is not allowed: an event that cannot be read cannot be judged.
func TestAWrongEventIsA400ForWhoeverSendsIt(t *testing.T) {
	t.Parallel()
	s := startWith(t, desk)
	p := s.refused(t, s.ask(`{"type": "post.likd", "source": "github", "recipients": ["bob"]}`, bearers()["shop"]), http.StatusBadRequest)
	if diff := cmp.Diff([]string{"type"}, names(p.Errors)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
