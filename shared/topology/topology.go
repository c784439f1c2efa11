// Package topology is the one table of what is deployed and how its parts are connected: which functions there are, who may
// call each of them, the topics and subscriptions between them, the triggers and the jobs that start them, and what runs without being called.
//
// The local stack, Terraform (by infra/topology.json, which a test compares with this table) and the preflight command
// read it, so that what runs on a laptop is what runs in a project. It says nothing of how a function works.
package topology

import (
	"fmt"
	"time"
)

// Seconds is a duration in whole seconds, as Google's APIs count deadlines.
type Seconds int

// Duration is the same as a [time.Duration].
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// Caller is somebody who may call a function.
type Caller string

// The callers. All but Public pass Cloud Run's invoker check first: they bring an OIDC token of a service account (or of
// a person, for Operator) that has the role roles/run.invoker on that one service.
const (
	Public    Caller = "public"    // anybody on the internet; the function itself knows who it is (Function.Authentication)
	PubSub    Caller = "pubsub"    // a push subscription
	Eventarc  Caller = "eventarc"  // a Firestore trigger
	Scheduler Caller = "scheduler" // Cloud Scheduler
	Operator  Caller = "operator"  // the people who run Tidings, by hand
)

// Table is everything.
type Table struct {
	Services      []string       `json:"services"` // Google's APIs that must be enabled
	Topics        []string       `json:"topics"`
	Subscriptions []Subscription `json:"subscriptions"`
	Archives      []Archive      `json:"archives"`
	Functions     []Function     `json:"functions"`
	Triggers      []Trigger      `json:"triggers"`
	Jobs          []Job          `json:"jobs"`
	Commands      []Command      `json:"commands"`
	CallerRoles   []CallerRole   `json:"callerRoles"`
}

// Function is one Cloud Run service. Name is also the value of FUNCTION_TARGET.
type Function struct {
	Name           string   `json:"name"`
	Paths          []string `json:"paths"` // what it serves besides /health; one that ends in a slash stands for all below
	Callers        []Caller `json:"callers"`
	Authentication string   `json:"authentication"` // public functions: how the code knows its caller; else ""
	Source         bool     `json:"source"`         // it takes another system's events, and is deployed only where it is asked for
	Mail           bool     `json:"mail"`           // it is about mails, and is deployed only where an SMTP server is named
	Insight        bool     `json:"insight"`        // it reads facts, or hears of them, and is deployed only where they are wanted (Terraform's variable insight)
	Outgoing       bool     `json:"outgoing"`       // it tells products what became of their events, and is deployed only where WEBHOOKS names any

	Publishes   []string          `json:"publishes"`   // topics on which its account may publish
	Roles       []string          `json:"roles"`       // other roles of its account, in the project
	Environment []string          `json:"environment"` // variables that it reads, besides FUNCTION_TARGET and PORT
	Secrets     map[string]string `json:"secrets"`     // variables whose value is a secret, with the secret's id

	MemoryMiB    int     `json:"memoryMiB"`
	CPU          int     `json:"cpu"`
	Concurrency  int     `json:"concurrency"`  // requests at a time in one instance, 1 to 1,000
	MaxInstances int     `json:"maxInstances"` // it never costs more than so many at a time
	Timeout      Seconds `json:"timeoutSeconds"`
}

// Subscription pushes a topic's messages to a function.
type Subscription struct {
	Name        string  `json:"name"`
	Topic       string  `json:"topic"`
	Function    string  `json:"function"`
	Path        string  `json:"path"`
	AckDeadline Seconds `json:"ackDeadlineSeconds"` // how long the function may take over a message
	MinBackoff  Seconds `json:"minBackoffSeconds"`  // how long Pub/Sub waits after a refusal, at first
	MaxBackoff  Seconds `json:"maxBackoffSeconds"`  // and at last
	Attempts    int     `json:"attempts"`           // until a message goes to DeadLetter; 0: for as long as Pub/Sub keeps it
	DeadLetter  string  `json:"deadLetter"`         // the topic for what was refused so often; "" where Attempts is 0
	MaxAge      Seconds `json:"maxAgeSeconds"`      // a message that waits longer is somebody's business: an alert
}

// Archive is a subscription that keeps a topic's messages in Cloud Storage (shared/archive).
type Archive struct {
	Name    string   `json:"name"`
	Topic   string   `json:"topic"`
	Without []string `json:"without"` // attributes of what is published a second time, or is no event: a message with one of them is not kept
}

// Trigger calls a function, at its path, for what happens to documents that the pattern matches.
type Trigger struct {
	Name     string `json:"name"`
	Function string `json:"function"`
	Path     string `json:"path"`
	Document string `json:"document"` // a path pattern: users/{uid}/devices/{device}
	Event    Event  `json:"event"`
}

// Event is what happens to a document, by the type of Eventarc's event.
type Event string

// The events.
const (
	Written Event = "google.cloud.firestore.document.v1.written" // it was created, changed or deleted
	Created Event = "google.cloud.firestore.document.v1.created"
	Updated Event = "google.cloud.firestore.document.v1.updated" // it was changed, and is neither new nor deleted
)

// Job calls a function by the clock.
type Job struct {
	Name     string  `json:"name"`
	Function string  `json:"function"`
	Path     string  `json:"path"`
	Schedule string  `json:"schedule"` // as crontab(5) has it, in UTC
	Every    Seconds `json:"everySeconds"`
	Retries  int     `json:"retries"` // after a failure; 0 where the next call does as well
}

// Command is one Cloud Run job: the deployed binary runs with arguments until it is done, however long that takes, and serves nothing. Name is also the value of
// FUNCTION_TARGET. Cloud Scheduler runs it, and operators do, with arguments of their own.
type Command struct {
	Name        string   `json:"name"`
	Schedule    string   `json:"schedule"` // as crontab(5) has it, in UTC
	Every       Seconds  `json:"everySeconds"`
	Arguments   []string `json:"arguments"`   // of the scheduler's runs
	Roles       []string `json:"roles"`       // of its account, in the project
	Environment []string `json:"environment"` // variables that it reads, besides FUNCTION_TARGET
	MemoryMiB   int      `json:"memoryMiB"`
	CPU         int      `json:"cpu"`
	Timeout     Seconds  `json:"timeoutSeconds"` // then it is killed
}

// CallerRole is a role in the project that a caller's account needs besides the invoker role on the functions that it calls.
type CallerRole struct {
	Caller Caller `json:"caller"`
	Role   string `json:"role"`
}

// Function finds a function by its name.
func (t Table) Function(name string) (Function, bool) {
	for _, f := range t.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Runtime is what Go is told of the function's instance, as environment variables. Terraform sets the same (infra/modules/function), and says why.
func (f Function) Runtime() []string {
	return []string{fmt.Sprintf("GOMEMLIMIT=%dMiB", f.MemoryMiB*9/10), "GOGC=200"}
}

// CallerAt returns who may call a function at one of its paths.
func (t Table) CallerAt(f Function, path string) Caller {
	if len(f.Callers) == 1 {
		return f.Callers[0]
	}
	for _, s := range t.Subscriptions {
		if s.Function == f.Name && s.Path == path {
			return PubSub
		}
	}
	for _, e := range t.Triggers {
		if e.Function == f.Name && e.Path == path {
			return Eventarc
		}
	}
	for _, j := range t.Jobs {
		if j.Function == f.Name && j.Path == path {
			return Scheduler
		}
	}
	return Operator
}
