package push

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	firebase "firebase.google.com/go/v4"
	"google.golang.org/api/option"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// fcm is a Sender whose FCM is answer, asked once per attempt with the target.
func fcm(t *testing.T, answer func(w http.ResponseWriter, target string)) *Sender {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Message struct{ Token, Fid string }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/v1/projects/p/messages:send" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		w.Header().Set("Content-Type", "application/json")
		answer(w, body.Message.Token+body.Message.Fid)
	}))
	t.Cleanup(server.Close)
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "p"}, option.WithEndpoint(server.URL+"/v1"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return NewSender(client)
}

func ok(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"name": "projects/p/messages/1"}`)) }

// fault answers as FCM does: an HTTP status, Google's status, and in the details FCM's own code where there is one.
func fault(w http.ResponseWriter, code int, status, fcmCode string) {
	details := ""
	if fcmCode != "" {
		details = `{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "` + fcmCode + `"}`
	}
	w.WriteHeader(code)
	_, _ = w.Write([]byte(`{"error": {"code": 0, "message": "said FCM", "status": "` + status + `", "details": [` + details + `]}}`))
}

func TestAnswersAreClassifiedAsFCMAdvises(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		code       int
		status     string
		fcmCode    string
		retryAfter string
		want       error
	}{
		{"unregistered", 404, "NOT_FOUND", "UNREGISTERED", "", ErrGone},
		{"not found, but not the device", 404, "NOT_FOUND", "", "", ErrTransient},
		{"invalid argument", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "", ErrRefused},
		{"another sender's device", 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "", ErrRefused},
		{"Apple's certificate", 401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "", ErrRefused},
		{"our own credentials", 401, "UNAUTHENTICATED", "", "", ErrTransient},
		{"quota", 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "", ErrTransient},
		{"internal", 500, "INTERNAL", "INTERNAL", "", ErrTransient},
		{"unavailable for an hour", 503, "UNAVAILABLE", "UNAVAILABLE", "3600", ErrTransient},
		{"something new", 418, "TEAPOT", "TEAPOT", "", ErrTransient},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sender := fcm(t, func(w http.ResponseWriter, _ string) {
				if test.retryAfter != "" {
					w.Header().Set("Retry-After", test.retryAfter)
				}
				fault(w, test.code, test.status, test.fcmCode)
			})
			got := sender.Send(t.Context(), liked(), []profile.Device{devices["android"]}, now)
			if len(got) != 1 || !errors.Is(got[0], test.want) {
				t.Fatalf("got %v, want %v", got, test.want)
			}
			for _, other := range []error{ErrGone, ErrRefused, ErrTransient} {
				if other != test.want && errors.Is(got[0], other) {
					t.Errorf("it is %v as well", other)
				}
			}
			if !strings.Contains(got[0].Error(), "said FCM") {
				t.Errorf("got %v: what FCM said is lost", got[0])
			}
		})
	}
}

func TestAnswersAreInTheOrderOfTheDevices(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, target string) {
		switch {
		case strings.HasPrefix(target, "gone"):
			fault(w, 404, "NOT_FOUND", "UNREGISTERED")
		case strings.HasPrefix(target, "refused"):
			fault(w, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
		default:
			ok(w)
		}
	})
	var all []profile.Device
	var want []error
	for range 30 {
		all = append(all, profile.Device{Kind: "token", Value: "gone"}, profile.Device{Kind: "fid", Value: "fine"}, profile.Device{Kind: "token", Value: "refused", Platform: "ios"})
		want = append(want, ErrGone, nil, ErrRefused)
	}
	for i, err := range sender.Send(t.Context(), liked(), all, now) {
		if !errors.Is(err, want[i]) {
			t.Errorf("device %d: got %v, want %v", i, err, want[i])
		}
	}
}

func TestOneDeviceThatSaysNothingDoesNotHoldBackTheOthers(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, _ string) { ok(w) })
	got := sender.Send(t.Context(), liked(), []profile.Device{{Kind: "token", Platform: "web"}, devices["web"], {Kind: "fid"}}, now)
	if !errors.Is(got[0], ErrRefused) || got[1] != nil || !errors.Is(got[2], ErrRefused) {
		t.Errorf("got %v, want refused, sent, refused", got)
	}
}

func TestNoDevicesIsNoCall(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(http.ResponseWriter, string) { t.Error("FCM was called") })
	if got := sender.Send(t.Context(), liked(), nil, now); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestAMomentaryRefusalIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	var once sync.Once
	sender := fcm(t, func(w http.ResponseWriter, _ string) {
		down := false
		once.Do(func() { down = true })
		if down {
			fault(w, 503, "UNAVAILABLE", "UNAVAILABLE")
			return
		}
		ok(w)
	})
	if got := sender.Send(t.Context(), liked(), []profile.Device{devices["ios"]}, now); got[0] != nil {
		t.Errorf("got %v", got)
	}
}

func TestWhatTakesTooLongIsTransient(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	sender := fcm(t, func(w http.ResponseWriter, _ string) {
		cancel()
		fault(w, 503, "UNAVAILABLE", "UNAVAILABLE")
	})
	if got := sender.Send(ctx, liked(), []profile.Device{devices["web"]}, now); !errors.Is(got[0], ErrTransient) {
		t.Errorf("got %v", got)
	}
}

func TestEveryPlatformPassesTheClientsOwnChecks(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, _ string) { ok(w) })
	item := &inbox.Item{ID: "x"} // as little as an item can say
	got := sender.Send(t.Context(), item, []profile.Device{devices["web"], devices["android"], devices["ios"], {Kind: "?", Value: "v", Platform: "?"}}, now)
	if err := errors.Join(got...); err != nil {
		t.Error(err)
	}
}
