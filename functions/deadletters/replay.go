package deadletters

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// ofAttempt are the attributes that tell of attempts that failed. The message that is sent again has made none.
var ofAttempt = []string{topics.AttrReason, topics.AttrAttempts, topics.AttrDevices, topics.AttrNotBefore, topics.AttrTries}

// fromPubSub begins the attributes that Pub/Sub adds to what it gives up on.
const fromPubSub = "CloudPubSubDeadLetterSource"

// message is the message that a letter holds, and the topic that it goes to. It is the same message: the data byte for byte and
// all attributes, also what only a newer version knows, but for two things. The attributes of failed attempts are left out, and
// where the letter names the recipients that are missing, the message is for them alone.
func message(letter store.DeadLetter) (topics.Topic, topics.PushedMessage, error) {
	for _, part := range []string{"data", "attributes", "recipients"} {
		if slices.Contains(letter.Cut, part) {
			return "", topics.PushedMessage{}, problem.New(http.StatusConflict,
				"the message was too large to keep: its %s were cut (%d of %d bytes of data are here). Send the event again, or discard the letter", part, len(letter.Data), letter.DataBytes)
		}
	}
	m := topics.PushedMessage{Data: []byte(letter.Data), Attributes: map[string]string{}}
	for key, value := range letter.Attributes {
		if !slices.Contains(ofAttempt, key) && !strings.HasPrefix(key, fromPubSub) {
			m.Attributes[key] = value
		}
	}
	if _, order := m.Again(); order { // there is no event
		return lane(letter), m, nil
	}
	event, err := object(m.Data)
	if err != nil {
		return "", m, problem.New(http.StatusConflict, "the message is not an event as JSON, so it would fail again: %v", err)
	}
	if len(letter.Recipients) > 0 {
		err = narrow(&m, event, letter.Recipients)
	}
	return lane(letter), m, err
}

// object reads the fields of a JSON object, and leaves their values as they are.
func object(data []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("null was found; an object was expected")
	}
	return fields, nil
}

// narrow addresses the message to these recipients. Members of an audience are told why they are told.
func narrow(m *topics.PushedMessage, event map[string]json.RawMessage, recipients []string) error {
	var audience string
	for key, value := range event { // in small or capital letters, as they are read
		switch {
		case strings.EqualFold(key, "audience"):
			_ = json.Unmarshal(value, &audience) // what is no text names no audience
			fallthrough
		case strings.EqualFold(key, "recipients"):
			delete(event, key)
		}
	}
	if audience != "" && m.Attributes[topics.AttrWhy] == "" {
		m.Attributes[topics.AttrWhy] = "audience:" + audience
	}
	delete(m.Attributes, topics.AttrCursor) // a place in the audience
	list, err := json.Marshal(recipients)
	if err != nil {
		return err
	}
	event["recipients"] = list
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false) // which would rewrite the values
	if err := encoder.Encode(event); err != nil {
		return err
	}
	m.Data = bytes.TrimSuffix(data.Bytes(), []byte("\n"))
	return nil
}

// lane is the topic in which the message first came: its origin begins with that subscription's name.
func lane(letter store.DeadLetter) topics.Topic {
	first := letter.Attributes[topics.AttrOrigin]
	if first == "" {
		first = letter.Subscription[strings.LastIndex(letter.Subscription, "/")+1:]
	}
	if strings.HasPrefix(first, string(topics.Urgent)+"-") {
		return topics.Urgent
	}
	return topics.Events
}
