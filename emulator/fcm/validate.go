package fcm

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	fcmapi "google.golang.org/api/fcm/v1"
)

const (
	maxPayload = 4096                // bytes; "About FCM messages"
	maxTTL     = 28 * 24 * time.Hour // reference of AndroidConfig.ttl
	maxAPNSID  = 64                  // bytes of apns-collapse-id; Apple, "Sending notification requests to APNs"
)

var (
	duration     = regexp.MustCompile(`^\d+(\.\d{1,9})?s$`)
	topicName    = regexp.MustCompile(`^[a-zA-Z0-9-_.~%]+$`)          // reference of Message.topic
	webPushTopic = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)        // RFC 8030, 5.4
	urgency      = regexp.MustCompile(`^(very-low|low|normal|high)$`) // RFC 8030, 5.3
)

// validate makes the checks that FCM makes after reading a message. The rules are those of the reference of
// projects.messages and of "About FCM messages", and for what FCM passes on those of RFC 8030 and Apple.
func validate(m *fcmapi.Message) *apiError {
	if m == nil {
		return invalid("message", "Request contains an invalid argument.")
	}
	if targets := slices.DeleteFunc([]string{m.Token, m.Fid, m.Topic, m.Condition}, func(s string) bool { return s == "" }); len(targets) != 1 {
		return invalid("message", "Exactly one of token, fid, topic or condition must be set: Recipient of the message is not set or set more than once.")
	}
	if m.Topic != "" && !topicName.MatchString(m.Topic) {
		return invalid("message.topic", "Malformed topic name")
	}
	if e := validateData("message.data", m.Data); e != nil {
		return e
	}
	for _, check := range []func(*fcmapi.Message) *apiError{validateAndroid, validateWebpush, validateAPNS} {
		if e := check(m); e != nil {
			return e
		}
	}
	return nil
}

// targetOf returns the one target of a message, or the first of several.
func targetOf(m *fcmapi.Message) string {
	for _, s := range []string{m.Token, m.Fid, m.Topic, m.Condition} {
		if s != "" {
			return s
		}
	}
	return ""
}

func validateData(field string, data map[string]string) *apiError {
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if key == "from" || key == "message_type" || key == "" || strings.HasPrefix(key, "google") || strings.HasPrefix(key, "gcm") {
			return invalid(field, "Invalid data payload key: "+key)
		}
	}
	return nil
}

func validateAndroid(m *fcmapi.Message) *apiError {
	a := m.Android
	if a == nil {
		a = new(fcmapi.AndroidConfig)
	}
	if e := validateData("message.android.data", a.Data); e != nil {
		return e
	}
	if a.Ttl != "" {
		if !duration.MatchString(a.Ttl) {
			e := badRequest("message.android.ttl", fmt.Sprintf("Invalid value at 'message.android.ttl' (type.googleapis.com/google.protobuf.Duration), Illegal duration format; duration must end with 's': %q", a.Ttl))
			return &e
		}
		if d, err := time.ParseDuration(a.Ttl); err != nil || d > maxTTL {
			return invalid("message.android.ttl", "Invalid value: TTL must be between 0 and 2419200 seconds")
		}
	}
	if !slices.Contains([]string{"", "NORMAL", "HIGH"}, strings.ToUpper(a.Priority)) {
		e := badRequest("message.android.priority", fmt.Sprintf("Invalid value at 'message.android.priority' (type.googleapis.com/google.firebase.fcm.v1.AndroidMessagePriority), %q", a.Priority))
		return &e
	}
	size := sizeOf(m.Data, a.Data)
	if n := m.Notification; n != nil {
		size += len(n.Title) + len(n.Body) + len(n.Image)
	}
	if n := a.Notification; n != nil {
		size += len(n.Title) + len(n.Body) + len(n.Image) + len(n.Tag)
	}
	return tooBig("message.android", "Android message is too big", size)
}

func validateWebpush(m *fcmapi.Message) *apiError {
	w := m.Webpush
	if w == nil {
		return nil
	}
	if e := validateData("message.webpush.data", w.Data); e != nil {
		return e
	}
	for name, value := range w.Headers {
		field := fmt.Sprintf("message.webpush.headers[%q]", name)
		switch strings.ToLower(name) {
		case "topic":
			if !webPushTopic.MatchString(value) {
				return invalid(field, "Topic must be no more than 32 characters of the URL and filename safe Base64 alphabet")
			}
		case "ttl":
			if n, err := strconv.Atoi(value); err != nil || n < 0 || time.Duration(n)*time.Second > maxTTL {
				return invalid(field, "TTL must be a number of seconds between 0 and 2419200")
			}
		case "urgency":
			if !urgency.MatchString(value) {
				return invalid(field, "Urgency must be one of very-low, low, normal, high")
			}
		}
	}
	if o := w.FcmOptions; o != nil && o.Link != "" && !strings.HasPrefix(o.Link, "https://") {
		return invalid("message.webpush.fcm_options.link", "Invalid value: link must be an HTTPS URL")
	}
	size := sizeOf(m.Data, w.Data) + len(w.Notification)
	if n := m.Notification; n != nil && len(w.Notification) == 0 {
		size += len(n.Title) + len(n.Body) + len(n.Image)
	}
	return tooBig("message.webpush", "Web push message is too big", size)
}

func validateAPNS(m *fcmapi.Message) *apiError {
	a := m.Apns
	if a == nil {
		return nil
	}
	for name, value := range a.Headers {
		field := fmt.Sprintf("message.apns.headers[%q]", name)
		switch strings.ToLower(name) {
		case "apns-collapse-id":
			if len(value) > maxAPNSID {
				return invalid(field, "apns-collapse-id must not exceed 64 bytes")
			}
		case "apns-priority":
			if value != "1" && value != "5" && value != "10" {
				return invalid(field, "apns-priority must be 1, 5 or 10")
			}
		case "apns-expiration":
			if _, err := strconv.ParseInt(value, 10, 64); err != nil {
				return invalid(field, "apns-expiration must be a UNIX epoch in seconds")
			}
		}
	}
	return tooBig("message.apns", "APNs message is too big", sizeOf(m.Data)+len(a.Payload))
}

// sizeOf counts keys and values; a later map's value replaces an earlier one's, as a platform's data does.
func sizeOf(data ...map[string]string) int {
	all := make(map[string]string)
	for _, d := range data {
		maps.Copy(all, d)
	}
	n := 0
	for k, v := range all {
		n += len(k) + len(v)
	}
	return n
}

func tooBig(field, message string, size int) *apiError {
	if size <= maxPayload {
		return nil
	}
	return invalid(field, fmt.Sprintf("%s: %d bytes, at most %d", message, size, maxPayload))
}
