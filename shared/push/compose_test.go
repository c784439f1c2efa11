package push

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"firebase.google.com/go/v4/messaging"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// liked is an item as notify hands it over.
func liked() *inbox.Item {
	return &inbox.Item{ID: "0123456789abcdefghijklmnop-5962428", Notification: inbox.Notification{
		Type: "post.liked", Category: "social", Priority: event.Medium, Title: "Alice liked your post", Body: "Nice!", URL: "/posts/42",
		Revision: 3, ExpireAt: now.Add(time.Hour),
	}}
}

var devices = map[string]profile.Device{
	"web":     {Kind: "fid", Value: "web-fid", Platform: "web"},
	"android": {Kind: "token", Value: "android-token", Platform: "android"},
	"ios":     {Kind: "token", Value: "ios-token", Platform: "ios"},
}

// wire is the message as FCM reads it.
func wire(t *testing.T, m *messaging.Message) map[string]any {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestComposeGivesEachPlatformWhatItShows(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdefghijklmnop-5962428"
	data := map[string]any{"id": id, "revision": "3", "type": "post.liked", "priority": "medium", "url": "/posts/42"}
	want := map[string]map[string]any{
		"web": { // data only: the service worker displays
			"fid":     "web-fid",
			"data":    map[string]any{"id": id, "revision": "3", "type": "post.liked", "priority": "medium", "url": "/posts/42", "title": "Alice liked your post", "body": "Nice!"},
			"webpush": map[string]any{"headers": map[string]any{"Topic": "23456789abcdefghijklmnop-5962428", "Urgency": "normal", "TTL": "3600"}},
		},
		"android": {
			"token": "android-token", "data": data,
			"android": map[string]any{
				"collapse_key": id, "priority": "normal", "ttl": "3600s",
				"notification": map[string]any{"title": "Alice liked your post", "body": "Nice!", "tag": id, "channel_id": "medium", "notification_priority": "PRIORITY_DEFAULT"},
			},
		},
		"ios": {
			"token": "ios-token", "data": data,
			"apns": map[string]any{
				"headers": map[string]any{"apns-collapse-id": id, "apns-push-type": "alert", "apns-priority": "5", "apns-expiration": "1795255200"},
				"payload": map[string]any{"aps": map[string]any{
					"alert": map[string]any{"title": "Alice liked your post", "body": "Nice!"}, "thread-id": "social", "interruption-level": "active",
				}},
			},
		},
	}
	for platform, want := range want {
		if diff := cmp.Diff(want, wire(t, compose(Push{To: devices[platform], Item: liked()}, now))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", platform, diff)
		}
	}
}

func TestUrgencyFollowsPriority(t *testing.T) {
	t.Parallel()
	type loudness struct {
		web, android, display, ios, interruption, iosSound string
		androidSound                                       any
	}
	tests := map[event.Priority]loudness{
		event.Urgent: {"high", "high", "PRIORITY_MAX", "10", "time-sensitive", "default", true},
		event.High:   {"high", "high", "PRIORITY_HIGH", "10", "active", "", nil},
		event.Medium: {"normal", "normal", "PRIORITY_DEFAULT", "5", "active", "", nil},
		event.Low:    {"normal", "normal", "PRIORITY_LOW", "5", "passive", "", nil},
	}
	for p, want := range tests {
		item := liked()
		item.Priority = p
		web, android, ios := compose(Push{To: devices["web"], Item: item}, now), compose(Push{To: devices["android"], Item: item}, now), compose(Push{To: devices["ios"], Item: item}, now)
		shown := wire(t, android)["android"].(map[string]any)["notification"].(map[string]any)
		got := loudness{
			web.Webpush.Headers["Urgency"], android.Android.Priority, shown["notification_priority"].(string), ios.APNS.Headers["apns-priority"],
			ios.APNS.Payload.Aps.CustomData["interruption-level"].(string), ios.APNS.Payload.Aps.Sound, shown["default_sound"],
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", p, got, want)
		}
	}
}

// A withdrawal shows nothing, wakes nobody and takes the place of the push under its collapse id.
func TestWithdrawalsAreSilent(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdefghijklmnop-5962428"
	data := map[string]any{"id": id, "revision": "3", "withdraw": "true"}
	want := map[string]map[string]any{
		"web": {
			"fid": "web-fid", "data": data,
			"webpush": map[string]any{"headers": map[string]any{"Topic": "23456789abcdefghijklmnop-5962428", "Urgency": "low", "TTL": "86400"}},
		},
		"android": {
			"token": "android-token", "data": data,
			"android": map[string]any{"collapse_key": id, "priority": "normal", "ttl": "86400s"},
		},
		"ios": {
			"token": "ios-token", "data": data,
			"apns": map[string]any{
				"headers": map[string]any{"apns-collapse-id": id, "apns-push-type": "background", "apns-priority": "5"},
				"payload": map[string]any{"aps": map[string]any{"content-available": 1.0}},
			},
		},
	}
	for platform, want := range want {
		if diff := cmp.Diff(want, wire(t, compose(Push{To: devices[platform], Item: liked(), Withdraw: true}, now))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", platform, diff)
		}
	}
}

func TestActionsTravelAsFarAsTheyFit(t *testing.T) {
	t.Parallel()
	action := func(id, url string) event.Action { return event.Action{ID: id, Label: "Label", URL: url} }
	one, two, three := action("a", "/a"), action("b", "/b"), action("c", "/c")
	long := action("l", "/"+strings.Repeat("x", event.MaxURL-1))
	tests := []struct {
		name    string
		actions []event.Action
		want    []event.Action
	}{
		{"none", nil, nil},
		{"one", []event.Action{one}, []event.Action{one}},
		{"three", []event.Action{one, two, three}, []event.Action{one, two}},
		{"that tells a product", []event.Action{{ID: "a", Label: "Label", URL: "/a", Webhook: "shop"}}, []event.Action{one}},
		{"the second does not fit", []event.Action{one, long}, []event.Action{one}},
		{"the first does not fit", []event.Action{long, one}, nil},
	}
	for _, test := range tests {
		item := liked()
		item.Actions = test.actions
		for platform, device := range devices {
			m := compose(Push{To: device, Item: item}, now)
			var got []event.Action
			if raw := m.Data["actions"]; raw != "" {
				if err := json.Unmarshal([]byte(raw), &got); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, %s: -want +got:\n%s", test.name, platform, diff)
			}
			if len(test.actions) > 0 && test.name == "that tells a product" && item.Actions[0].Webhook != "shop" {
				t.Fatal("the item itself has lost it")
			}
			if platform == "ios" && (m.APNS.Payload.Aps.Category == "post.liked") != (test.actions != nil) {
				t.Errorf("%s: got category %q", test.name, m.APNS.Payload.Aps.Category)
			}
		}
	}
}

func TestTTLIsWhatIsLeftOfTheItemsLife(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		expireAt time.Time
		want     time.Duration
	}{
		{"an hour", now.Add(time.Hour), time.Hour},
		{"90 days: FCM keeps 28", now.Add(inbox.Keep), 28 * 24 * time.Hour},
		{"over", now.Add(-time.Hour), 0},
		{"never said", time.Time{}, 0},
		{"the end of time", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), 28 * 24 * time.Hour},
	}
	for _, test := range tests {
		item := liked()
		item.ExpireAt = test.expireAt
		if got := *compose(Push{To: devices["android"], Item: item}, now).Android.TTL; got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// Devices that are offline get the last push of each topic: two items must not share one.
func TestWebTopicTellsTheWindowsOfAGroupApart(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`) // RFC 8030, 5.4
	seen := map[string]string{}
	for _, id := range []string{
		"0123456789abcdefghijklmnop-5962428", "0123456789abcdefghijklmnop-5962429", "0123456789abcdefghijklmnop-5962438", "0123456789abcdefghijklmnop-5962528",
		"0123456789abcdefghijklmnoq-5962428", "0123456789abcdefghijklmnop", "0123456789abcdefghijklmnop-689", "short",
	} {
		item := liked()
		item.ID = id
		topic := compose(Push{To: devices["web"], Item: item}, now).Webpush.Headers["Topic"]
		if !valid.MatchString(topic) || seen[topic] != "" {
			t.Errorf("%s: got %q, as %q has", id, topic, seen[topic])
		}
		seen[topic] = id
	}
}

// size is what FCM counts, at most: the whole message as plain JSON.
func size(t *testing.T, m *messaging.Message) int {
	t.Helper()
	got := wire(t, m)
	for _, target := range []string{"fid", "token"} {
		delete(got, target)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(got); err != nil {
		t.Fatal(err)
	}
	// encoding/json escapes this one for JavaScript's sake; JSON itself need not.
	return len(strings.ReplaceAll(b.String(), `\u2028`, "\u2028"))
}

// longest is the largest item that validation lets through, all of it written with s.
func longest(s string) *inbox.Item {
	item := liked()
	item.Type, item.Category, item.Revision = strings.Repeat("t", 64), strings.Repeat("c", 64), math.MaxInt64
	item.Title, item.Body = strings.Repeat(s, event.MaxTitle), strings.Repeat(s, event.MaxBody)
	item.ExpireAt = now.Add(inbox.Keep)
	for range event.MaxActions {
		item.Actions = append(item.Actions, event.Action{ID: strings.Repeat("i", 60), Label: strings.Repeat(s, 20), URL: "/" + strings.Repeat(`"`, 20), Style: "primary"})
	}
	return item
}

func TestAnyItemFitsFCM(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"x", `"`, `\`, "<", "\u2028", "é", "李", "👩", "👩\u200d👩\u200d👧", "\n", "\x01", "e\u0301"} {
		for _, url := range []string{"", "/" + strings.Repeat("x", maxURL-1), "/" + strings.Repeat(`"`, maxURL-1), "/" + strings.Repeat("x", event.MaxURL-1)} {
			for platform, device := range devices {
				item := longest(s)
				item.URL = url
				for _, withdraw := range []bool{false, true} {
					if got := size(t, compose(Push{To: device, Item: item, Withdraw: withdraw, Beacon: strings.Repeat("b", maxBeacon)}, now)); got > 4096 {
						t.Errorf("%s, all %q, url of %d: %d bytes", platform, s, len(url), got)
					}
				}
			}
		}
	}
}

// Only service workers say what became of a push, and a withdrawal shows nothing.
func TestTheBeaconIsTheWebs(t *testing.T) {
	t.Parallel()
	const beacon = "https://beacon.example/beacon?t=x"
	for platform, device := range devices {
		for _, withdraw := range []bool{false, true} {
			want := ""
			if device.Platform == "web" && !withdraw {
				want = beacon
			}
			if got := compose(Push{To: device, Item: liked(), Withdraw: withdraw, Beacon: beacon}, now).Data["beacon"]; got != want {
				t.Errorf("%s, withdraw %v: got %q, want %q", platform, withdraw, got, want)
			}
		}
	}
	long := compose(Push{To: devices["web"], Item: liked(), Beacon: "https://" + strings.Repeat("b", maxBeacon)}, now)
	if long.Data["beacon"] != "" {
		t.Error("an address that does not fit is cut; it leads elsewhere")
	}
}

// TestASummaryNamesItsItemsIfAllFit and fits itself: an id has at most 45 characters.
func TestASummaryNamesItsItemsIfAllFit(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("i", 45)
	for n, named := range map[int]bool{0: false, 2: true, 28: true, 29: false, 500: false} {
		item := longest(`"`)
		item.ID, item.URL, item.Actions, item.Type = "catch-up", "", nil, "catch-up"
		of := slices.Repeat([]string{id}, n)
		for platform, device := range devices {
			m := compose(Push{To: device, Item: item, Of: of}, now)
			if got := size(t, m); got > 4096 {
				t.Errorf("%s, of %d: %d bytes", platform, n, got)
			}
			if got := strings.Fields(m.Data["of"]); named && len(got) != n || !named && len(got) > 0 {
				t.Errorf("%s, of %d: names %d", platform, n, len(got))
			}
		}
	}
}

func TestALinkThatDoesNotFitIsLeftOutWhole(t *testing.T) {
	t.Parallel()
	item := liked()
	item.URL = "/" + strings.Repeat("x", maxURL)
	if got, ok := compose(Push{To: devices["web"], Item: item}, now).Data["url"]; ok {
		t.Errorf("got %.20q…, want none: half a link leads elsewhere", got)
	}
}

func TestClipCutsBetweenWhatReadersCallCharacters(t *testing.T) {
	t.Parallel()
	const family = "👩\u200d👩\u200d👧" // 18 bytes
	tests := []struct {
		s    string
		want string
	}{
		{"", ""}, {strings.Repeat("x", 40), strings.Repeat("x", 40)}, {strings.Repeat("x", 41), strings.Repeat("x", 37) + "…"},
		{strings.Repeat("é", 20), strings.Repeat("é", 20)}, {strings.Repeat("é", 21), strings.Repeat("é", 18) + "…"},
		{strings.Repeat("e\u0301", 14), strings.Repeat("e\u0301", 12) + "…"},
		{family + family, family + family}, {family + family + family, family + family + "…"}, {"xxxx" + family + family + "x", "xxxx" + family + "…"},
		{"🇩🇪🇫🇷🇮🇹🇪🇸🇵🇱🇵🇹", "🇩🇪🇫🇷🇮🇹🇪🇸…"},
		{strings.Repeat("\n", 21), strings.Repeat("\n", 18) + "…"},
		{"e" + strings.Repeat("\u0301", 40), "…"}, // one character, too long to be shown
	}
	for _, test := range tests {
		if got := clip(test.s, 40); got != test.want {
			t.Errorf("%q: got %q, want %q", test.s, got, test.want)
		}
	}
}

func TestWeightIsWhatJSONTakes(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x3000; r++ {
		item := &inbox.Item{Notification: inbox.Notification{Title: string(r)}}
		base := size(t, compose(Push{To: devices["web"], Item: &inbox.Item{}}, now))
		if got := size(t, compose(Push{To: devices["web"], Item: item}, now)) - base; got > weight(string(r)) && r != 0x2029 { // escaped for JavaScript's sake
			t.Errorf("%U: %d bytes, weighed as %d", r, got, weight(string(r)))
		}
	}
}

// FuzzCompose: whatever an item says, the message is valid, fits and names the item.
func FuzzCompose(f *testing.F) {
	f.Add("Alice liked your post", "Nice!", "/posts/42", "Open", "android", int64(3600), false)
	f.Add(strings.Repeat("👩", 600), strings.Repeat("\n", 2100), "/"+strings.Repeat(`"`, 690), strings.Repeat("é", 200), "ios", int64(-1), false)
	f.Add(strings.Repeat("\u2028", 600), strings.Repeat(`\`, 2100), strings.Repeat("&", 700), `"`, "web", int64(math.MaxInt64), false)
	f.Add(strings.Repeat("\x01", 500), "e"+strings.Repeat("\u0301", 1999), "/", strings.Repeat("\\", 200), "web", int64(0), true)
	f.Fuzz(func(t *testing.T, title, body, url, label, platform string, seconds int64, withdraw bool) {
		for _, s := range []string{title, body, url, label} {
			e := event.Event{ID: "1", Source: "s", Type: "t", Recipients: []string{"b"}, Body: s}
			if !utf8.ValidString(s) || len(e.Validate(now)) > 0 {
				return // nothing like it comes as far as here
			}
		}
		item := liked()
		item.Title, item.Body, item.URL, item.ExpireAt = title, body, url, time.Unix(seconds, 0)
		item.Actions = []event.Action{{ID: "1", Label: label, URL: url}, {ID: "2", Label: label, Style: "danger"}, {ID: "3", Label: label}}
		m := compose(Push{To: profile.Device{Kind: "token", Value: "x", Platform: platform}, Item: item, Withdraw: withdraw, Beacon: strings.Repeat("b", maxBeacon)}, now)
		if got := size(t, m); got > 4096 {
			t.Errorf("%d bytes", got)
		}
		if m.Data["id"] != item.ID || m.Data["revision"] != "3" || (m.Data["withdraw"] == "true") != withdraw {
			t.Errorf("got %v", m.Data)
		}
		for _, s := range []string{title, body} {
			if short := clip(s, maxTitle); !utf8.ValidString(short) || weight(short) > maxTitle || short != s && !strings.HasPrefix(s, strings.TrimSuffix(short, "…")) {
				t.Errorf("clipped to %q", short)
			}
		}
	})
}
