package gcs_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/emulator/gcs"
	"tidings.dev/shared/archive"
	"tidings.dev/shared/topology"
)

// What is published is in the archive as soon as somebody looks: once, by the stack's clock, without what the subscription leaves out, and in one object for ten minutes.
func TestWriter(t *testing.T) {
	t.Parallel()
	server, err := gcs.New(t.TempDir(), "b")
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(server.Handler())
	t.Cleanup(served.Close)
	a, err := archive.Open(t.Context(), "b", []string{"events"}, option.WithEndpoint(served.URL+"/storage/v1/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Duration(0)
	w := server.Writer(topology.Archive{Name: "events-archive", Topic: "events", Without: []string{"why", "item"}}, func() time.Duration { return ahead })
	start := time.Now()
	take := func(id string, attributes map[string]string) {
		t.Helper()
		if err := w.Take(&pubsubpb.PubsubMessage{MessageId: id, Data: []byte("{}"), Attributes: attributes, PublishTime: timestamppb.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (ids []string, objects int) {
		t.Helper()
		x, err := a.Index(t.Context(), start.Add(-time.Minute), start.Add(48*time.Hour), start.Add(48*time.Hour))
		if err != nil || len(x.Faults) > 0 {
			t.Fatal(err, x.Faults)
		}
		for m, err := range a.Messages(t.Context(), x) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, fmt.Sprintf("%s+%s", m.ID, m.Published.Sub(start).Round(time.Hour)))
		}
		return ids, len(x.Objects)
	}
	take("1", map[string]string{"ce-type": "post.liked"})
	take("again", map[string]string{"why": "later"})
	take("look", map[string]string{"item": "x"})
	take("2", nil)
	if ids, objects := read(); strings.Join(ids, " ") != "1+0s 2+0s" || objects != 1 {
		t.Errorf("got %q in %d objects, want both messages in one", ids, objects)
	}
	take("3", nil)
	ahead = 26 * time.Hour
	take("4", nil) // ends the object of the third
	if ids, objects := read(); strings.Join(ids, " ") != "1+0s 2+0s 3+0s 4+26h0m0s" || objects != 3 {
		t.Errorf("the clock was moved: got %q in %d objects", ids, objects)
	}
	if days, err := a.Days(t.Context(), start, start.Add(ahead)); err != nil || len(days) != 2 {
		t.Errorf("got the days %v, %v", days, err)
	}
}
