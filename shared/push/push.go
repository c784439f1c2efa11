// Package push sends what an inbox item says to a person's devices, over Firebase Cloud Messaging.
//
// Each platform gets what it needs to show the item once and to replace it later: the same collapse id everywhere, which is
// the notification's id (on the web the tag, on Android the tag, on iOS apns-collapse-id), and the revision, so that a
// client can skip what it has shown. Web messages are data only: the service worker is the one place that displays.
package push

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"firebase.google.com/go/v4/messaging"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// What FCM says about a target.
var (
	ErrGone      = errors.New("push: the device is no longer registered")
	ErrTransient = errors.New("push: FCM cannot take it now")
	ErrRefused   = errors.New("push: FCM refuses the message")
)

// Sender sends pushes. It is safe for concurrent use.
type Sender struct {
	client *messaging.Client
}

// NewSender sends through the client.
func NewSender(client *messaging.Client) *Sender { return &Sender{client: client} }

// Send tells the devices of the item. The answers are in the order of the devices: nil, [ErrGone] for one to forget,
// [ErrTransient] for one to try again (a push that is repeated replaces itself), or [ErrRefused].
func (s *Sender) Send(ctx context.Context, item *inbox.Item, devices []profile.Device, now time.Time) []error {
	errs := make([]error, len(devices))
	var messages []*messaging.Message
	var to []int // the device of each message
	for i, d := range devices {
		if d.Value == "" { // the client would refuse the whole call
			errs[i] = fmt.Errorf("%w: the device has no address", ErrRefused)
			continue
		}
		messages, to = append(messages, compose(item, d, now)), append(to, i)
	}
	if len(messages) == 0 {
		return errs
	}
	answer, err := s.client.SendEach(ctx, messages)
	for k, i := range to {
		switch {
		case err != nil:
			errs[i] = fmt.Errorf("%w: %v", ErrTransient, err)
		case !answer.Responses[k].Success:
			errs[i] = classify(answer.Responses[k].Error)
		}
	}
	return errs
}

// classify follows FCM's advice on errors. The SDK's helpers do not see through wrapping, so err is as it came.
func classify(err error) error {
	switch {
	case messaging.IsUnregistered(err):
		return fmt.Errorf("%w: %v", ErrGone, err)
	case messaging.IsInvalidArgument(err), messaging.IsSenderIDMismatch(err), messaging.IsThirdPartyAuthError(err):
		return fmt.Errorf("%w: %v", ErrRefused, err)
	}
	return fmt.Errorf("%w: %v", ErrTransient, err)
}

// Bounds on what a push repeats of an item, in characters: with the rest it stays below FCM's 4,096 bytes.
const (
	maxTitle = 150
	maxBody  = 400
	maxURL   = 700
	maxTTL   = 4 * 7 * 24 * time.Hour // FCM's limit
)

// compose is the message for one device.
func compose(item *inbox.Item, d profile.Device, now time.Time) *messaging.Message {
	title, body := clip(item.Title, maxTitle), clip(item.Body, maxBody)
	data := map[string]string{
		"id": item.ID, "revision": strconv.FormatInt(item.Revision, 10), "type": item.Type, "priority": string(item.Priority),
	}
	if len(item.URL) <= maxURL {
		data["url"] = item.URL
	}
	ttl := min(max(item.ExpireAt.Sub(now), 0), maxTTL)
	urgent := item.Priority.Rank() >= event.High.Rank()
	m := &messaging.Message{Data: data}
	if d.Kind == "fid" {
		m.Fid = d.Value
	} else {
		//lint:ignore SA1019 a device of kind "token" has no other address
		m.Token = d.Value
	}
	switch d.Platform {
	case "android":
		m.Android = &messaging.AndroidConfig{
			CollapseKey: item.ID, TTL: &ttl, Priority: pick(urgent, "high", "normal"),
			Notification: &messaging.AndroidNotification{Title: title, Body: body, Tag: item.ID, ChannelID: string(item.Priority)},
		}
	case "ios":
		m.APNS = &messaging.APNSConfig{
			Headers: map[string]string{
				"apns-collapse-id": item.ID, "apns-priority": pick(urgent, "10", "5"),
				"apns-expiration": strconv.FormatInt(now.Add(ttl).Unix(), 10),
			},
			Payload: &messaging.APNSPayload{Aps: &messaging.Aps{
				Alert:      &messaging.ApsAlert{Title: title, Body: body},
				ThreadID:   item.Category,
				CustomData: map[string]any{"interruption-level": pick(item.Priority == event.Urgent, "time-sensitive", "active")},
			}},
		}
	default:
		data["title"], data["body"] = title, body
		m.Webpush = &messaging.WebpushConfig{Headers: map[string]string{
			"Topic": webTopic(item.ID), "Urgency": pick(urgent, "high", "normal"), "TTL": strconv.Itoa(int(ttl.Seconds())),
		}}
	}
	return m
}

// webTopic is the collapse id in the 32 characters that RFC 8030 leaves for it. What is cut is the beginning, which is a hash:
// the end tells the windows of one group apart.
func webTopic(id string) string { return id[max(0, len(id)-32):] }

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}
