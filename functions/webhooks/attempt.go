package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tidings.dev/functions/webhooks/guard"
	"tidings.dev/shared/event"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// What of an answer is read and kept: enough to see what is wrong.
const (
	maxRead = 4 << 10 // bytes: the connection can be used again if that was all
	maxKept = 500     // bytes
)

// attempt sends a message to its endpoint once, and stores what came of it. An error means that this is not stored. Somebody else's attempt that
// was stored meanwhile holds.
func (fn *function) attempt(ctx context.Context, e webhook.Endpoint, o store.Outgoing) (store.Outgoing, error) {
	answer, said := fn.post(ctx, e, &o.Message)
	now := fn.Now()
	o.Attempts++
	o.AttemptedAt, o.Status, o.Answer = now, answer.Status, said
	o.State, o.NextAt = store.OutgoingPending, now
	if wait := answer.Pause(); wait > 0 {
		fn.pause(e.Name, now.Add(wait))
	}
	var err error
	next, more := answer.Next(o.Attempts, now, rand.Float64())
	switch {
	case answer.Taken():
		o.State, o.NextAt, o.DeliveredAt = store.OutgoingDelivered, time.Time{}, now
	case answer.Gone():
		err = fn.switchOff(ctx, e.Name, "it answered 410 Gone")
	case more:
		o.NextAt = next
	default:
		o.State, o.NextAt = store.OutgoingFailed, time.Time{}
		err = fn.giveUp(ctx, &o)
	}
	if !answer.Taken() {
		fn.Log.WarnContext(ctx, "a product has not taken a message", "id", o.ID, "endpoint", e.Name, "type", o.Type, "attempt", o.Attempts, "status", o.Status,
			"next_at", o.NextAt, "state", o.State)
	}
	return o, errors.Join(err, once(fn.Store.KeepOutgoing(ctx, o, now)))
}

// giveUp tells operators of a message that was tried to the end. An endpoint that has taken nothing since it was told is switched off.
func (fn *function) giveUp(ctx context.Context, o *store.Outgoing) error {
	fn.Log.ErrorContext(ctx, "webhook given up", "id", o.ID, "endpoint", o.Endpoint, "type", o.Type,
		"attempts", o.Attempts, "status", o.Status)
	works, err := fn.Store.DeliveredSince(ctx, o.Endpoint, o.ToldAt)
	if err != nil || works {
		return err
	}
	return fn.switchOff(ctx, o.Endpoint, fmt.Sprintf("it has taken nothing since %s", o.ToldAt.UTC().Format(time.RFC3339)))
}

// switchOff ends the sending to an endpoint, and tells operators.
func (fn *function) switchOff(ctx context.Context, endpoint, reason string) error {
	changed, err := fn.Store.SwitchOff(ctx, endpoint, store.SwitchedOff{At: fn.Now(), Reason: reason})
	if err == nil && changed {
		fn.Log.ErrorContext(ctx, "webhook switched off", "endpoint", endpoint, "reason", reason)
	}
	fn.forgetSwitches()
	return err
}

// post makes one request. It returns the answer, and the beginning of what was said, or why there is no answer.
func (fn *function) post(ctx context.Context, e webhook.Endpoint, m *webhook.Message) (webhook.Answer, string) {
	now := fn.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(m.Body))
	if err != nil {
		return webhook.Answer{}, err.Error()
	}
	req.Header = m.Headers(now, fn.Keys[e.Name])
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Tidings")
	res, err := fn.Client.Do(req)
	if err != nil {
		return webhook.Answer{}, fault(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxRead)) // what it said before it broke off
	return webhook.Answer{Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"), now)}, clip(legible(body))
}

// legible is a text that can be shown in a terminal.
func legible(said []byte) string {
	return event.Legible(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, string(bytes.ToValidUTF8(said, []byte("\uFFFD")))))
}

// fault says why there was no answer, without the address, which may have a secret in it.
func fault(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, guard.ErrRefused):
		return clip("not an address to send to: " + cause(err))
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", guard.Time)
	}
	return clip(cause(err))
}

func cause(err error) string {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxKept)], "") }

// retryAfter reads the header, which has seconds or a date; 0 is neither.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
