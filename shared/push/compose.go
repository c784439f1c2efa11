package push

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"firebase.google.com/go/v4/messaging"
	"github.com/rivo/uniseg"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// Bounds on what a push repeats of an item, in bytes as JSON: with the rest it stays below the 4,096 bytes that FCM takes. A text
// is cut, and says so; a link or an action that does not fit is left out whole, since half of it leads elsewhere.
const (
	maxTitle   = 600
	maxBody    = 1_300
	maxURL     = 700
	maxActions = 700
	maxBeacon  = 300
	maxOf      = 1_300                  // what a summary has instead of a link and actions
	maxTTL     = 4 * 7 * 24 * time.Hour // FCM's limit
)

// shownActions is how many buttons a notification has: browsers show two.
const shownActions = 2

// compose is the message for one device.
func compose(p Push, now time.Time) *messaging.Message {
	if p.Withdraw {
		return address(p.To, withdrawal(p.Item, p.To))
	}
	return address(p.To, display(p, now))
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

// display is what the device shows of the item. The badge of the app's icon is the client's to set: how many items are unread is
// derived from what the listener holds, and stored nowhere. A summary names the items that it is of, if all their ids fit: a client takes it
// away once none of them is unread.
func display(p Push, now time.Time) *messaging.Message {
	item, of, d := p.Item, p.Of, p.To
	title, body := clip(item.Title, maxTitle), clip(item.Body, maxBody)
	data := map[string]string{
		"id": item.ID, "revision": strconv.FormatInt(item.Revision, 10), "type": item.Type, "priority": string(item.Priority),
	}
	if weight(item.URL) <= maxURL {
		data["url"] = item.URL
	}
	if ids := strings.Join(of, " "); ids != "" && len(ids) <= maxOf {
		data["of"] = ids
	}
	if actions := buttons(item.Actions); actions != "" {
		data["actions"] = actions
	}
	ttl := min(max(item.ExpireAt.Sub(now), 0), maxTTL)
	l := levels[item.Priority]
	m := &messaging.Message{Data: data}
	switch d.Platform {
	case "android":
		// The channel, which the app makes, decides on the sound from Android 8 on; before, the message does. FCM's block
		// has no buttons: an app that wants them builds the notification from the data.
		m.Android = &messaging.AndroidConfig{
			CollapseKey: item.ID, TTL: &ttl, Priority: pick(l.atOnce, "high", "normal"),
			Notification: &messaging.AndroidNotification{
				Title: title, Body: body, Tag: item.ID, ChannelID: string(item.Priority), Priority: l.android, DefaultSound: l.sound,
			},
		}
	case "ios":
		aps := &messaging.Aps{
			Alert: &messaging.ApsAlert{Title: title, Body: body}, ThreadID: item.Category, Sound: pick(l.sound, "default", ""),
			CustomData: map[string]any{"interruption-level": l.ios},
		}
		if len(item.Actions) > 0 {
			aps.Category = item.Type // the app registers a category for each type that has actions
		}
		m.APNS = &messaging.APNSConfig{
			Headers: map[string]string{
				"apns-collapse-id": item.ID, "apns-push-type": "alert", "apns-priority": pick(l.atOnce, "10", "5"),
				"apns-expiration": strconv.FormatInt(now.Add(ttl).Unix(), 10),
			},
			Payload: &messaging.APNSPayload{Aps: aps},
		}
	default:
		data["title"], data["body"] = title, body
		if p.Beacon != "" && weight(p.Beacon) <= maxBeacon {
			data["beacon"] = p.Beacon
		}
		m.Webpush = &messaging.WebpushConfig{Headers: map[string]string{
			"Topic": webTopic(item.ID), "Urgency": pick(l.atOnce, "high", "normal"), "TTL": strconv.Itoa(int(ttl.Seconds())),
		}}
	}
	return m
}

// levels says how loudly each priority speaks. What comes at once wakes a phone that sleeps; the rest waits until it is awake.
var levels = map[event.Priority]struct {
	atOnce, sound bool
	android       messaging.AndroidNotificationPriority
	ios           string // Apple's interruption level
}{
	event.Urgent: {true, true, messaging.PriorityMax, "time-sensitive"},
	event.High:   {true, false, messaging.PriorityHigh, "active"},
	event.Medium: {false, false, messaging.PriorityDefault, "active"},
	event.Low:    {false, false, messaging.PriorityLow, "passive"},
}

// buttons are the first actions of an item as JSON, as many as are shown and fit; "" is none.
func buttons(actions []event.Action) string {
	shown := slices.Clone(actions[:min(len(actions), shownActions)])
	for i := range shown {
		shown[i].Webhook = "" // for functions alone
	}
	for n := len(shown); n > 0; n-- {
		raw, err := json.Marshal(shown[:n])
		if err == nil && weight(string(raw)) <= maxActions {
			return string(raw)
		}
	}
	return ""
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

// clip cuts a text where a reader sees one character end and the next begin: not within an emoji of several people.
func clip(s string, limit int) string {
	if weight(s) <= limit {
		return s
	}
	const more = "…"
	kept, left := 0, limit-len(more)
	for rest, state := s, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if left -= weight(cluster); left < 0 {
			break
		}
		kept += len(cluster)
	}
	return s[:kept] + more
}

// weight is how many bytes a text takes in JSON, without its quotes.
func weight(s string) (n int) {
	for _, r := range s {
		switch {
		case r == '"', r == '\\', r == '\n', r == '\r', r == '\t':
			n += 2
		case r < ' ':
			n += 6
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}
