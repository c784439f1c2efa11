package attention

import (
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/quiet"
)

var defaults = []decisionCase{
	{"pushed", liked, nil, Decision{shown, sent, none, false}},
	{"not pushed", placed, nil, Decision{shown, none, none, false}},
	{"low", info, nil, Decision{shown, none, none, false}},
	{"high", message, nil, Decision{shown, sent, none, false}},
	{"urgent", opened, nil, Decision{shown, sent, sent, false}},
	{"high and mailed", failed, nil, Decision{shown, sent, later, false}},
	{"medium and mailed", receipt, nil, Decision{shown, sent, summary, false}},
	{"no longer in the catalogue", vanished, nil, Decision{shown, none, none, false}},
	{"no longer in the catalogue, urgent", vanished, []change{made(event.Urgent)}, Decision{shown, none, none, false}},

	{"made urgent: a push, whatever the type", info, []change{made(event.Urgent)}, Decision{shown, sent, none, false}},
	{"made high: a push, whatever the type", placed, []change{made(event.High)}, Decision{shown, sent, none, false}},
	{"made low: the centre only", liked, []change{made(event.Low)}, Decision{shown, none, none, false}},
	{"made medium: as the type says", message, []change{made(event.Medium)}, Decision{shown, sent, none, false}},
	{"made medium: as that type says", info, []change{made(event.Medium)}, Decision{shown, none, none, false}},
	{"made urgent: the mail goes at once", receipt, []change{made(event.Urgent)}, Decision{shown, sent, sent, false}},
	{"made high: the mail waits", receipt, []change{made(event.High)}, Decision{shown, sent, later, false}},
	{"made low: the mail is in the summary", failed, []change{made(event.Low)}, Decision{shown, none, summary, false}},
}

var preferences = []decisionCase{
	{"pushes not wanted", liked, []change{noPush("social")}, Decision{shown, declined, none, false}},
	{"pushes not wanted where there are none", placed, []change{noPush("orders")}, Decision{shown, none, none, false}},
	{"pushes wanted where there are none", placed, []change{doPush("orders")}, Decision{shown, chosen, none, false}},
	{"pushes wanted as it is", liked, []change{doPush("social")}, Decision{shown, sent, none, false}},
	{"another category", liked, []change{noApp("orders"), noPush("orders"), noMail("orders")}, Decision{shown, sent, none, false}},
	{"off in the app", liked, []change{noApp("social")}, Decision{declined, declined, none, false}},
	{"off in the app, with pushes wanted", liked, []change{noApp("social"), doPush("social")}, Decision{declined, declined, none, false}},
	{"off in the app, of a type that is not pushed", placed, []change{noApp("orders")}, Decision{declined, none, none, false}},
	{"on in the app", liked, []change{prefers(event.InApp, "social", true)}, Decision{shown, sent, none, false}},
	{"everything off", failed, []change{noApp("payments"), noPush("payments"), noMail("payments")}, Decision{declined, declined, declined, false}},
	{"made high, not wanted", placed, []change{made(event.High), noPush("orders")}, Decision{shown, declined, none, false}},
	{"made low, pushes wanted", liked, []change{made(event.Low), doPush("social")}, Decision{shown, chosen, none, false}},
	{"urgent, pushes not wanted", opened, []change{noPush("incidents")}, Decision{shown, declined, sent, false}},
	{"urgent, off in the app", opened, []change{noApp("incidents")}, Decision{declined, declined, declined, false}},
	{"what may not be muted", alert, []change{noApp("security"), noPush("security"), noMail("security")}, Decision{shown, sent, sent, false}},
	{"what may not be muted, not urgent", unmuted, []change{noApp("security"), noPush("security"), noMail("security")}, Decision{shown, sent, later, false}},
	{"a channel that is not there", liked, []change{prefers("sms", "social", false)}, Decision{shown, sent, none, false}},
}

var mutings = []decisionCase{
	{"the target, whatever its source", liked, []change{muted}, Decision{silent, silent, none, false}},
	{"the target with its source", liked, []change{mutes("post/42/%2Fblog", time.Time{})}, Decision{silent, silent, none, false}},
	{"the target of another source", liked, []change{mutes("post/42/%2Fnews", time.Time{})}, Decision{shown, sent, none, false}},
	{"another target", liked, []change{mutes("post/421", time.Time{})}, Decision{shown, sent, none, false}},
	{"another type of target", liked, []change{mutes("order/42", time.Time{})}, Decision{shown, sent, none, false}},
	{"for an hour", liked, []change{mutes("post/42", in(time.Hour))}, Decision{silent, silent, none, false}},
	{"until now", liked, []change{mutes("post/42", now)}, Decision{shown, sent, none, false}},
	{"the one that is over, and another", liked, []change{mutes("post/42", in(-time.Hour)), mutes("post/42/%2Fblog", time.Time{})}, Decision{silent, silent, none, false}},
	{"of a type that is not pushed", placed, []change{muted}, Decision{silent, none, none, false}},
	{"urgent passes no mute", opened, []change{muted}, Decision{silent, silent, silent, false}},
	{"what may not be muted", alert, []change{muted}, Decision{shown, sent, sent, false}},
	{"and its category is off", liked, []change{muted, noApp("social")}, Decision{silent, silent, none, false}},
	{"and pushes are not wanted", liked, []change{muted, noPush("social")}, Decision{silent, declined, none, false}},
	{"at night", message, []change{muted, night}, Decision{silent, silent, none, false}},
	{"on the screen", liked, []change{muted, reading}, Decision{silent, silent, none, true}},
	{"while it is snoozed", liked, []change{muted, snoozed(in(time.Hour))}, Decision{silent, silent, none, false}},
	{"no target", liked, []change{mutes("/", time.Time{}), func(q *Question) { q.Target = event.Target{} }}, Decision{shown, sent, none, false}},
}

var quietCases = []decisionCase{
	{"at night", liked, []change{night}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"high at night", message, []change{night}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"urgent at night", opened, []change{night}, Decision{shown, sent, sent, false}},
	{"made urgent, at night", liked, []change{night, made(event.Urgent)}, Decision{shown, sent, none, false}},
	{"no longer urgent, at night", opened, []change{night, made(event.High)}, Decision{shown, held(ByQuietHours, at(7, 0)), held(ByQuietHours, at(7, 0)), false}},
	{"wanted, at night", placed, []change{night, doPush("orders")}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"not pushed anyway, at night", placed, []change{night}, Decision{shown, none, none, false}},
	{"not wanted, at night", liked, []change{night, noPush("social")}, Decision{shown, declined, none, false}},
	{"quiet hours are off", liked, []change{night, nightOff}, Decision{shown, sent, none, false}},
	{"quiet hours are later", liked, []change{noon}, Decision{shown, sent, none, false}},
	{"several ranges that do not touch", liked, []change{night, noon}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"several ranges that touch", liked, []change{night, morning}, Decision{shown, held(ByQuietHours, at(10, 0)), none, false}},
	{"another day's", liked, []change{hours("22:00-07:00", "sun")}, Decision{shown, sent, none, false}},
	{"in the person's zone", liked, []change{noon, func(q *Question) { q.Person.TimeZone = "Pacific/Auckland" }}, Decision{shown, held(ByQuietHours, at(0, 0)), none, false}},
	{"in a zone that is not there: UTC", liked, []change{night, func(q *Question) { q.Person.TimeZone = "Mars/Olympus" }}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"what may not be muted is held, too", unmuted, []change{night}, Decision{shown, held(ByQuietHours, at(7, 0)), held(ByQuietHours, at(7, 0)), false}},
	{"mail that waits for longer anyway", failed, []change{hours("22:00-23:05", quiet.Days...)}, Decision{shown, held(ByQuietHours, in(5*time.Minute)), later, false}},
	{"what goes into the summary", receipt, []change{night}, Decision{shown, held(ByQuietHours, at(7, 0)), summary, false}},

	{"do not disturb, for two hours", message, []change{disturb(in(2 * time.Hour))}, Decision{shown, held(ByDoNotDisturb, in(2*time.Hour)), none, false}},
	{"do not disturb, until it is turned off", message, []change{switched}, Decision{shown, held(ByDoNotDisturb, time.Time{}), none, false}},
	{"do not disturb, over this moment", message, []change{disturb(now)}, Decision{shown, sent, none, false}},
	{"do not disturb, turned off", message, []change{disturb(in(time.Hour)), offAgain}, Decision{shown, sent, none, false}},
	{"do not disturb, urgent", opened, []change{switched}, Decision{shown, sent, sent, false}},
	{"do not disturb, not wanted", liked, []change{switched, noPush("social")}, Decision{shown, declined, none, false}},
	{"do not disturb, mail", failed, []change{switched}, Decision{shown, held(ByDoNotDisturb, time.Time{}), held(ByDoNotDisturb, time.Time{}), false}},
	{"do not disturb ends in the night", liked, []change{disturb(in(2 * time.Hour)), night}, Decision{shown, held(ByDoNotDisturb, at(7, 0)), none, false}},
	{"do not disturb ends after the night", liked, []change{disturb(at(9, 0)), night}, Decision{shown, held(ByDoNotDisturb, at(9, 0)), none, false}},
	{"do not disturb ends in the next quiet hours", liked, []change{disturb(at(12, 30)), night, noon}, Decision{shown, held(ByDoNotDisturb, at(13, 0)), none, false}},
	{"do not disturb ends with the beginning of quiet hours", liked, []change{disturb(at(12, 0)), noon}, Decision{shown, held(ByDoNotDisturb, at(13, 0)), none, false}},
	{"the night does not end do not disturb", liked, []change{switched, night}, Decision{shown, held(ByDoNotDisturb, time.Time{}), none, false}},
	{"do not disturb with quiet hours off", liked, []change{disturb(in(time.Hour)), night, nightOff}, Decision{shown, held(ByDoNotDisturb, in(time.Hour)), none, false}},
}

var presences = []decisionCase{
	{"in view", liked, []change{here}, Decision{shown, held(ByPresence, in(time.Minute)), none, false}},
	{"behind another window", liked, []change{page(time.Minute, "post/42", false)}, Decision{shown, sent, none, false}},
	{"over this moment", liked, []change{page(0, "post/42", true)}, Decision{shown, sent, none, false}},
	{"two pages: the longer lease", liked, []change{here, page(2*time.Minute, "", true), page(time.Hour, "", false)}, Decision{shown, held(ByPresence, in(2*time.Minute)), none, false}},
	{"on the screen", liked, []change{reading}, Decision{shown, held(ByPresence, in(time.Minute)), none, true}},
	{"something else on the screen", liked, []change{page(time.Minute, "post/421", true)}, Decision{shown, held(ByPresence, in(time.Minute)), none, false}},
	{"urgent, on the screen", opened, []change{reading}, Decision{shown, sent, sent, true}},
	{"not wanted anyway", liked, []change{here, noPush("social")}, Decision{shown, declined, none, false}},
	{"not pushed anyway", placed, []change{here}, Decision{shown, none, none, false}},
	{"at night, in the app", liked, []change{here, night}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"do not disturb, in the app", liked, []change{here, switched}, Decision{shown, held(ByDoNotDisturb, time.Time{}), none, false}},
	{"no target", liked, []change{page(time.Minute, "/", true), func(q *Question) { q.Target = event.Target{} }}, Decision{shown, held(ByPresence, in(time.Minute)), none, false}},
	{"the mail waits as always", failed, []change{here}, Decision{shown, held(ByPresence, in(time.Minute)), later, false}},
}

var standings = []decisionCase{
	{"pushed a moment ago", liked, []change{wasPushed(20 * time.Second)}, Decision{shown, held(ByInterval, in(40*time.Second)), none, false}},
	{"pushed an interval ago", liked, []change{wasPushed(time.Minute)}, Decision{shown, sent, none, false}},
	{"urgent, pushed a moment ago", opened, []change{wasPushed(20 * time.Second)}, Decision{shown, held(ByInterval, in(40*time.Second)), sent, false}},
	{"a type without an interval", failed, []change{wasPushed(0)}, Decision{shown, sent, later, false}},
	{"pushed a moment ago, at night", liked, []change{wasPushed(time.Second), night}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"pushed a moment ago, in view", liked, []change{wasPushed(time.Second), here}, Decision{shown, held(ByPresence, in(time.Minute)), none, false}},

	{"snoozed", liked, []change{snoozed(in(time.Hour))}, Decision{held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), none, false}},
	{"a snooze that is over", liked, []change{snoozed(now)}, Decision{shown, sent, none, false}},
	{"snoozed, urgent", opened, []change{snoozed(in(time.Hour))}, Decision{shown, sent, sent, false}},
	{"snoozed, no longer urgent", opened, []change{snoozed(in(time.Hour)), made(event.High)}, Decision{held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), false}},
	{"snoozed, not wanted", liked, []change{snoozed(in(time.Hour)), noPush("social")}, Decision{held(BySnooze, in(time.Hour)), declined, none, false}},
	{"snoozed, off in the app", liked, []change{snoozed(in(time.Hour)), noApp("social")}, Decision{declined, declined, none, false}},
	{"snoozed, at night: the snooze's end decides anew", liked, []change{snoozed(in(time.Hour)), night}, Decision{held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), none, false}},
	{"snoozed, do not disturb", liked, []change{snoozed(in(time.Hour)), switched}, Decision{held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), none, false}},
	{"snoozed for a moment, mail", failed, []change{snoozed(in(time.Minute))}, Decision{held(BySnooze, in(time.Minute)), held(BySnooze, in(time.Minute)), later, false}},
}

var mails = []decisionCase{
	{"wanted where there is none, medium", liked, []change{doMail("social")}, Decision{shown, sent, Choice{When: Digest, Why: ByPreference}, false}},
	{"wanted where there is none, high", message, []change{doMail("messages")}, Decision{shown, sent, held(ByPreference, in(mailAfter)), false}},
	{"wanted where there is none, low", info, []change{doMail("system")}, Decision{shown, none, Choice{When: Digest, Why: ByPreference}, false}},
	{"not wanted", failed, []change{noMail("payments")}, Decision{shown, sent, declined, false}},
	{"not wanted, urgent", opened, []change{noMail("incidents")}, Decision{shown, sent, declined, false}},
	{"not wanted where there is none", liked, []change{noMail("social")}, Decision{shown, sent, none, false}},
	{"by mail only", failed, []change{noApp("payments"), doMail("payments")}, Decision{declined, declined, later, false}},
	{"by mail only, where there is none by default", liked, []change{noApp("social"), doMail("social")}, Decision{declined, declined, Choice{When: Digest, Why: ByPreference}, false}},
	{"off in the app, nothing said of mail", failed, []change{noApp("payments")}, Decision{declined, declined, declined, false}},
	{"by mail only, muted", failed, []change{noApp("payments"), doMail("payments"), muted}, Decision{silent, silent, silent, false}},
	{"wanted, at night", message, []change{doMail("messages"), night}, Decision{shown, held(ByQuietHours, at(7, 0)), held(ByQuietHours, at(7, 0)), false}},
	{"a type that waits for longer", patient, nil, Decision{shown, sent, held(ByDefault, in(time.Hour)), false}},
	{"it has waited", failed, []change{waited}, Decision{shown, sent, sent, false}},
	{"it has waited, and is wanted", message, []change{waited, doMail("messages")}, Decision{shown, sent, chosen, false}},
	{"it has waited, and is not wanted any more", failed, []change{waited, noMail("payments")}, Decision{shown, sent, declined, false}},
	{"it has waited, and is muted", failed, []change{waited, muted}, Decision{silent, silent, silent, false}},
	{"it has waited, and it is night", failed, []change{waited, night}, Decision{shown, held(ByQuietHours, at(7, 0)), held(ByQuietHours, at(7, 0)), false}},
	{"it has waited, and the person is snoozing it", failed, []change{waited, snoozed(in(time.Hour))}, Decision{held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), held(BySnooze, in(time.Hour)), false}},
	{"it has waited, and is not so important any more", failed, []change{waited, made(event.Medium)}, Decision{shown, sent, summary, false}},
}
