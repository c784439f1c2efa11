package githubtest

import (
	"encoding/json"
	"maps"
	"time"
)

type object = map[string]any

// tell sends what happened to an issue or a pull request.
func (w *world) tell(t *thread, by *account, action string, more object) {
	w.wait()
	t.updated = w.now
	event, payload := "issues", object{"action": action, "issue": w.issue(t)}
	if t.isPull {
		event, payload = "pull_request", object{"action": action, "number": t.number, "pull_request": w.pull(t)}
	}
	maps.Copy(payload, more)
	for w.deliver(event, by, t.repo, payload) != nil {
		w.now = w.now.Add(time.Second)
		t.updated = w.now
		if t.isPull {
			payload["pull_request"] = w.pull(t)
		} else {
			payload["issue"] = w.issue(t)
		}
	}
}

func (w *world) tellReview(t *thread, reviewer, by *account, action, state string) {
	w.wait()
	t.updated = w.now
	w.send("pull_request_review", by, t.repo, object{
		"action": action, "pull_request": w.pull(t),
		"review": object{"id": len(w.steps), "state": state, "body": "Hm.", "user": w.user(reviewer), "submitted_at": w.time()},
	})
}

// send sends a payload that differs from all others.
func (w *world) send(event string, by *account, r *repo, payload object) {
	w.wait()
	if w.deliver(event, by, r, payload) != nil {
		panic("githubtest: the same payload twice: " + event)
	}
}

// wait lets time pass, often none: GitHub's times are whole seconds.
func (w *world) wait() {
	w.now = w.now.Add(time.Duration(w.rnd.IntN(3)) * time.Second)
}

type errTwice struct{}

func (errTwice) Error() string { return "the same bytes were sent before" }

// deliver signs and sends a payload, unless the same bytes were sent before: then GitHub itself could not tell the two apart.
func (w *world) deliver(event string, by *account, r *repo, payload object) error {
	payload["sender"], payload["repository"] = w.user(by), w.repository(r)
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	if w.sent[string(body)] {
		return errTwice{}
	}
	w.sent[string(body)] = true
	w.steps = append(w.steps, Step{Event: event, Delivery: w.delivery(), Body: body})
	return nil
}

func (w *world) time() string { return w.now.Format(time.RFC3339) }

func (w *world) user(a *account) object {
	kind := "User"
	if a.bot {
		kind = "Bot"
	}
	return object{"id": a.id, "login": a.login, "type": kind}
}

func (w *world) users(all []*account) []object {
	list := []object{}
	for _, a := range all {
		list = append(list, w.user(a))
	}
	return list
}

func (w *world) team(t *team) object { return object{"id": t.id, "slug": t.slug, "name": t.slug} }

func (w *world) repository(r *repo) object {
	visibility := map[bool]string{true: "private", false: "public"}[r.private]
	return object{
		"id": r.id, "name": r.name, "full_name": w.owner() + "/" + r.name, "private": r.private, "visibility": visibility,
		"html_url": "https://github.com/" + w.owner() + "/" + r.name,
		"owner":    object{"id": w.base, "login": w.owner(), "type": "Organization"},
	}
}

// issue is the thread as payloads of issues show it; a pull request is one there as well, with another id.
func (w *world) issue(t *thread) object {
	state := map[bool]string{true: "closed", false: "open"}[t.closed]
	fields := object{
		"id": t.repo.id*1000 + t.number, "number": t.number, "title": t.title, "state": state, "user": w.user(t.author), "assignees": w.users(t.assignees),
		"updated_at": t.updated.Format(time.RFC3339), "html_url": "https://github.com/" + w.owner() + "/" + t.repo.name,
	}
	if t.isPull {
		fields["pull_request"] = object{"url": "https://api.github.com/"}
	}
	return fields
}

func (w *world) pull(t *thread) object {
	fields := w.issue(t)
	delete(fields, "pull_request")
	teams := []object{}
	for _, wanted := range t.wanted {
		teams = append(teams, w.team(wanted))
	}
	fields["draft"], fields["requested_reviewers"], fields["requested_teams"] = t.draft, w.users(t.reviewers), teams
	return fields
}
