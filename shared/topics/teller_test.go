package topics_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/shared/fact"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// step is a fact before it is told.
func step(event int) fact.Fact {
	return fact.Fact{Source: "test", Event: fmt.Sprint("e", event), Type: "post.liked", Stage: fact.Shown, Channel: fact.InApp, HappenedAt: 1, Attempt: 1}
}

// All that is told before the end comes, however many they are, and names nobody.
func TestWhatIsToldBeforeTheEndComes(t *testing.T) {
	t.Parallel()
	server, _ := topicstest.Start(t)
	teller, told := topicstest.Telling(t, server)
	const many = 2_500
	for i := range many {
		teller.Tell("bob", step(i))
	}
	facts := told()
	events := map[string]bool{}
	for _, f := range facts {
		events[f.Event] = true
		if f.Person != topicstest.Key.Person("bob") || f.Instance == "" {
			t.Fatalf("%+v: bob's hash and an instance were expected", f)
		}
	}
	if len(facts) != many || len(events) != many {
		t.Errorf("%d facts of %d events, want %d of each", len(facts), len(events), many)
	}
}

// A Pub/Sub that does not answer costs the end no more than it has, and what is lost is told once for all.
func TestAPubSubThatIsAwayHoldsUpNobody(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := pubsub.NewClient(t.Context(), "p", option.WithEndpoint(l.Addr().String()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var log bytes.Buffer
	teller := topics.NewTeller(client, topicstest.Key, "test/1", slog.New(slog.NewTextHandler(&log, nil)), nil)
	for i := range 12_000 {
		teller.Tell("bob", step(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	teller.Close(ctx)
	if ctx.Err() == nil {
		t.Error("it has not tried")
	}
	lost := 0
	for line := range strings.Lines(log.String()) {
		_, count, _ := strings.Cut(line, " facts=")
		n := 0
		_, _ = fmt.Sscan(count, &n)
		lost += n
	}
	if lost != 12_000 {
		t.Errorf("%d facts are told to be lost, want 12000:\n%s", lost, log.String())
	}
}

func TestWithoutATellerNothingIsTold(t *testing.T) {
	t.Parallel()
	var off *topics.Teller
	off.Tell("bob", step(1))
	off.Close(t.Context())
}
