package push

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
)

// FCM's answers, and what FCM asks of who gets them: "Scale FCM messages", "Handling retries", and the reference of ErrorCode.
// 429: wait as long as Retry-After says, or a minute. 5xx and no answer at all: wait as Retry-After says, or at least ten
// seconds, and twice as long each time, with jitter (the jitter is the caller's).
const (
	waitAfterError = 10 * time.Second
	waitAfterQuota = time.Minute
	maxWait        = 10 * time.Minute // unless FCM asks for more
)

// classify follows FCM's advice on errors. The SDK's helpers do not see through wrapping, so err is as it came.
func classify(err error, now time.Time) error {
	status, after := 0, time.Duration(0)
	if res := errorutils.HTTPResponse(err); res != nil {
		status, after = res.StatusCode, retryAfter(res, now)
	}
	switch {
	case err == nil:
		return nil
	case messaging.IsUnregistered(err):
		return &gone{"UNREGISTERED", err}
	case messaging.IsSenderIDMismatch(err):
		return fmt.Errorf("%w: SENDER_ID_MISMATCH: the device was registered with another Firebase project; give the clients this project's configuration, and have them register again (%v)", ErrConfig, err)
	case messaging.IsThirdPartyAuthError(err):
		return fmt.Errorf("%w: THIRD_PARTY_AUTH_ERROR: upload a valid APNs key, or a web push key pair, in the Firebase console under Project settings, Cloud Messaging (%v)", ErrConfig, err)
	case messaging.IsInvalidArgument(err):
		return fmt.Errorf("%w: %v", ErrRefused, err)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("%w: enable the API fcm.googleapis.com, and give the service account of notify the role roles/firebasecloudmessaging.admin (%v)", ErrConfig, err)
	case status == http.StatusTooManyRequests:
		return &later{cause: err, least: waitAfterQuota, asked: after}
	}
	return &later{cause: err, least: waitAfterError, asked: after}
}

// gone is an [ErrGone] that knows what FCM said.
type gone struct {
	code  string
	cause error
}

func (g *gone) Error() string        { return fmt.Sprintf("%v: %v", ErrGone, g.cause) }
func (g *gone) Is(target error) bool { return target == ErrGone }

// Code is FCM's word for why a device is gone: UNREGISTERED, or INVALID_ARGUMENT where FCM does not take its address; "" of other errors.
func Code(err error) string {
	if g := (*gone)(nil); errors.As(err, &g) {
		return g.code
	}
	return ""
}

// later is an [ErrTransient] that knows how long.
type later struct {
	cause error
	least time.Duration // before the first repetition
	asked time.Duration // by FCM; 0: it did not say
}

func (l *later) Error() string        { return fmt.Sprintf("%v: %v", ErrTransient, l.cause) }
func (l *later) Is(target error) bool { return target == ErrTransient }

// Delay is how long to wait with the next repetition of a push that got that error, after it was tried so many times.
func Delay(err error, tries int) time.Duration {
	wait, l := waitAfterError, (*later)(nil)
	if errors.As(err, &l) {
		wait = cmp.Or(l.asked, l.least)
		if l.asked > 0 {
			return wait
		}
	}
	for range min(tries, 10) - 1 {
		wait = min(2*wait, maxWait)
	}
	return wait
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(res *http.Response, now time.Time) time.Duration {
	value := res.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// once keeps the SDK from calling again at once after a 503: FCM asks for at least ten seconds, and the SDK has no switch. It
// is shown a 500, which it hands back; the body, which says UNAVAILABLE, stays. A broken connection it may open again at once.
type once struct{ http.RoundTripper }

func (o once) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := o.RoundTripper.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusServiceUnavailable {
		res.StatusCode, res.Status = http.StatusInternalServerError, "500 (503 from FCM)"
	}
	return res, err
}
