package notify

import (
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/webhook"
)

// What products are told of a message, as far as they want to know. Unlike a fact it must not be lost: it is published before the message is acknowledged.

// delivered are the people whose item says it now.
func (fn *Function) delivered(m *message, jobs []groupcommit.Job, results []groupcommit.Result) (reports []webhook.Report) {
	if m.IsLook() || !fn.Reporter.Wants(webhook.Delivered, m.Event.Type, m.Event.Source) {
		return nil
	}
	now := fn.Now()
	for i, r := range results {
		if r.Err != nil || jobs[i].Repeat || m.shown(jobs[i], r.Holder, now).Stage != fact.Shown {
			continue
		}
		report := m.report(webhook.Delivered, jobs[i].UID)
		report.At, report.Item = now, r.Holder.ID
		reports = append(reports, report)
	}
	return reports
}

// deadLettered are the people for whom it could not be done.
func (fn *Function) deadLettered(m *message, uids []string, cause error) (reports []webhook.Report) {
	if m.IsLook() || m.Event.ID == "" || !fn.Reporter.Wants(webhook.DeadLettered, m.Event.Type, m.Event.Source) { // an event that cannot be read is nobody's
		return nil
	}
	for _, uid := range m.those(uids) {
		report := m.report(webhook.DeadLettered, uid)
		report.At, report.Reason = fn.Now(), wordOf(cause)
		reports = append(reports, report)
	}
	return reports
}

func (m *message) report(o webhook.Outcome, uid string) webhook.Report {
	e := &m.Event
	return webhook.Report{Outcome: o, Source: e.Source, Event: e.ID, Type: e.Type, Target: e.Target, Recipient: uid}
}
