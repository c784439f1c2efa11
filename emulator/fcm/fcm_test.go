package fcm_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"

	"tidings.dev/emulator/fcm"
)

// The real client signs in with the generated account and sends what we send.
func TestRealClient(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	client := sender(t, s, url)
	ttl := 28 * 24 * time.Hour
	badge := 3
	name, err := client.Send(t.Context(), &messaging.Message{
		//lint:ignore SA1019 devices registered before Installation IDs have tokens
		Token: "alice-phone",
		Data:  map[string]string{"id": "n1"},
		Android: &messaging.AndroidConfig{
			Priority: "high", CollapseKey: "n1", TTL: &ttl,
			Notification: &messaging.AndroidNotification{Title: "t", Tag: "n1", Priority: messaging.PriorityHigh, NotificationCount: &badge},
		},
		Webpush: &messaging.WebpushConfig{
			Headers:      map[string]string{"Topic": strings.Repeat("a", 32), "Urgency": "high", "TTL": "60"},
			Notification: &messaging.WebpushNotification{Title: "t", CustomData: map[string]any{"anything": []int{1}}},
			FCMOptions:   &messaging.WebpushFCMOptions{Link: "https://example.com/"},
		},
		APNS: &messaging.APNSConfig{
			Headers: map[string]string{"apns-collapse-id": strings.Repeat("a", 64)},
			Payload: &messaging.APNSPayload{Aps: &messaging.Aps{Badge: &badge}, CustomData: map[string]any{"id": "n1"}},
		},
		FCMOptions: &messaging.FCMOptions{AnalyticsLabel: "likes"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*messaging.Message{{Fid: "bob-fid"}, {Topic: "news"}, {Condition: "'news' in topics"}} {
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if _, err := client.SendDryRun(t.Context(), &messaging.Message{Fid: "dry"}); err != nil {
		t.Errorf("dry run: %v", err)
	}
	var got []string
	for _, a := range s.Attempts("") {
		got = append(got, a.Target+" "+a.Outcome)
	}
	want := []string{"alice-phone ACCEPTED", "bob-fid ACCEPTED", "news ACCEPTED", "'news' in topics ACCEPTED"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	first := s.Attempts("alice-phone")[0]
	if first.Name != name || !strings.HasPrefix(name, "projects/demo/messages/0:") {
		t.Errorf("name = %q, listed as %q", name, first.Name)
	}
	if !strings.Contains(string(first.Message), `"collapse_key":"n1"`) {
		t.Errorf("listed message %s is not what was sent", first.Message)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		error string
		is    func(error) bool
	}{
		{"UNREGISTERED", messaging.IsUnregistered},
		{"INVALID_ARGUMENT", messaging.IsInvalidArgument},
		{"QUOTA_EXCEEDED", messaging.IsQuotaExceeded},
		{"INTERNAL", messaging.IsInternal},
		{"SENDER_ID_MISMATCH", messaging.IsSenderIDMismatch},
		{"THIRD_PARTY_AUTH_ERROR", messaging.IsThirdPartyAuthError},
	} {
		t.Run(tc.error, func(t *testing.T) {
			t.Parallel()
			s, url := serve(t)
			client := sender(t, s, url)
			if err := s.AddFault(fcm.Fault{Target: "alice-phone", Error: tc.error, Times: 1, RetryAfter: "9500ms"}); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Send(t.Context(), &messaging.Message{Fid: "bob-phone"}); err != nil {
				t.Errorf("another target: %v", err)
			}
			_, err := client.Send(t.Context(), &messaging.Message{Fid: "alice-phone"})
			if !tc.is(err) {
				t.Fatalf("error = %v, want %s", err, tc.error)
			}
			if got := errorutils.HTTPResponse(err).Header.Get("Retry-After"); got != "10" {
				t.Errorf("Retry-After = %q, want 10", got)
			}
			if _, err := client.Send(t.Context(), &messaging.Message{Fid: "alice-phone"}); err != nil {
				t.Errorf("after the only time: %v", err)
			}
			var outcomes []string
			for _, a := range s.Attempts("alice-phone") {
				outcomes = append(outcomes, a.Outcome)
			}
			if diff := cmp.Diff([]string{tc.error, fcm.Accepted}, outcomes); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

// The client retries 503 by itself, so one of them does not show.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	client := sender(t, s, url)
	if err := s.AddFault(fcm.Fault{Target: "*", Error: "UNAVAILABLE", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(t.Context(), &messaging.Message{Fid: "alice-phone"}); err != nil {
		t.Fatal(err)
	}
	if got := len(s.Attempts("alice-phone")); got != 2 {
		t.Errorf("attempts = %d, want 2", got)
	}
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	if err := s.AddFault(fcm.Fault{Target: "alice-phone", Error: fcm.LostAnswer}); err != nil {
		t.Fatal(err)
	}
	res, err := poster(t, s, url)(`{"message":{"token":"alice-phone"}}`)
	if err == nil {
		t.Fatalf("an answer came: %s", res.Status)
	}
	got := s.Attempts("alice-phone")
	if len(got) == 0 || got[0].Outcome != fcm.LostAnswer || got[0].Name == "" {
		t.Errorf("attempts = %+v, want a taken message", got)
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	if err := s.AddFault(fcm.Fault{Target: "*", Error: fcm.Slow, Delay: "1h", Times: 1}); err != nil {
		t.Fatal(err)
	}
	client := sender(t, s, url)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := client.Send(ctx, &messaging.Message{Fid: "alice-phone"}); err == nil {
		t.Error("the answer came at once")
	}
	s.ClearFaults() // on a busy machine the time may be over before the fault was met
	if err := s.AddFault(fcm.Fault{Target: "*", Error: fcm.Slow, Delay: "1ms", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(t.Context(), &messaging.Message{Fid: "alice-phone"}); err != nil {
		t.Errorf("a slow answer: %v", err)
	}
}

// A rate hits some and spares some: with 200 messages at one half, all or none is a chance of 2^-199.
func TestRate(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	if err := s.AddFault(fcm.Fault{Target: "*", Error: "INTERNAL", Rate: 0.5}); err != nil {
		t.Fatal(err)
	}
	post := poster(t, s, url)
	count := make(map[string]int)
	for range 200 {
		res, err := post(`{"message":{"token":"a"}}`)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		count[res.Status[:3]]++
	}
	if count["200"] == 0 || count["500"] == 0 || count["200"]+count["500"] != 200 {
		t.Errorf("answers = %v, want both 200 and 500", count)
	}
}

func serve(t *testing.T) (*fcm.Server, string) {
	t.Helper()
	s, err := fcm.New("demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL
}

// sender is the client that product code uses, with the account as its only secret.
func sender(t *testing.T, s *fcm.Server, url string) *messaging.Client {
	t.Helper()
	account, err := s.Credentials(url + "/token")
	if err != nil {
		t.Fatal(err)
	}
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "demo"},
		option.WithAuthCredentialsJSON(option.ServiceAccount, account), option.WithEndpoint(url+"/v1"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// token signs in by hand. An empty url serves the fake for the moment.
func token(t *testing.T, s *fcm.Server, url string) string {
	t.Helper()
	if url == "" {
		srv := httptest.NewServer(s)
		defer srv.Close()
		url = srv.URL
	}
	account, err := s.Credentials(url + "/token")
	if err != nil {
		t.Fatal(err)
	}
	config, err := google.JWTConfigFromJSON(account, "https://www.googleapis.com/auth/firebase.messaging")
	if err != nil {
		t.Fatal(err)
	}
	tok, err := config.TokenSource(t.Context()).Token()
	if err != nil {
		t.Fatal(err)
	}
	return tok.AccessToken
}

// poster signs in once and returns what sends a body as it is.
func poster(t *testing.T, s *fcm.Server, url string) func(body string) (*http.Response, error) {
	t.Helper()
	auth := "Bearer " + token(t, s, url)
	return func(body string) (*http.Response, error) {
		req, err := http.NewRequest("POST", url+"/v1/projects/demo/messages:send", strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", auth)
		req.Header.Set("Content-Type", "application/json")
		return http.DefaultClient.Do(req)
	}
}
