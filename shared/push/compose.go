package push

import (
	"strconv"
	"time"

	"firebase.google.com/go/v4/messaging"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// Bounds on what a push repeats of an item, in characters: with the rest it stays below FCM's 4,096 bytes.
const (
	maxTitle = 150
	maxBody  = 400
	maxURL   = 700
	maxTTL   = 4 * 7 * 24 * time.Hour // FCM's limit
)

// compose is the message for one device.
func compose(p Push, now time.Time) *messaging.Message {
	if p.Withdraw {
		return address(p.To, withdrawal(p.Item, p.To))
	}
	return address(p.To, display(p.Item, p.To, now))
}

// address names the device as FCM wants it.
func address(d profile.Device, m *messaging.Message) *messaging.Message {
	if d.Kind == "fid" {
		m.Fid = d.Value
	} else {
		//lint:ignore SA1019 a device of kind "token" has no other address
		m.Token = d.Value
	}
	return m
}

// withdrawal is a silent message: the client takes away what it shows of the item up to that revision. Where the push is still on
// its way, the same collapse id takes its place. What has not arrived after a day is not worth waking a phone for.
func withdrawal(item *inbox.Item, d profile.Device) *messaging.Message {
	m := &messaging.Message{Data: map[string]string{
		"id": item.ID, "revision": strconv.FormatInt(item.Revision, 10), "withdraw": "true",
	}}
	ttl := 24 * time.Hour
	switch d.Platform {
	case "android":
		m.Android = &messaging.AndroidConfig{CollapseKey: item.ID, TTL: &ttl, Priority: "normal"}
	case "ios":
		m.APNS = &messaging.APNSConfig{
			// Apple, "Pushing background updates": this type and this priority, and nothing to show.
			Headers: map[string]string{"apns-collapse-id": item.ID, "apns-push-type": "background", "apns-priority": "5"},
			Payload: &messaging.APNSPayload{Aps: &messaging.Aps{ContentAvailable: true}},
		}
	default:
		m.Webpush = &messaging.WebpushConfig{Headers: map[string]string{
			"Topic": webTopic(item.ID), "Urgency": "low", "TTL": strconv.Itoa(int(ttl.Seconds())),
		}}
	}
	return m
}

// display is what the device shows of the item.
func display(item *inbox.Item, d profile.Device, now time.Time) *messaging.Message {
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
