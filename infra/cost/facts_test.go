package main

import (
	"testing"
	"time"

	"tidings.dev/infra/cost/prices"
	"tidings.dev/shared/fact"
)

// A million facts cost ten cents at most, by list prices and beyond what is free: published, written into BigQuery by its subscription, and
// kept there for 30 days. A fact that goes alone, in a publish request of its own, is billed as 1,000 bytes, and costs no more than that either.
func TestAMillionFactsCostTenCents(t *testing.T) {
	t.Parallel()
	const (
		toBigQuery = 50.0 / 1024 // dollars a GiB of a subscription that writes into BigQuery (cloud.google.com/pubsub/pricing)
		kept       = 0.02        // dollars a GiB and month (cloud.google.com/bigquery/pricing, active logical storage)
		perMessage = 20 + 20     // bytes that Pub/Sub counts besides the data: the timestamp, and the message's id
		gib        = 1 << 30
	)
	list, err := prices.Read()
	if err != nil {
		t.Fatal(err)
	}
	pubsub, err := list.Of("pubsub")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	f := fact.Fact{ // a long one
		Person: fact.Key("k").Person("bob"), Source: "//order-service.example.com/production", Event: "0194f3a2-7a51-7c3e-b6c1-0f4e5d6c7b8a", Type: "system.announcement",
		Item: "7f3k2m9q1v5b8n4c6x0z2l3j4h-5931842", Revision: 1_000, Stage: fact.DeadLettered, Channel: fact.InApp, Reason: "do_not_disturb",
		HappenedAt: fact.At(now), AcceptedAt: fact.At(now), HeldUntil: fact.At(now), Attempt: 20, Instance: "deadletters-00042-abc/5f3a1b2c",
	}.Sealed()
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	size := float64(len(data) + perMessage)
	cost := func(published float64) float64 {
		return pubsub.For(1e6*published/gib) + toBigQuery*1e6*size/gib + kept*1e6*size/gib
	}
	together, alone := cost(size), cost(max(size, 1000))
	t.Logf("%.0f bytes a fact: $%.3f a million where many go together, $%.3f where each goes alone", size, together, alone)
	if together > 0.10 || alone > 0.10 {
		t.Errorf("a million facts cost $%.3f, or $%.3f alone; $0.10 was promised", together, alone)
	}
}
