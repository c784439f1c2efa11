// Package archive reads what was published, as Pub/Sub's Cloud Storage subscriptions keep it, in the order of time.
//
// The bucket holds two kinds of objects:
//
//	{topic}/YYYY/MM/DD/hh_mm_ssZ_{uuid}.avro   messages of a topic; the time is when Pub/Sub began the object
//	manifests/YYYY-MM-DD.json                  what the objects of a day are: names, sizes, hashes and times (manifest.go)
//
// An object is an Avro container with a record for each message (object.go). Pub/Sub writes each object once, and writes several side by side, so their
// times overlap, and a message that could not be stored at first is in a later object. It delivers at least once, so a message may be there twice.
package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

// Message is a message as it was published.
type Message struct {
	Topic      string
	ID         string    // Pub/Sub's; unique within the topic
	Published  time.Time // in microseconds
	Attributes map[string]string
	Data       []byte
}

// Compare orders messages: by when they were published, then by topic and id.
func (m Message) Compare(o Message) int {
	return cmp.Or(m.Published.Compare(o.Published), cmp.Compare(m.Topic, o.Topic), cmp.Compare(m.ID, o.ID))
}

// Archive is a bucket. It is safe for concurrent use.
type Archive struct {
	client *storage.Client
	bucket *storage.BucketHandle
	topics []string
}

// Open opens the archive of these topics in the bucket. STORAGE_EMULATOR_HOST, the SDK's own variable, is honoured. Nothing is sent before the first use.
func Open(ctx context.Context, bucket string, topics []string, opts ...option.ClientOption) (*Archive, error) {
	client, err := storage.NewClient(ctx, append([]option.ClientOption{storage.WithJSONReads()}, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("archive: connect to Cloud Storage: %w", err)
	}
	return &Archive{client, client.Bucket(bucket), topics}, nil
}

// Close ends the connections.
func (a *Archive) Close() error { return a.client.Close() }

// day is the beginning of the day, in UTC, in which the moment lies.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Prefix begins the names of a topic's objects that were begun on a day.
func Prefix(topic string, day time.Time) string { return topic + "/" + day.UTC().Format("2006/01/02/") }

// found is an object as the bucket lists it.
type found struct {
	name string
	size int64
}

// list lists the objects that were begun on a day, in the order of their names within each topic.
func (a *Archive) list(ctx context.Context, day time.Time) (all []found, err error) {
	for _, topic := range a.topics {
		q := &storage.Query{Prefix: Prefix(topic, day)}
		if err := q.SetAttrSelection([]string{"Name", "Size"}); err != nil {
			return nil, fmt.Errorf("archive: list: %w", err)
		}
		objects := a.bucket.Objects(ctx, q)
		for {
			attrs, err := objects.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("archive: list %s: %w", q.Prefix, err)
			}
			all = append(all, found{attrs.Name, attrs.Size})
		}
	}
	return all, nil
}

// maxObject bounds an object, in bytes. The subscriptions end one at 10 MB (infra/archive.tf), or after the message that passes that.
const maxObject = 32 << 20

// read reads a whole object.
func (a *Archive) read(ctx context.Context, name string) ([]byte, error) {
	r, err := a.bucket.Object(name).NewReader(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, &Fault{name, "is missing"}
	}
	if err != nil {
		return nil, fmt.Errorf("archive: read %s: %w", name, err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxObject+1))
	if err != nil {
		return nil, fmt.Errorf("archive: read %s: %w", name, err)
	}
	if len(content) > maxObject {
		return nil, &Fault{name, fmt.Sprintf("has more than %d bytes", maxObject)}
	}
	return content, nil
}

// topicOf is the topic whose messages an object holds.
func topicOf(name string) string {
	topic, _, _ := strings.Cut(name, "/")
	return topic
}

// Fault is what is wrong with an object: it is not what Pub/Sub has written.
type Fault struct {
	Object string
	What   string
}

// Error names the object.
func (f *Fault) Error() string { return fmt.Sprintf("archive: %s %s", f.Object, f.What) }
