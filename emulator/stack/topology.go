//go:build unix

package stack

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"tidings.dev/emulator/dispatch"
)

// ackDeadline is how long a function may take over a message.
const ackDeadline = 60 * time.Second

// A route is a topic with its one subscription and the function that it pushes to.
type route struct {
	topic, subscription string
	function            string // "notify" or "deadletters", which is its path too
	attempts            int    // until a message goes to deadLetters; 0: for ever
}

const deadLetters = "dead-letters"

var routes = []route{
	{"events-urgent", "events-urgent-notify", "notify", 20},
	{"events", "events-notify", "notify", 20},
	{"events-retry", "events-retry-notify", "notify", 20},
	{deadLetters, "dead-letters-deadletters", "deadletters", 0},
}

// createTopology makes the topics and a pull subscription for each: the dispatcher does the pushing, the retries and the dead
// letters.
func (s *Stack) createTopology(ctx context.Context) error {
	defer s.progress.doing("topics and subscriptions")()
	client, err := pubsub.NewClient(ctx, Project, option.WithEndpoint(s.Addresses.PubSub), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return err
	}
	s.pubsub = client
	var g errgroup.Group
	for _, r := range routes {
		g.Go(func() error { return s.createRoute(ctx, r) })
	}
	return g.Wait()
}

func (s *Stack) createRoute(ctx context.Context, r route) error {
	topic := fmt.Sprintf("projects/%s/topics/%s", Project, r.topic)
	_, err := s.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topic})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return fmt.Errorf("topic %s: %w", r.topic, err)
	}
	_, err = s.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
		Name:  fmt.Sprintf("projects/%s/subscriptions/%s", Project, r.subscription),
		Topic: topic, AckDeadlineSeconds: int32(ackDeadline / time.Second),
	})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return fmt.Errorf("subscription %s: %w", r.subscription, err)
	}
	return nil
}

// startPushes connects the subscriptions to the functions.
func (s *Stack) startPushes() error {
	f, err := os.Create(filepath.Join(s.logs(), "dispatcher.log"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(f, nil))
	base := map[string]string{"notify": s.Addresses.Notify, "deadletters": s.Addresses.DeadLetters}
	for _, r := range routes {
		sub := dispatch.Subscription{
			Name: r.subscription, Endpoints: []string{base[r.function] + "/" + r.function}, AckDeadline: ackDeadline,
			MinBackoff: 10 * time.Second, MaxBackoff: 600 * time.Second, MaxAttempts: r.attempts,
		}
		if r.attempts > 0 {
			sub.DeadLetterTopic = deadLetters
		}
		p, err := dispatch.Start(s.pubsub, s.Clock, sub, log)
		if err != nil {
			return err
		}
		s.Pushes[r.subscription] = p
		go func() { s.fail(p.Err()) }()
	}
	return nil
}
