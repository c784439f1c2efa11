// Package push sends what an inbox item says to a person's devices, over Firebase Cloud Messaging.
//
// Each platform gets what it needs to show the item once and to replace it later: the same collapse id everywhere, which is
// the notification's id (on the web the tag, on Android the tag, on iOS apns-collapse-id), and the revision, so that a
// client can skip what it has shown. Web messages are data only: the service worker is the one place that displays.
package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"
	htransport "google.golang.org/api/transport/http"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/telemetry"
)

// What FCM says about a target.
var (
	ErrGone      = errors.New("push: the device is no longer registered")
	ErrTransient = errors.New("push: FCM cannot take it now")
	ErrConfig    = errors.New("push: the project's set-up keeps FCM from taking it")
	ErrRefused   = errors.New("push: FCM refuses the message")
)

var errNoAddress = errors.New("the device has no address")

// Sender sends pushes. It is safe for concurrent use.
type Sender struct {
	client *messaging.Client
}

// Open makes a Sender for the project. opts may name another endpoint and other credentials. The firebase App behind it is its
// own, since an endpoint given to one leaks into its Auth and Firestore clients.
func Open(ctx context.Context, project string, opts ...option.ClientOption) (*Sender, error) {
	scoped := append([]option.ClientOption{option.WithScopes("https://www.googleapis.com/auth/firebase.messaging")}, opts...)
	client, _, err := htransport.NewClient(ctx, scoped...)
	if err != nil {
		return nil, fmt.Errorf("push: connect to FCM: %w", err)
	}
	client.Transport = once{telemetry.Transport(client.Transport, "/v1/projects/{project}/messages:send")}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project}, append(opts[:len(opts):len(opts)], option.WithHTTPClient(client))...)
	if err != nil {
		return nil, fmt.Errorf("push: connect to FCM: %w", err)
	}
	m, err := app.Messaging(ctx)
	if err != nil {
		return nil, fmt.Errorf("push: connect to FCM: %w", err)
	}
	return &Sender{client: m}, nil
}

// Push is one message for one device.
type Push struct {
	To       profile.Device
	Item     *inbox.Item // in the language of the device
	Of       []string    // ids of the items that Item sums up; nil where it is one itself
	Beacon   string      // where a service worker says what became of it; "" is nowhere
	Withdraw bool        // take away what was shown of the item, instead of showing it
}

const (
	sendTime = 20 * time.Second // for all messages of a Send, the client's own repetitions after a broken connection included
	parallel = 50               // messages of a Send that are under way at a time
)

// Send sends the pushes. The answers are in their order: nil, [ErrGone] for a device to forget, [ErrTransient] for one to
// try again after [Delay] (a push that is repeated replaces itself), [ErrConfig] with what is to be corrected, or [ErrRefused].
func (s *Sender) Send(ctx context.Context, pushes []Push, now time.Time) []error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	errs := make([]error, len(pushes))
	send := func(i int) {
		p := pushes[i]
		_, err := s.client.Send(ctx, compose(p, now))
		if errs[i] = classify(err, now); errors.Is(errs[i], ErrRefused) && s.proven(ctx, p.To) {
			errs[i] = &gone{"INVALID_ARGUMENT", err}
		}
	}
	var others tasks.Group
	others.Limit(parallel)
	for i, p := range pushes {
		switch {
		case p.To.Value == "":
			errs[i] = &gone{"INVALID_ARGUMENT", errNoAddress}
		case i == len(pushes)-1: // the usual case, a single device, needs no goroutine
			send(i)
		default:
			others.Go(func() error {
				defer tasks.Catch(&errs[i])
				send(i)
				return nil
			})
		}
	}
	_ = others.Wait() // each has its error
	return errs
}

// proven reports whether it is the target that FCM refuses and not what we say: it then refuses, for that target, even a message
// that says nothing. FCM only looks at it and does not deliver it.
func (s *Sender) proven(ctx context.Context, d profile.Device) bool {
	_, err := s.client.SendDryRun(ctx, address(d, &messaging.Message{Data: map[string]string{"id": "probe"}}))
	return messaging.IsInvalidArgument(err) || messaging.IsUnregistered(err)
}
