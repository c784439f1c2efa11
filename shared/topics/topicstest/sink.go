package topicstest

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/shared/topics"
)

// Sink takes every message, without a server and without a network: for fuzz tests, which publish ten thousand times a second.
type Sink struct {
	mu       sync.Mutex
	messages []*pubsubpb.PubsubMessage
}

// NewSink returns a sink and a publisher to it. The publisher ends with the test.
func NewSink(t testing.TB) (*Sink, *topics.Publisher) {
	t.Helper()
	s := &Sink{}
	conn, err := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, errors.New("there is no network here") }),
		grpc.WithUnaryInterceptor(s.take))
	if err != nil {
		t.Fatal(err)
	}
	client, err := pubsub.NewClient(context.Background(), "p", option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return s, topics.NewPublisher(client)
}

// Take returns the messages that were published since the last call.
func (s *Sink) Take() []*pubsubpb.PubsubMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.messages
	s.messages = nil
	return taken
}

func (s *Sink) take(_ context.Context, _ string, request, reply any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
	published, ok := request.(*pubsubpb.PublishRequest)
	if !ok {
		return errors.New("the sink takes messages and nothing else")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, published.Messages...)
	reply.(*pubsubpb.PublishResponse).MessageIds = make([]string, len(published.Messages))
	return nil
}
