package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

// limit is one number of limits.json, with where it comes from.
type limit struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Kind   string  `json:"kind"` // published, second hand, ours or assumed
	Seen   string  `json:"seen"` // when it was looked up
	Source string  `json:"source"`
	What   string  `json:"what"`
}

//go:embed limits.json
var limitsFile []byte

// settings are the values of limits.json, which says what each is. A limit of 0 is none.
type settings struct {
	WindowStart   float64 `json:"pubsub_window_start"`
	WindowFree    float64 `json:"pubsub_window_free"`
	WindowLatency float64 `json:"pubsub_window_latency"`
	PublishBytes  float64 `json:"pubsub_publish_bytes"`
	PushBytes     float64 `json:"pubsub_push_bytes"`
	Backoff       float64 `json:"pubsub_backoff"`

	Instances   int     `json:"run_instances"`
	Concurrency int     `json:"run_concurrency"`
	Region      int     `json:"run_region"`
	Kept        int     `json:"run_kept"`
	Target      float64 `json:"run_target"`
	Look        float64 `json:"run_look"`
	Start       float64 `json:"run_start"`

	RampStart  float64 `json:"firestore_ramp_start"`
	RampGrowth float64 `json:"firestore_ramp_growth"`
	RampEvery  float64 `json:"firestore_ramp_every"`
	Writes     float64 `json:"firestore_writes"`
	Document   float64 `json:"firestore_document"`
	Batch      int     `json:"firestore_batch"`

	FCMMinute float64 `json:"fcm_minute"`
	FCMDevice float64 `json:"fcm_device_minute"`

	Every    float64 `json:"scheduler_every"`
	DuePages int     `json:"due_pages"`
	DuePage  int     `json:"due_page"`
	DueTime  float64 `json:"due_time"`

	Stride   int     `json:"walk_stride"`
	Share    int     `json:"walk_share"`
	Room     int     `json:"walk_room"`
	RoomWait float64 `json:"walk_wait"`

	Queues       int     `json:"queues"`
	QueueWaiting int     `json:"queue_waiting"`
	Courtesy     float64 `json:"queue_courtesy"`
	Alarm        float64 `json:"queue_alarm"`
	Inboxes      int     `json:"commit_inboxes"`
	Jobs         int     `json:"commit_jobs"`
	Pause        float64 `json:"inbox_pause"`
	Quiet        float64 `json:"inbox_quiet"`
	TellTime     float64 `json:"tell_time"`

	PublishCall   float64 `json:"publish_call"`
	PushCall      float64 `json:"push_call"`
	ReadCall      float64 `json:"read_call"`
	QueryCall     float64 `json:"query_call"`
	WriteCall     float64 `json:"write_call"`
	WriteDocument float64 `json:"write_document"`
	ListenerCall  float64 `json:"listener_call"`
	FCMCall       float64 `json:"fcm_call"`

	PublishShare float64 `json:"publish_share"`
	PeakFactor   float64 `json:"peak_factor"`
	HeldItems    float64 `json:"held_items"`
}

// readLimits reads limits.json: the list as it stands there, and its values. Those in other are taken instead.
func readLimits(other map[string]float64) (list []limit, s settings, err error) {
	if err := json.Unmarshal(limitsFile, &list); err != nil {
		return nil, s, fmt.Errorf("limits.json: %w", err)
	}
	values := map[string]float64{}
	for i, l := range list {
		if v, ok := other[l.Name]; ok {
			list[i].Value, list[i].Kind, list[i].Source = v, "assumed", "-set"
		}
		values[l.Name] = list[i].Value
	}
	for name := range other {
		if _, ok := values[name]; !ok {
			return nil, s, fmt.Errorf("-set: limits.json has no %q", name)
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return nil, s, err
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&s); err != nil {
		return nil, s, fmt.Errorf("limits.json: %w", err)
	}
	return list, s, nil
}

// constraint is something that messages or people can wait for.
type constraint int

const (
	none constraint = iota
	byWindow
	byPublishBytes
	byPushBytes
	byStart
	byInstances
	byCPU
	byQueue
	byWalk
	byRamp
	byDatabase
	byDocument
	byFCM
	byDue
	byPublish
	constraints // how many there are
)

// named says what a constraint is called, and what lifts it.
var named = [constraints]struct{ name, lifts string }{
	none:           {"none", ""},
	byWindow:       {"Pub/Sub's push window", "traffic that keeps it open; answers below a second; a second subscription for a part of the events"},
	byPublishBytes: {"Pub/Sub's quota for publishing", "a larger quota"},
	byPushBytes:    {"Pub/Sub's quota for pushing", "a larger quota"},
	byStart:        {"the start of an instance", "min_instances of notify"},
	byInstances:    {"notify's most instances", "a larger maxInstances in shared/topology (up to the region's 1,000 vCPU without asking)"},
	byCPU:          {"notify's CPU", "a larger maxInstances in shared/topology, or more CPU an instance"},
	byQueue:        {"the commits of the instances that run", "min_instances of notify, since a walk starts none by itself; more queues or larger commits in groupcommit"},
	byWalk:         {"the walk: one step after the other", "several audiences, each with a part of the people and a walk of its own; an announcement as one document"},
	byRamp:         {"Firestore's 500/50/5 ramp", "an announcement as one document; traffic that has warmed the database; a second database"},
	byDatabase:     {"Firestore's writes a second of a database", "a second database"},
	byDocument:     {"one document's writes a second", "commits of more than 400 jobs, and all events of an item in one instance (an ordering key), so that one commit takes them; a counter in parts"},
	byFCM:          {"FCM's 600,000 a minute", "a larger quota; an FCM topic: one call for all; fewer pushes"},
	byDue:          {"due: what one call asks for", "several jobs, each for a part of the people; larger pages; one document for each person that is due"},
	byPublish:      {"publish's most instances", "a larger maxInstances in shared/topology; lists of events instead of single ones"},
}

func (c constraint) String() string { return named[c].name }

// notable is how long somebody must wait before a limit counts as met, in seconds: less is the ordinary course of a commit.
const notable = 0.1

// perceptible is how long a commit must wait for something before the queue behind it is said to wait for that, too, and not for the commit.
const perceptible = 0.01

// waits is who waited for what.
type waits struct {
	first [constraints]float64 // when, in seconds; only where it is in order
	total [constraints]float64 // person-seconds
	order []constraint         // as they were met: when people had waited for a second in all

	latest constraint // that somebody in an instance waited for: it is what walks wait for, too
}

// add notes that so many people waited for c until now.
func (w *waits) add(c constraint, now, seconds float64, people int) {
	if seconds < notable || people == 0 || c == none {
		return
	}
	before := w.total[c]
	if w.total[c] += seconds * float64(people); before < 1 && w.total[c] >= 1 {
		w.first[c] = now
		w.order = append(w.order, c)
	}
	if c == byCPU || c == byQueue || c == byRamp || c == byDatabase || c == byDocument {
		w.latest = c
	}
}

// met is the first limit that was met, and most the one that people waited for longest.
func (w *waits) met() (first, most constraint) {
	for _, c := range w.order {
		if first == none {
			first = c
		}
		if w.total[c] > w.total[most] {
			most = c
		}
	}
	return first, most
}
