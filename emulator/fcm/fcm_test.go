package fcm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
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

func TestRefusals(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	post := poster(t, s, url)
	long := strings.Repeat("x", 4090)
	for _, tc := range []struct{ name, body, says string }{
		{"no target", `{"message":{"data":{"a":"b"}}}`, "Exactly one of"},
		{"two targets", `{"message":{"token":"a","fid":"b"}}`, "Exactly one of"},
		{"no message", `{}`, "invalid argument"},
		{"not JSON", `{"message":`, "Invalid JSON payload"},
		{"unknown field", `{"message":{"token":"a","titel":"x"}}`, `Unknown name "titel" at 'message'`},
		{"unknown field below", `{"message":{"token":"a","android":{"notification":{"tags":"x"}}}}`, `Unknown name "tags" at 'message.android.notification'`},
		{"unknown field at the top", `{"massage":{}}`, `Unknown name "massage": Cannot find field.`},
		{"data number", `{"message":{"token":"a","data":{"count":3}}}`, "Invalid value at 'message.data[0].value' (TYPE_STRING), 3"},
		{"data object", `{"message":{"token":"a","data":{"a":{}}}}`, "TYPE_STRING"},
		{"bool for string", `{"message":{"token":true}}`, "Invalid value at 'message.token' (TYPE_STRING), true"},
		{"reserved from", `{"message":{"token":"a","data":{"from":"x"}}}`, "Invalid data payload key: from"},
		{"reserved message_type", `{"message":{"token":"a","data":{"message_type":"x"}}}`, "Invalid data payload key: message_type"},
		{"reserved gcm", `{"message":{"token":"a","data":{"gcm.n.e":"x"}}}`, "Invalid data payload key: gcm.n.e"},
		{"reserved google", `{"message":{"token":"a","webpush":{"data":{"google.x":"x"}}}}`, "Invalid data payload key: google.x"},
		{"too big", `{"message":{"token":"a","data":{"1234567":"` + long + `"}}}`, "Android message is too big: 4097"},
		{"too big for the web", `{"message":{"token":"a","webpush":{"data":{"1234567":"` + long + `"}}}}`, "Web push message is too big"},
		{"ttl without unit", `{"message":{"token":"a","android":{"ttl":"60"}}}`, "must end with 's'"},
		{"ttl of 29 days", `{"message":{"token":"a","android":{"ttl":"2505600s"}}}`, "2419200"},
		{"priority", `{"message":{"token":"a","android":{"priority":"urgent"}}}`, "AndroidMessagePriority"},
		{"Topic of 33", `{"message":{"token":"a","webpush":{"headers":{"Topic":"` + strings.Repeat("a", 33) + `"}}}}`, "Topic must be"},
		{"Topic not base64url", `{"message":{"token":"a","webpush":{"headers":{"topic":"a/b"}}}}`, "Topic must be"},
		{"web TTL", `{"message":{"token":"a","webpush":{"headers":{"TTL":"60s"}}}}`, "TTL must be"},
		{"web urgency", `{"message":{"token":"a","webpush":{"headers":{"Urgency":"urgent"}}}}`, "Urgency must be"},
		{"web link", `{"message":{"token":"a","webpush":{"fcm_options":{"link":"/x"}}}}`, "HTTPS"},
		{"collapse id of 65", `{"message":{"token":"a","apns":{"headers":{"apns-collapse-id":"` + strings.Repeat("a", 65) + `"}}}}`, "64 bytes"},
		{"topic with a slash", `{"message":{"topic":"a/b"}}`, "Malformed topic"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res, err := post(tc.body)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var got struct {
				Error struct {
					Code            int
					Message, Status string
					Details         []map[string]any
				}
			}
			if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != 400 || got.Error.Code != 400 || got.Error.Status != "INVALID_ARGUMENT" || !strings.Contains(got.Error.Message, tc.says) {
				t.Errorf("%s: %+v; want 400 INVALID_ARGUMENT with %q", res.Status, got.Error, tc.says)
			}
			fromFCM := false
			for _, d := range got.Error.Details {
				fromFCM = fromFCM || d["errorCode"] == "INVALID_ARGUMENT"
			}
			jsonLayer := strings.HasPrefix(got.Error.Message, "Invalid JSON") || strings.HasPrefix(got.Error.Message, "Invalid value at")
			if fromFCM == jsonLayer {
				t.Errorf("FcmError in the details = %t for %q; only FCM's own verdicts carry one", fromFCM, got.Error.Message)
			}
		})
	}
	// Exactly at the limit is taken, and both spellings of a name.
	for _, body := range []string{
		`{"message":{"token":"a","data":{"123456":"` + long + `"}}}`,
		`{"validateOnly":false,"message":{"token":"a","fcmOptions":{"analytics_label":"x"}}}`,
	} {
		res, err := post(body)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if b, _ := io.ReadAll(res.Body); res.StatusCode != 200 {
			t.Errorf("%.60s…: %s %s", body, res.Status, b)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	other, _ := serve(t)
	for _, tc := range []struct {
		name, auth string
		path       string
		status     int
	}{
		{"none", "", "/v1/projects/demo/messages:send", 401},
		{"made up", "Bearer ya29.x", "/v1/projects/demo/messages:send", 401},
		{"another server's", "Bearer " + token(t, other, ""), "/v1/projects/demo/messages:send", 401},
		{"another project", "Bearer " + token(t, s, url), "/v1/projects/production/messages:send", 403},
		{"another method", "Bearer " + token(t, s, url), "/v1/projects/demo/messages:sendAll", 404},
	} {
		req, err := http.NewRequest("POST", url+tc.path, strings.NewReader(`{"message":{"token":"a"}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", tc.auth)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tc.status {
			t.Errorf("%s: %s, want %d", tc.name, res.Status, tc.status)
		}
	}
	if got := s.Attempts(""); len(got) != 0 {
		t.Errorf("attempts = %+v, want none", got)
	}
}

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	call := func(method, path, body string, status int) string {
		t.Helper()
		req, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != status {
			t.Errorf("%s %s %s: %s %s, want %d", method, path, body, res.Status, b, status)
		}
		if got := res.Header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s %s: not open to other origins", method, path)
		}
		return string(b)
	}
	for _, bad := range []string{
		`{"error":"UNREGISTERED"}`, `{"target":"*","error":"NO_SUCH"}`, `{"target":"*","error":"SLOW"}`, `{"target":"*","error":"SLOW","delay":"2"}`,
		`{"target":"*","error":"INTERNAL","rate":2}`, `{"target":"*","error":"INTERNAL","times":-1}`, `{"target":"*","error":"INTERNAL","tines":1}`,
	} {
		call("POST", "/faults", bad, 400)
	}
	call("POST", "/faults", `{"target":"*","error":"UNREGISTERED","rate":0.5,"times":2,"delay":"1ms","retryAfter":"10s"}`, 200)
	if got := call("GET", "/faults", "", 200); !strings.Contains(got, "UNREGISTERED") {
		t.Errorf("faults = %s", got)
	}
	call("DELETE", "/faults", "", 204)
	if _, err := poster(t, s, url)(`{"message":{"token":"a"}}`); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(call("GET", "/messages?token=a", "", 200)), &list); err != nil || len(list) != 1 {
		t.Errorf("messages to a = %v (%v), want one", list, err)
	}
	if got := strings.TrimSpace(call("GET", "/messages?token=b", "", 200)); got != "[]" {
		t.Errorf("messages to b = %s, want []", got)
	}
	call("DELETE", "/messages", "", 204)
	if got := len(s.Attempts("")); got != 0 {
		t.Errorf("%d attempts are left", got)
	}
	call("GET", "/messages/stream", "", 400)
	call("OPTIONS", "/faults", "", 204)
}

// A stream is a browser's push service: it holds what comes while nobody listens, and hands each push on once to a listener.
func TestStream(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	post := poster(t, s, url)
	push := func(message string) {
		t.Helper()
		res, err := post(`{"message":` + message + `}`)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	listen := func() (next func() string, hangUp func()) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/messages/stream?target=web", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(res.Body)
		return func() string {
			t.Helper()
			for lines.Scan() {
				if payload, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
					var got struct {
						From, FcmMessageID string
						Data               map[string]string
					}
					if err := json.Unmarshal([]byte(payload), &got); err != nil || got.From == "" || got.FcmMessageID == "" {
						t.Errorf("payload %s: %v", payload, err)
					}
					return got.Data["revision"] + got.Data["withdraw"]
				}
			}
			return "the end"
		}, func() { cancel(); res.Body.Close() }
	}
	push(`{"token":"web","data":{"id":"n","revision":"1"}}`)
	push(`{"token":"another","data":{"id":"n","revision":"2"}}`)
	next, hangUp := listen()
	if got := next(); got != "1" {
		t.Errorf("what was waiting = %s, want 1", got)
	}
	other, hangUpOther := listen()
	push(`{"token":"web","data":{"id":"n","revision":"3"}}`)
	if err := s.AddFault(fcm.Fault{Target: "web", Error: "UNREGISTERED", Times: 1}); err != nil {
		t.Fatal(err)
	}
	push(`{"token":"web","data":{"id":"n","revision":"4"}}`) // which is refused
	push(`{"token":"web","data":{"id":"n","revision":"3","withdraw":"true"}}`)
	for _, listener := range []func() string{next, other} {
		for _, want := range []string{"3", "3true"} {
			if got := listener(); got != want {
				t.Errorf("next = %s, want %s", got, want)
			}
		}
	}
	hangUpOther()
	s.Forget()
	push(`{"token":"web","data":{"id":"n","revision":"5"}}`)
	if got := next(); got != "5" {
		t.Errorf("after the messages were forgotten = %s, want 5", got)
	}
	hangUp()
	push(`{"token":"web","data":{"id":"n","revision":"6"}}`)
	next, hangUp = listen()
	defer hangUp()
	if got := next(); got != "6" {
		t.Errorf("what the next listener gets = %s, want 6", got)
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
