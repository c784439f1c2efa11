// Package topicstest is an in-memory Pub/Sub for tests of whatever publishes.
package topicstest

import (
	"log/slog"
	"slices"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/topics"
)

// Start returns a Pub/Sub that has all topics but the missing ones, and a publisher to it. Both end with the test.
func Start(t *testing.T, missing ...topics.Topic) (*pstest.Server, *topics.Publisher) {
	t.Helper()
	server := pstest.NewServer()
	conn, err := grpc.NewClient(server.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	client, err := pubsub.NewClient(t.Context(), "p", option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []topics.Topic{topics.Events, topics.Urgent, topics.Retry, topics.DeadLetters, topics.Facts, topics.Outgoing} {
		if slices.Contains(missing, topic) {
			continue
		}
		if _, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/p/topics/" + string(topic)}); err != nil {
			t.Fatal(err)
		}
	}
	publisher := topics.NewPublisher(client)
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return server, publisher
}

// Key is that of the persons in tests.
var Key = fact.Key("0123456789abcdef0123456789abcdef")

// Telling returns a teller to the server, and what it has told: every fact, in the order of publication, with its repeats. To ask ends the teller.
func Telling(t *testing.T, server *pstest.Server) (teller *topics.Teller, told func() []fact.Fact) {
	t.Helper()
	client, err := pubsub.NewClient(t.Context(), "p", option.WithEndpoint(server.Addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	teller = topics.NewTeller(client, Key, "test/1", slog.New(slog.NewJSONHandler(t.Output(), nil)), nil)
	return teller, func() (all []fact.Fact) {
		t.Helper()
		teller.Close(t.Context())
		for _, m := range server.Messages() {
			if m.Topic != "projects/p/topics/"+string(topics.Facts) {
				continue
			}
			f, err := fact.Decode(m.Data)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, f)
		}
		return all
	}
}

// Published lists the events that are stored, by topic, in the order of publication.
func Published(t *testing.T, server *pstest.Server) map[topics.Topic][]event.Event {
	t.Helper()
	all := map[topics.Topic][]event.Event{}
	for _, m := range server.Messages() {
		e, err := topics.Decode(topics.PushedMessage{MessageID: m.ID, Data: m.Data, Attributes: m.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		topic := topics.Topic(m.Topic[len("projects/p/topics/"):])
		all[topic] = append(all[topic], e.Event)
	}
	return all
}
