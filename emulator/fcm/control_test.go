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

	"tidings.dev/emulator/fcm"
)

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
}

// A stream is a browser's push service: it holds what comes while nobody listens, and hands each push on once to a listener.
func TestStream(t *testing.T) {
	t.Parallel()
	s, err := fcm.New("demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan string, 10) // the paths of requests that the server is through with
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- r.URL.Path }()
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	url := srv.URL
	gone := func(hangUp func()) { // until then the server may hand a push to the listener that has hung up
		hangUp()
		for <-ended != "/messages/stream" {
		}
	}
	post := poster(t, s, url)
	push := func(message string) {
		t.Helper()
		res, err := post(`{"message":` + message + `}`)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	push(`{"token":"web","data":{"id":"n","revision":"1"}}`)
	push(`{"token":"another","data":{"id":"n","revision":"2"}}`)
	next, hangUp := listen(t, url)
	if got := next(); got != "1" {
		t.Errorf("what was waiting = %s, want 1", got)
	}
	other, hangUpOther := listen(t, url)
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
	gone(hangUpOther)
	s.Forget()
	push(`{"token":"web","data":{"id":"n","revision":"5"}}`)
	if got := next(); got != "5" {
		t.Errorf("after the messages were forgotten = %s, want 5", got)
	}
	gone(hangUp)
	push(`{"token":"web","data":{"id":"n","revision":"6"}}`)
	next, hangUp = listen(t, url)
	defer hangUp()
	if got := next(); got != "6" {
		t.Errorf("what the next listener gets = %s, want 6", got)
	}
}

// listen opens the stream of the target "web". next returns what the next push says.
func listen(t *testing.T, url string) (next func() string, hangUp func()) {
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
	next = func() string {
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
	}
	return next, func() { cancel(); res.Body.Close() }
}
