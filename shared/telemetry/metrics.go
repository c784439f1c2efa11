package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// instruments are our metrics. functions/README.md has them in a table, which a test compares.
type instruments struct {
	accepted, folded, written, pushed, held, retried, dead, deleted, mailed, told metric.Int64Counter
	visible                                                                       metric.Float64Histogram
	jobs                                                                          metric.Int64Histogram
	depth                                                                         metric.Int64ObservableGauge
	meter                                                                         metric.Meter
}

// visibleBuckets are in seconds: what people take for at once, and the waits of retries.
var visibleBuckets = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 10800}

// jobBuckets go up to what a commit takes.
var jobBuckets = []float64{1, 2, 5, 10, 20, 50, 100, 200, 400}

func newInstruments(m metric.Meter) (i instruments, err error) {
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		made, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return made
	}
	i = instruments{
		meter:    m,
		accepted: counter("tidings.events.accepted", "{event}", "Events that a door took in and Pub/Sub has stored."),
		folded:   counter("tidings.events.folded", "{event}", "Events that were applied to an inbox, one for each recipient."),
		written:  counter("tidings.items.written", "{item}", "Inbox items that were written."),
		pushed:   counter("tidings.pushes.sent", "{push}", "Pushes by what FCM said."),
		held:     counter("tidings.pushes.held", "{push}", "Pushes that were held back when their item was written."),
		retried:  counter("tidings.messages.retried", "{message}", "Messages that were handed over to the retry topic."),
		dead:     counter("tidings.messages.dead_lettered", "{message}", "Messages that became dead letters."),
		deleted:  counter("tidings.devices.deleted", "{device}", "Devices that were deleted because FCM does not know them."),
	}
	i.mailed = counter("tidings.mails.sent", "{mail}", "Mails by what became of them.")
	i.told = counter("tidings.facts.told", "{fact}", "Facts of what became of events, by whether Pub/Sub took them.")
	i.visible, err = m.Float64Histogram("tidings.event.visible.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(visibleBuckets...),
		metric.WithDescription("From the acceptance of an event until a recipient's item is written."))
	errs = append(errs, err)
	i.jobs, err = m.Int64Histogram("tidings.commit.jobs", metric.WithUnit("{job}"), metric.WithExplicitBucketBoundaries(jobBuckets...),
		metric.WithDescription("Changes of inboxes that one commit carries."))
	errs = append(errs, err)
	i.depth, err = m.Int64ObservableGauge("tidings.queue.depth", metric.WithUnit("{job}"), metric.WithDescription("Changes of inboxes that wait for a commit."))
	errs = append(errs, err)
	return i, errors.Join(errs...)
}

// The labels of our metrics.
const (
	labelType    = semconv.CloudEventsEventTypeKey // a type of the catalogue
	labelReason  = attribute.Key("tidings.reason")
	labelOutcome = keyOutcome
	labelQueue   = attribute.Key("tidings.queue")
)

func with(key attribute.Key, value string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(key.String(value)))
}

// Accepted counts an event of that type of the catalogue.
func (t *Telemetry) Accepted(ctx context.Context, kind string) {
	if t != nil {
		t.counts.accepted.Add(ctx, 1, with(labelType, kind))
	}
}

// Folded counts an event of that type that was applied to an inbox.
func (t *Telemetry) Folded(ctx context.Context, kind string) {
	if t != nil {
		t.counts.folded.Add(ctx, 1, with(labelType, kind))
	}
}

// Written counts items.
func (t *Telemetry) Written(ctx context.Context, items int) {
	if t != nil && items > 0 {
		t.counts.written.Add(ctx, int64(items))
	}
}

// Visible records how long it took from the acceptance of an event of that type until a recipient could see it.
func (t *Telemetry) Visible(ctx context.Context, kind string, took time.Duration) {
	if t != nil {
		t.counts.visible.Record(ctx, max(took, 0).Seconds(), with(labelType, kind))
	}
}

// Pushed counts a push: "taken", "gone", "later", "refused" or "misconfigured".
func (t *Telemetry) Pushed(ctx context.Context, outcome string) {
	if t != nil {
		t.counts.pushed.Add(ctx, 1, with(labelOutcome, outcome))
	}
}

// Held counts a push that was held back, by the reason that stands on the item.
func (t *Telemetry) Held(ctx context.Context, reason string) {
	if t != nil {
		t.counts.held.Add(ctx, 1, with(labelReason, reason))
	}
}

// Retried counts a message that is tried again, by a reason of a few words.
func (t *Telemetry) Retried(ctx context.Context, reason string) {
	if t != nil {
		t.counts.retried.Add(ctx, 1, with(labelReason, reason))
	}
}

// DeadLettered counts a dead letter, by a reason of a few words.
func (t *Telemetry) DeadLettered(ctx context.Context, reason string) {
	if t != nil {
		t.counts.dead.Add(ctx, 1, with(labelReason, reason))
	}
}

// Deleted counts a device that is forgotten.
func (t *Telemetry) Deleted(ctx context.Context) {
	if t != nil {
		t.counts.deleted.Add(ctx, 1)
	}
}

// Mailed counts a mail: "sent", "repeated" (it was begun before, by somebody who did not say that it was sent), "refused", "later", "no address"
// or "failed" (it could not be written).
func (t *Telemetry) Mailed(ctx context.Context, outcome string) {
	if t != nil {
		t.counts.mailed.Add(ctx, 1, with(labelOutcome, outcome))
	}
}

// Told counts facts: "taken" by Pub/Sub, or "lost".
func (t *Telemetry) Told(ctx context.Context, outcome string, facts int) {
	if t != nil {
		t.counts.told.Add(ctx, int64(facts), with(labelOutcome, outcome))
	}
}

// Committed records how many jobs a commit carried.
func (t *Telemetry) Committed(ctx context.Context, jobs int) {
	if t != nil {
		t.counts.jobs.Record(ctx, int64(jobs))
	}
}

// Depths has depth asked, at each export, how much waits in each queue.
func (t *Telemetry) Depths(depth func(yield func(queue string, waiting int))) {
	if t == nil {
		return
	}
	_, _ = t.counts.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error { // fails for an instrument of another meter only
		depth(func(queue string, waiting int) {
			o.ObserveInt64(t.counts.depth, int64(waiting), with(labelQueue, queue))
		})
		return nil
	}, t.counts.depth)
}
