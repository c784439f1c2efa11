package fcm_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// long is data that is just within the limit, with a key of six characters.
var long = strings.Repeat("x", 4090)

var refusals = []struct{ name, body, says string }{
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
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s, url := serve(t)
	post := poster(t, s, url)
	for _, tc := range refusals {
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
