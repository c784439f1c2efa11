package push

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/api/option"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// fcm is a Sender whose FCM is answer, asked once per attempt with the target.
func fcm(t *testing.T, answer func(w http.ResponseWriter, target string)) *Sender {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Message      struct{ Token, Fid string }
			ValidateOnly bool `json:"validate_only"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/v1/projects/p/messages:send" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		w.Header().Set("Content-Type", "application/json")
		target := body.Message.Token + body.Message.Fid
		if body.ValidateOnly {
			target = "probe " + target
		}
		answer(w, target)
	}))
	t.Cleanup(server.Close)
	sender, err := Open(t.Context(), "p", option.WithEndpoint(server.URL+"/v1"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// to addresses the item to each of the devices.
func to(item *inbox.Item, devices ...profile.Device) (pushes []Push) {
	for _, d := range devices {
		pushes = append(pushes, Push{To: d, Item: item})
	}
	return pushes
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
		{"invalid argument, whatever is said", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "", ErrGone},
		{"another sender's device", 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "", ErrConfig},
		{"Apple's certificate", 401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "", ErrConfig},
		{"our own credentials", 401, "UNAUTHENTICATED", "", "", ErrConfig},
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
			got := sender.Send(t.Context(), to(liked(), devices["android"]), now)
			if len(got) != 1 || !errors.Is(got[0], test.want) {
				t.Fatalf("got %v, want %v", got, test.want)
			}
			for _, other := range []error{ErrGone, ErrConfig, ErrRefused, ErrTransient} {
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
		case strings.HasPrefix(target, "foreign"):
			fault(w, 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")
		default:
			ok(w)
		}
	})
	var all []profile.Device
	var want []error
	for range 30 {
		all = append(all, profile.Device{Kind: "token", Value: "gone"}, profile.Device{Kind: "fid", Value: "fine"}, profile.Device{Kind: "token", Value: "foreign", Platform: "ios"})
		want = append(want, ErrGone, nil, ErrConfig)
	}
	for i, err := range sender.Send(t.Context(), to(liked(), all...), now) {
		if !errors.Is(err, want[i]) {
			t.Errorf("device %d: got %v, want %v", i, err, want[i])
		}
	}
}

func TestOneDeviceThatSaysNothingDoesNotHoldBackTheOthers(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, _ string) { ok(w) })
	got := sender.Send(t.Context(), to(liked(), profile.Device{Kind: "token", Platform: "web"}, devices["web"], profile.Device{Kind: "fid"}), now)
	if !errors.Is(got[0], ErrGone) || got[1] != nil || !errors.Is(got[2], ErrGone) {
		t.Errorf("got %v, want gone, sent, gone", got)
	}
}

func TestNoDevicesIsNoCall(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(http.ResponseWriter, string) { t.Error("FCM was called") })
	if got := sender.Send(t.Context(), nil, now); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// FCM asks for ten seconds before a repetition, and the SDK would give it none.
func TestARefusalIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []int{429, 500, 503} {
		var calls atomic.Int32
		sender := fcm(t, func(w http.ResponseWriter, _ string) {
			calls.Add(1)
			fault(w, code, "UNAVAILABLE", "UNAVAILABLE")
		})
		got := sender.Send(t.Context(), to(liked(), devices["ios"]), now)
		if !errors.Is(got[0], ErrTransient) || calls.Load() != 1 {
			t.Errorf("%d: got %v after %d calls, want a transient error after one", code, got[0], calls.Load())
		}
	}
}

func TestDelayIsWhatFCMAsksFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		code       int
		retryAfter string
		tries      int
		want       time.Duration
	}{
		{"503", 503, "", 1, 10 * time.Second},
		{"503 again", 503, "", 2, 20 * time.Second},
		{"503 for the fourth time", 500, "", 4, 80 * time.Second},
		{"503 all day", 503, "", 20, 10 * time.Minute},
		{"503 with a time", 503, "42", 1, 42 * time.Second},
		{"503 with a time, again", 503, "42", 5, 42 * time.Second},
		{"429", 429, "", 1, time.Minute},
		{"429 again", 429, "", 2, 2 * time.Minute},
		{"429 with a time", 429, "3600", 3, time.Hour},
		{"429 with a date", 429, now.Add(90 * time.Second).Format(http.TimeFormat), 1, 90 * time.Second},
		{"429 with a date that is over", 429, now.Add(-time.Hour).Format(http.TimeFormat), 1, time.Minute},
		{"429 with nonsense", 429, "soon", 1, time.Minute},
	}
	for _, test := range tests {
		sender := fcm(t, func(w http.ResponseWriter, _ string) {
			if test.retryAfter != "" {
				w.Header().Set("Retry-After", test.retryAfter)
			}
			fault(w, test.code, "UNAVAILABLE", "UNAVAILABLE")
		})
		got := sender.Send(t.Context(), to(liked(), devices["android"]), now)
		if wait := Delay(got[0], test.tries); wait != test.want {
			t.Errorf("%s: got %s, want %s", test.name, wait, test.want)
		}
	}
}

// What FCM calls an invalid argument may be our message or the target: the target is to blame if it takes none.
func TestATargetIsOnlyForgottenWhenProvenBad(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, target string) {
		if target == "probe good" {
			ok(w)
			return
		}
		fault(w, 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
	})
	got := sender.Send(t.Context(), to(liked(), profile.Device{Kind: "token", Value: "good"}, profile.Device{Kind: "token", Value: "bad"}), now)
	if !errors.Is(got[0], ErrRefused) || !errors.Is(got[1], ErrGone) {
		t.Errorf("got %v, want refused, gone", got)
	}
}

func TestConfigurationFaultsNameTheMend(t *testing.T) {
	t.Parallel()
	for code, remedy := range map[string]string{"SENDER_ID_MISMATCH": "register again", "THIRD_PARTY_AUTH_ERROR": "APNs key", "": "roles/firebasecloudmessaging.admin"} {
		sender := fcm(t, func(w http.ResponseWriter, _ string) { fault(w, 403, "PERMISSION_DENIED", code) })
		got := sender.Send(t.Context(), to(liked(), devices["ios"]), now)
		if !errors.Is(got[0], ErrConfig) || !strings.Contains(got[0].Error(), remedy) {
			t.Errorf("%s: got %v, want %q", code, got[0], remedy)
		}
	}
}

func TestWhatTakesTooLongIsTransient(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	sender := fcm(t, func(w http.ResponseWriter, _ string) {
		cancel()
		time.Sleep(10 * time.Millisecond)
		ok(w)
	})
	if got := sender.Send(ctx, to(liked(), devices["web"]), now); !errors.Is(got[0], ErrTransient) {
		t.Errorf("got %v", got)
	}
}

func TestEveryPlatformPassesTheClientsOwnChecks(t *testing.T) {
	t.Parallel()
	sender := fcm(t, func(w http.ResponseWriter, _ string) { ok(w) })
	item := &inbox.Item{ID: "x"} // as little as an item can say
	got := sender.Send(t.Context(), to(item, devices["web"], devices["android"], devices["ios"], profile.Device{Kind: "?", Value: "v", Platform: "?"}), now)
	if err := errors.Join(got...); err != nil {
		t.Error(err)
	}
}
