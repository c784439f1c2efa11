package fact

import "time"

// leads begin the sentence of a decision, by channel and outcome.
var leads = map[Channel]map[Outcome]string{
	InApp: {
		Outcome(Shown): "The inbox shows it", Outcome(Held): "The inbox does not show it as new", Outcome(Withdrawn): "The inbox does not have it",
	},
	Push:  {Outcome(Pushed): "A push of it went to the person's devices", Outcome(Held): "No push went out", Outcome(Withdrawn): "There is no push of it, and none stays on a device"},
	Email: {Outcome(Mailed): "A mail of it went out", Outcome(Bounced): "A mail of it was refused for good, since there is no such mailbox, or it takes no mails", Outcome(Held): "No mail went out", Outcome(Withdrawn): "No mail of it goes out"},
}

// everyLead are the beginnings that are the same on all channels.
var everyLead = map[Outcome]string{
	Waiting: "It was accepted, and nothing more is known yet", Outcome(Retried): "It could not be done yet, and is tried again",
	Outcome(DeadLettered): "It could not be done, and waits among the dead letters, where an operator can replay it",
	Unknown:               "Nothing is known of it: facts come within seconds, and those of a process that died may be lost. Somebody for whom the event was not has none",
}

// because is what the words say that facts have as their reason: attention's, notify's, the mailer's and the dead letters'.
var because = map[string]string{
	"default": "the catalogue does not use this channel for its type", "preference": "the person has switched the category off for this channel, or in the app",
	"mute": "the person has muted what it is about", "snooze": "the person has snoozed the item", "quiet_hours": "the person has quiet hours",
	"do_not_disturb": "the person does not want to be disturbed", "presence": "the person had the app in view",
	"interval": "it came too soon after the last push of its item", "budget": "the person has had as many pushes as they get in an hour",

	"expired": "its time was over before it came to anybody", "cancelled": "its producer has cancelled it", "taken_back": "it was taken back, or takes something back itself",
	"over": "what it tells of is over, or the person has nothing to do with it any more", "no_room": "so many newer announcements stand",
	becauseTogether: "the push of another event of its item told of it, too", "joined": "a push of its item was to tell of it, too, and is not known to have gone", "no_device": "the person has no device", "unreachable": "none of the person's devices can be reached any more",
	"noticed": "the person had seen it before", "unseen": "a mail goes then, if it is still unseen", "no_news": "it brought nothing new to its item, or came another time",
	"never_came": "what it takes back has not come", becauseNoMail: "no mail of its own was planned (the type or the person wants none, or a mail of its item went before), and no digest has named it",
	"digest":         "as a line of the person's digest",
	becauseEverybody: "it is an announcement for everybody, which only the app shows",

	"no_address": "the person has no verified address", "bounced_before": "mails to the address came back; it is tried again later", "failed": "the mail could not be written", "refused": "the mail server refused it", "not_wanted": "the person has seen it, or wants no mail of it any more",

	"fcm": "FCM could not take it", "fcm_setup": "FCM refuses this project; its set-up is wrong", "fcm_refused": "FCM refuses the push", "firestore": "Firestore could not do it",
	"conflict": "others wrote the same item at the same time", "index": "an index of Firestore is missing", "slow": "the commit took too long", "panic": "a mistake of ours ends the code",
	"timeout": "it took too long", "interrupted": "the process was ending", "early": "what it takes back is still on its way", "unreadable": "the message could not be read", "unknown_type": "its type is not in the catalogue of the version that runs",
	"gave_up": "Pub/Sub has delivered it as often as it may", "other": "the log of the function that decided says why",
}

// Because is what a reason says; false for a word that nobody tells.
func Because(reason string) (string, bool) {
	text, ok := because[reason]
	return text, ok
}

// sentence is the decision in plain English.
func (d Decision) sentence() string {
	says := leads[d.Channel][d.Outcome]
	if says == "" {
		says = everyLead[d.Outcome]
	}
	if text, ok := Because(d.Reason); ok {
		says += ": " + text
	} else if d.Reason != "" {
		says += ": " + d.Reason
	}
	says += "."
	if !d.Until.IsZero() {
		says += " It is decided anew at " + d.Until.Format(time.RFC3339) + "."
	}
	return says
}
