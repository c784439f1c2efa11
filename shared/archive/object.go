package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
)

// schema is what Pub/Sub writes with its format Avro and with metadata:
// https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription#file_format. An object says it itself, so that reading follows the object.
var schema = avro.MustParse(`{
	"type": "record", "namespace": "com.google.pubsub", "name": "PubsubMessageWithMetadata",
	"fields": [
		{"name": "subscription_name", "type": "string"},
		{"name": "message_id", "type": "string"},
		{"name": "publish_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
		{"name": "attributes", "type": {"type": "map", "values": "string"}},
		{"name": "data", "type": "bytes"}
	]
}`)

// record is a message in an object.
type record struct {
	Subscription string            `avro:"subscription_name"`
	ID           string            `avro:"message_id"`
	Published    time.Time         `avro:"publish_time"`
	Attributes   map[string]string `avro:"attributes"`
	Data         []byte            `avro:"data"`
}

// Encode makes an object of messages, as Pub/Sub does. The local stack and tests write with it.
func Encode(subscription string, messages []Message) ([]byte, error) {
	var out bytes.Buffer
	w, err := ocf.NewWriter(&out, schema)
	if err != nil {
		return nil, fmt.Errorf("archive: encode: %w", err)
	}
	for _, m := range messages {
		r := record{subscription, m.ID, m.Published, m.Attributes, m.Data}
		if r.Attributes == nil {
			r.Attributes = map[string]string{}
		}
		if err := w.Encode(&r); err != nil {
			return nil, fmt.Errorf("archive: encode message %s: %w", m.ID, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("archive: encode: %w", err)
	}
	return out.Bytes(), nil
}

// decode reads an object's messages, in their order.
func decode(name string, content []byte) ([]Message, error) {
	r, err := ocf.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, &Fault{name, fmt.Sprintf("is no Avro container: %v", err)}
	}
	var all []Message
	for {
		var one record
		err := r.Decode(&one)
		if errors.Is(err, io.EOF) {
			slices.SortStableFunc(all, Message.Compare)
			return all, nil
		}
		if err != nil {
			return nil, &Fault{name, fmt.Sprintf("cannot be read after %d messages: %v", len(all), err)}
		}
		all = append(all, Message{topicOf(name), one.ID, one.Published.UTC(), one.Attributes, one.Data})
	}
}
