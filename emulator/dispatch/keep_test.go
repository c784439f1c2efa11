package dispatch_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/emulator/dispatch"
)

// What is refused comes again, and what was taken does not.
func TestKeep(t *testing.T) {
	t.Parallel()
	c := service(t)
	taken, refused := make(chan string, 10), false
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- dispatch.Keep(ctx, c, "work", func(m *pubsubpb.PubsubMessage) error {
			if string(m.Data) == "b" && !refused {
				refused = true
				return errors.New("the disk is full")
			}
			taken <- string(m.Data)
			return nil
		}, slog.New(slog.DiscardHandler))
	}()
	seen := map[string]int{}
	for _, data := range []string{"a", "b", "c"} {
		publish(t, c, &pubsub.Message{Data: []byte(data)})
	}
	for range 3 {
		seen[<-taken]++
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if seen["a"] != 1 || seen["b"] != 1 || seen["c"] != 1 || !refused {
		t.Errorf("got %v, refused %t; want each once", seen, refused)
	}
	if err := dispatch.Keep(t.Context(), c, "nowhere", nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a subscription that is not there: got nil, want NotFound")
	}
}
