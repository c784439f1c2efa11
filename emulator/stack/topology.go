//go:build unix

package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"tidings.dev/emulator/dispatch"
	"tidings.dev/shared/topology"
)

// deployed is what runs in a project, and so here.
var deployed = topology.Deployed()

// serves reports whether a function is here: all are, but for one that would have nothing to do.
func (s *Stack) serves(function string) bool {
	f, ok := deployed.Function(function)
	return ok && (!f.Outgoing || s.opts.Webhooks != "") && (!f.Insight || s.opts.Insight)
}

// createTopology makes the topics and their subscriptions, which are pulled here: the dispatcher does the pushing, the retries and the dead
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
	for _, topic := range deployed.Topics {
		g.Go(func() error { return s.createTopic(ctx, topic) })
	}
	return g.Wait()
}

// createTopic makes a topic with its subscriptions.
func (s *Stack) createTopic(ctx context.Context, name string) error {
	topic := fmt.Sprintf("projects/%s/topics/%s", Project, name)
	_, err := s.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topic})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return fmt.Errorf("topic %s: %w", name, err)
	}
	err = nil
	subscribe := func(id string, deadline topology.Seconds) error {
		_, err := s.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
			Name: fmt.Sprintf("projects/%s/subscriptions/%s", Project, id), Topic: topic, AckDeadlineSeconds: int32(deadline),
		})
		if err != nil && status.Code(err) != codes.AlreadyExists {
			return fmt.Errorf("subscription %s: %w", id, err)
		}
		return nil
	}
	for _, sub := range s.subscriptions() {
		if sub.Topic == name {
			err = errors.Join(err, subscribe(sub.Name, sub.AckDeadline))
		}
	}
	for _, sub := range s.archives() {
		if sub.Topic == name {
			err = errors.Join(err, subscribe(sub.Name, keepDeadline))
		}
	}
	return err
}

// subscriptions are those of the table whose functions are here, and BigQuery's.
func (s *Stack) subscriptions() []topology.Subscription {
	all := slices.DeleteFunc(slices.Clone(deployed.Subscriptions), func(sub topology.Subscription) bool { return !s.serves(sub.Function) })
	if s.Facts != nil {
		all = append(all, toBigQuery)
	}
	return all
}

// startPushes connects the subscriptions to the functions.
func (s *Stack) startPushes() error {
	log, err := s.logger("dispatcher.log")
	if err != nil {
		return err
	}
	for _, sub := range s.subscriptions() {
		base := s.urls[sub.Function]
		if sub.Name == toBigQuery.Name {
			base = s.Addresses.BigQuery
		}
		p, err := dispatch.Start(s.pubsub, s.Clock, dispatch.Subscription{
			Name: sub.Name, Endpoints: []string{base + sub.Path}, AckDeadline: sub.AckDeadline.Duration(),
			MinBackoff: sub.MinBackoff.Duration(), MaxBackoff: sub.MaxBackoff.Duration(), MaxAttempts: sub.Attempts, DeadLetterTopic: sub.DeadLetter,
			Authorize: func(r *http.Request) error { return s.authorize(topology.PubSub, r.URL, r.Header) },
		}, log)
		if err != nil {
			return err
		}
		s.Pushes[sub.Name] = p
		go func() { s.fail(p.Err()) }()
	}
	return nil
}

// logger writes into a file of the stack's logs.
func (s *Stack) logger(name string) (*slog.Logger, error) {
	f, err := os.Create(filepath.Join(s.logs(), name))
	if err != nil {
		return nil, err
	}
	return slog.New(slog.NewJSONHandler(f, nil)), nil
}
