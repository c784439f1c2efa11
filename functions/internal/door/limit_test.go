package door_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/intake/intaketest"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/topics/topicstest"
)

// A webhook's source has a rate of its own, whoever has its secret. What makes no event costs a unit too.
func TestAWebhookIsLimited(t *testing.T) {
	t.Parallel()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	server, publisher := topicstest.Start(t)
	limits := &limit.Limiter{Now: func() time.Time { return sourcetest.Now }, Log: slog.New(slog.DiscardHandler)}
	serve := func(s siren) *httptest.ResponseRecorder {
		fn := door.NewWebhook(door.Webhook{
			Source: s, Limits: limits, Rate: limit.Rate{PerSecond: 0.5, Burst: 3}, Log: slog.New(slog.DiscardHandler),
			Intake: &intake.Intake{Catalog: cat, Publisher: publisher, Ledger: intaketest.Ledger(), Now: func() time.Time { return sourcetest.Now }},
		})
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/siren", strings.NewReader("{}")))
		return w
	}
	one := siren{{Event: event.Event{Type: "info", Title: "Fire", Recipients: []string{"bob"}}}}
	for i, test := range []struct {
		says   siren
		status int
		left   string
	}{
		{nil, 202, `"units";r=2`}, {append(one, one...), 202, `"units";r=0`}, {one, 429, `"units";r=0;t=2`},
	} {
		if w := serve(test.says); w.Code != test.status || w.Header().Get("RateLimit") != test.left {
			t.Errorf("%d: got %d %s with RateLimit %s, want %d with %s", i, w.Code, w.Body, w.Header().Get("RateLimit"), test.status, test.left)
		}
	}
	if n := len(server.Messages()); n != 2 {
		t.Errorf("%d messages were published, want 2", n)
	}
}
