package topology

import "slices"

// The topics. shared/topics says what each is for.
const (
	events      = "events"
	urgent      = "events-urgent"
	retry       = "events-retry"
	deadLetters = "dead-letters"
	facts       = "facts"
	outgoing    = "outgoing"
)

// The roles of accounts in the project. None of them may administer anything.
const (
	writesFirestore = "roles/datastore.user"
	sendsPushes     = "roles/firebasecloudmessaging.admin" // the only predefined role that may send; it can do nothing outside FCM
	readsAccounts   = "roles/firebaseauth.viewer"
	receivesEvents  = "roles/eventarc.eventReceiver"
	runsQueries     = "roles/bigquery.jobUser" // it reads no data: that may be read, the data set itself says (infra/insight.tf)
)

// How long a function may take, and what Pub/Sub does then.
const (
	// ackDeadline is also every function's request timeout: what takes longer is delivered again in any case.
	ackDeadline Seconds = 60
	minBackoff  Seconds = 10  // the least that a retry policy may have is 0, and then refusals come back at once
	maxBackoff  Seconds = 600 // the most that it may have
	attempts            = 20  // with these waits, some two and a half hours
)

// Deployed is the table.
func Deployed() Table {
	return Table{
		Services: []string{
			"artifactregistry.googleapis.com", "bigquery.googleapis.com", "cloudresourcemanager.googleapis.com", "cloudscheduler.googleapis.com",
			"eventarc.googleapis.com", "fcm.googleapis.com", "fcmregistrations.googleapis.com", "firebase.googleapis.com",
			"firebaseinstallations.googleapis.com", "firebaserules.googleapis.com", "firestore.googleapis.com", "iam.googleapis.com",
			"identitytoolkit.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com", "pubsub.googleapis.com",
			"run.googleapis.com", "secretmanager.googleapis.com", "storage.googleapis.com",
		},
		Topics: []string{events, urgent, retry, deadLetters, facts, outgoing},
		Subscriptions: []Subscription{
			subscription(urgent, 60),
			subscription(events, 300),
			subscription(retry, 3600),
			{
				Name: "dead-letters-deadletters", Topic: deadLetters, Function: "deadletters", Path: "/deadletters",
				AckDeadline: ackDeadline, MinBackoff: minBackoff, MaxBackoff: maxBackoff, MaxAge: 600,
			},
			{
				Name: "outgoing-webhooks", Topic: outgoing, Function: "webhooks", Path: "/webhooks",
				AckDeadline: ackDeadline, MinBackoff: minBackoff, MaxBackoff: maxBackoff, MaxAge: 600,
			},
		},
		Archives:  []Archive{archive(events), archive(urgent)},
		Functions: functions(),
		Triggers: []Trigger{
			{"mirror-devices", "mirror", "/mirror", "users/{uid}/devices/{device}", Written},
			{"withdraw", "withdraw", "/withdraw", "users/{uid}/withdrawals/{withdrawal}", Created},
			{"webhooks-marks", "webhooks", "/webhooks/marks", "users/{uid}/notifications/{notification}", Updated},
		},
		Jobs: []Job{
			{"due", "due", "/due", "* * * * *", 60, 0},
			{"mailer", "mailer", "/mailer", "* * * * *", 60, 0},
			{"mirror-prune", "mirror", "/mirror/prune", "17 3 * * *", 24 * 60 * 60, 3},
			{"webhooks", "webhooks", "/webhooks/due", "* * * * *", 60, 0},
		},
		Commands: []Command{{
			// A day can be sealed an hour after its end: a run in the night does it, and the next one what failed.
			Name: ArchiveCommand, Schedule: "17 */6 * * *", Every: 6 * 60 * 60, Arguments: []string{"seal"},
			Roles: []string{writesFirestore, sendsPushes}, Environment: project("ARCHIVE_BUCKET", "ARCHIVE_CHECKPOINT"),
			MemoryMiB: 1024, CPU: 1, Timeout: 24 * 60 * 60,
		}},
		CallerRoles: []CallerRole{{Eventarc, receivesEvents}},
	}
}

// subscription pushes one of the topics of events to notify.
func subscription(topic string, maxAge Seconds) Subscription {
	return Subscription{
		Name: topic + "-notify", Topic: topic, Function: "notify", Path: "/notify",
		AckDeadline: ackDeadline, MinBackoff: minBackoff, MaxBackoff: maxBackoff, Attempts: attempts, DeadLetter: deadLetters, MaxAge: maxAge,
	}
}

// archive keeps what the doors, and due, publish of a topic: not the shares and the steps of a walk (why, walk, second), not what is replayed from the dead letters (origin), not
// orders to look at an item (item).
func archive(topic string) Archive {
	return Archive{Name: topic + "-archive", Topic: topic, Without: []string{"why", "walk", "second", "origin", "item"}}
}

// ArchiveCommand looks after the archive.
const ArchiveCommand = "archive"

// lanes are the topics for events.
func lanes() []string { return []string{events, urgent} }

// project is what every function reads, and more what some of them do besides.
func project(more ...string) []string { return append([]string{"GOOGLE_CLOUD_PROJECT"}, more...) }

// called are the variables of functions that are not public, and what some of them read besides.
func called(more ...string) []string { return append(project("CALLER_ACCOUNTS"), more...) }

// producers are the variables of functions that know producers.
func producers() []string { return project("PRODUCER_GRANTS", "PRODUCER_AUDIENCE") }

// FactsSecret has the key of the persons in facts. A function has the variable of it only where the project wants facts (Terraform's
// variable insight).
const FactsSecret = "facts-key"

const factsKey = "FACTS_KEY"

// tells are the secrets of functions that tell facts, or read them.
func tells() map[string]string { return map[string]string{factsKey: FactsSecret} }

// functions are all of them, with what they have in common.
func functions() []Function {
	all := slices.Concat(everywhere(), mails(), products(), sources())
	for i := range all {
		f := &all[i]
		f.CPU, f.Timeout = 1, ackDeadline // less than one CPU allows one request at a time only
		if f.Secrets == nil {
			f.Secrets = map[string]string{}
		}
	}
	return all
}

// everywhere are the functions that every project has, and those that it has where facts are wanted.
func everywhere() []Function {
	return []Function{
		{
			Name: "publish", Paths: []string{"/v1/events", "/v1/events/"}, Callers: []Caller{Public},
			Authentication: "a Firebase ID token with the claim producer, or the OIDC token of a service account, whose owner has a grant",
			Publishes:      lanes(), Roles: []string{writesFirestore}, Environment: append(producers(), "WEBHOOKS"),
			MemoryMiB: 512, Concurrency: 80, MaxInstances: 20,
		},
		{
			Name: "people", Paths: []string{"/v1/people/"}, Callers: []Caller{Public},
			Authentication: "as for publish",
			Publishes:      []string{}, Roles: []string{writesFirestore}, Environment: producers(),
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
		{
			// The more messages an instance has at a time, the fewer commits they cost.
			Name: "notify", Paths: []string{"/notify"}, Callers: []Caller{PubSub},
			Publishes: []string{events, urgent, retry, facts, outgoing}, Roles: []string{writesFirestore, sendsPushes}, Environment: called("BEACON_URL", "WEBHOOKS"), Secrets: tells(),
			MemoryMiB: 512, Concurrency: 500, MaxInstances: 20,
		},
		{
			Name: "due", Paths: []string{"/due"}, Callers: []Caller{Scheduler},
			Publishes: lanes(), Roles: []string{writesFirestore}, Environment: called(),
			MemoryMiB: 256, Concurrency: 10, MaxInstances: 1,
		},
		{
			Name: "mirror", Paths: []string{"/mirror", "/mirror/"}, Callers: []Caller{Eventarc, Scheduler},
			Publishes: []string{}, Roles: []string{writesFirestore}, Environment: called(),
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 10,
		},
		{
			Name: "withdraw", Paths: []string{"/withdraw"}, Callers: []Caller{Eventarc},
			Publishes: []string{events}, Roles: []string{}, Environment: called(),
			MemoryMiB: 256, Concurrency: 200, MaxInstances: 10,
		},
		{
			// Operators replay from here, in the lane that a message had.
			Name: "deadletters", Paths: []string{"/deadletters", "/v1/dead-letters", "/v1/dead-letters/"}, Callers: []Caller{PubSub, Operator},
			Publishes: []string{events, urgent, retry, facts, outgoing}, Roles: []string{writesFirestore}, Environment: called("WEBHOOKS"), Secrets: tells(),
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 2,
		},
		{
			// Each call is a query that is paid for: few at a time. Firestore has the limits.
			Name: "insight", Paths: []string{"/v1/events/{source}/{id}/log", "/v1/insight/"}, Callers: []Caller{Public}, Insight: true,
			Authentication: "as for publish",
			Publishes:      []string{}, Roles: []string{writesFirestore, runsQueries}, Environment: producers(), Secrets: tells(),
			MemoryMiB: 256, Concurrency: 20, MaxInstances: 2,
		},
		{
			// The browsers of everybody who gets pushes: small requests, which wait for nothing.
			Name: "beacon", Paths: []string{"/beacon"}, Callers: []Caller{Public}, Insight: true,
			Authentication: "a token in the address, signed by us, for one push",
			Publishes:      []string{facts}, Roles: []string{}, Environment: project(), Secrets: tells(),
			MemoryMiB: 256, Concurrency: 250, MaxInstances: 3,
		},
	}
}

// mails are the functions that send mails, and end them.
func mails() []Function {
	return []Function{
		{
			// One instance: a call works for less than the minute until the next one.
			Name: "mailer", Paths: []string{"/mailer"}, Callers: []Caller{Scheduler}, Mail: true,
			Publishes: []string{facts}, Roles: []string{writesFirestore, readsAccounts},
			Environment: called("SMTP_ADDR", "SMTP_USERNAME", "MAIL_FROM", "MAIL_LINKS", "MAIL_UNSUBSCRIBE", "DKIM_DOMAIN", "DKIM_SELECTOR"),
			Secrets:     map[string]string{"SMTP_PASSWORD": "smtp-password", "DKIM_KEY": "dkim-key", "UNSUBSCRIBE_KEYS": "unsubscribe-keys", factsKey: FactsSecret},
			MemoryMiB:   256, Concurrency: 10, MaxInstances: 1,
		},
		{
			Name: "unsubscribe", Paths: []string{"/unsubscribe"}, Callers: []Caller{Public}, Mail: true,
			Authentication: "a token in the address, signed by us, for one person and one list",
			Publishes:      []string{facts}, Roles: []string{writesFirestore}, Environment: project(),
			Secrets:   map[string]string{"UNSUBSCRIBE_KEYS": "unsubscribe-keys", factsKey: FactsSecret},
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
	}
}

// products are the functions that tell products what became of their events.
func products() []Function {
	return []Function{
		{
			Name: "webhooks", Paths: []string{"/webhooks", "/webhooks/", "/v1/webhooks", "/v1/webhooks/", "/v1/outgoing", "/v1/outgoing/"},
			Callers: []Caller{PubSub, Eventarc, Scheduler, Operator}, Outgoing: true,
			Publishes: []string{outgoing}, Roles: []string{writesFirestore}, Environment: called("WEBHOOKS"), Secrets: map[string]string{"WEBHOOK_KEYS": "webhook-keys"},
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
	}
}

// sources are the functions that take other systems' events.
func sources() []Function {
	return []Function{
		{
			Name: "github", Paths: []string{"/github"}, Callers: []Caller{Public}, Source: true,
			Authentication: "the webhook's signature (X-Hub-Signature-256)",
			Publishes:      lanes(), Roles: []string{writesFirestore}, Environment: project("WEBHOOK_RATE", "GITHUB_SKIP_BOTS"),
			Secrets:   map[string]string{"GITHUB_WEBHOOK_SECRETS": "github-webhook-secrets"},
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
		{
			Name: "alertmanager", Paths: []string{"/alertmanager"}, Callers: []Caller{Public}, Source: true,
			Authentication: "a shared secret, as Bearer token or as the password of basic authentication",
			Publishes:      lanes(), Roles: []string{writesFirestore}, Environment: project("WEBHOOK_RATE", "ALERTMANAGER_TEAM_LABEL"),
			Secrets:   map[string]string{"ALERTMANAGER_SECRETS": "alertmanager-secrets"},
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
		{
			Name: "orders", Paths: []string{"/orders"}, Callers: []Caller{Public}, Source: true,
			Authentication: "as for publish",
			Publishes:      lanes(), Roles: []string{writesFirestore}, Environment: append(producers(), "WEBHOOKS"),
			MemoryMiB: 256, Concurrency: 80, MaxInstances: 5,
		},
	}
}
