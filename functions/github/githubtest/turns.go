package githubtest

import (
	"fmt"
	"slices"
)

// turn is the next thing that happens, to a thread or to the organisation. What cannot happen at that moment does not.
func (w *world) turn() {
	if w.rnd.IntN(25) == 0 {
		w.upheaval()
		return
	}
	t := w.threads[max(0, len(w.threads)-1-w.rnd.IntN(30))] // what is new moves most
	if w.rnd.IntN(4) == 0 {
		t = pick(w, w.threads)
	}
	if t.gone {
		return
	}
	by := pick(w, w.accounts)
	acts := []func(*thread, *account){w.assign, w.assign, w.unassign, w.toggle, w.chat, w.edit, w.move}
	if t.isPull {
		acts = []func(*thread, *account){
			w.assign, w.unassign, w.toggle, w.chat, w.edit, w.request, w.request, w.request, w.requestTeam, w.requestTeam,
			w.withdraw, w.review, w.review, w.review, w.review, w.dismiss, w.redraft,
		}
	}
	pick(w, acts)(t, by)
	if w.rnd.IntN(8) == 0 { // in the same second, often
		pick(w, []func(*thread, *account){w.toggle, w.toggle, w.unassign, w.chat})(t, by)
	}
}

func (w *world) assign(t *thread, by *account) {
	a := pick(w, w.accounts)
	if slices.Contains(t.assignees, a) || t.gone {
		return
	}
	t.assign(a, by)
	w.tell(t, by, "assigned", object{"assignee": w.user(a)})
}

func (w *world) unassign(t *thread, by *account) {
	if len(t.assignees) == 0 || t.gone {
		return
	}
	a := pick(w, t.assignees)
	t.assignees = without(t.assignees, a)
	delete(t.assigned, a)
	w.tell(t, by, "unassigned", object{"assignee": w.user(a)})
}

// toggle closes or reopens, or deletes an issue for good.
func (w *world) toggle(t *thread, by *account) {
	switch {
	case t.gone:
	case t.closed:
		t.closed = false
		t.assignAll(by)
		if !t.draft {
			t.askAll(by)
		}
		w.tell(t, by, "reopened", nil)
	case !t.isPull && w.rnd.IntN(10) == 0:
		t.gone = true
		t.over()
		w.tell(t, by, "deleted", nil)
	default:
		t.closed = true
		t.over()
		w.tell(t, by, "closed", nil)
		if t.isPull && w.rnd.IntN(2) == 0 {
			t.gone = true // merged: it cannot be reopened
		}
	}
}

func (w *world) chat(t *thread, by *account) {
	if t.gone {
		return
	}
	w.send("issue_comment", by, t.repo, object{
		"action": "created", "issue": w.issue(t), "comment": object{"id": len(w.steps), "body": "I see.", "user": w.user(by), "created_at": w.time()},
	})
}

func (w *world) edit(t *thread, by *account) {
	was := t.title
	t.title = fmt.Sprintf("%s, again", was)
	w.tell(t, by, "edited", object{"changes": object{"title": object{"from": was}}})
}

// move transfers an issue. Both repositories tell of it, in any order.
func (w *world) move(t *thread, by *account) {
	into := pick(w, w.repos)
	if into == t.repo || w.rnd.IntN(3) > 0 {
		return
	}
	from, old := t.repo, w.issue(t)
	into.last++
	t.repo, t.number = into, into.last
	t.assignAll(by)
	t.updated = w.now
	both := []func(){
		func() {
			w.send("issues", by, from, object{"action": "transferred", "issue": old, "changes": object{"new_issue": w.issue(t), "new_repository": w.repository(into)}})
		},
		func() {
			w.send("issues", by, into, object{"action": "opened", "issue": w.issue(t), "changes": object{"old_issue": old, "old_repository": w.repository(from)}})
		},
	}
	first := w.rnd.IntN(2)
	both[first]()
	both[1-first]()
}

func (w *world) request(t *thread, by *account) {
	a := pick(w, w.accounts)
	if a == t.author || slices.Contains(t.reviewers, a) {
		return
	}
	t.reviewers = append(t.reviewers, a)
	t.ask(a, []*account{a}, by)
	w.tell(t, by, "review_requested", object{"requested_reviewer": w.user(a)})
}

func (w *world) requestTeam(t *thread, by *account) {
	asked := pick(w, w.teams)
	if slices.Contains(t.wanted, asked) {
		return
	}
	t.wanted = append(t.wanted, asked)
	t.ask(asked, asked.members, by)
	w.tell(t, by, "review_requested", object{"requested_team": w.team(asked)})
}

// withdraw takes a request for review back.
func (w *world) withdraw(t *thread, by *account) {
	switch {
	case len(t.reviewers) > 0 && w.rnd.IntN(2) == 0:
		a := pick(w, t.reviewers)
		t.reviewers = without(t.reviewers, a)
		delete(t.asked, a)
		w.tell(t, by, "review_request_removed", object{"requested_reviewer": w.user(a)})
	case len(t.wanted) > 0:
		asked := pick(w, t.wanted)
		t.wanted = without(t.wanted, asked)
		delete(t.asked, asked)
		w.tell(t, by, "review_request_removed", object{"requested_team": w.team(asked)})
	}
}

// review gives a review: mostly by somebody who was asked. A verdict also answers for the teams of the reviewer.
func (w *world) review(t *thread, by *account) {
	if len(t.reviewers) > 0 && w.rnd.IntN(2) == 0 {
		by = pick(w, t.reviewers)
	} else if len(t.wanted) > 0 && w.rnd.IntN(2) == 0 {
		if members := pick(w, t.wanted).members; len(members) > 0 {
			by = pick(w, members)
		}
	}
	for _, a := range w.accounts {
		if t.verdicts[a] == "changes_requested" && w.rnd.IntN(3) == 0 {
			by = a // who looks again at what was changed
		}
	}
	state := pick(w, []string{"approved", "changes_requested", "commented"})
	if by == t.author {
		state = "commented"
	}
	t.reviewers = without(t.reviewers, by)
	delete(t.asked, by)
	if state != "commented" {
		for _, asked := range slices.Clone(t.wanted) {
			if slices.Contains(asked.members, by) {
				t.wanted = without(t.wanted, asked)
				delete(t.asked, asked)
			}
		}
		if !t.closed {
			t.verdicts[by] = state
		}
	}
	w.tellReview(t, by, by, "submitted", state)
}

// dismiss takes a verdict back.
func (w *world) dismiss(t *thread, by *account) {
	for _, a := range w.accounts {
		if t.verdicts[a] != "" {
			delete(t.verdicts, a)
			w.tellReview(t, a, by, "dismissed", "dismissed")
			return
		}
	}
}

// redraft makes a draft of what is ready, or the other way round.
func (w *world) redraft(t *thread, by *account) {
	if t.closed {
		return
	}
	if t.draft = !t.draft; t.draft {
		clear(t.asked)
		w.tell(t, by, "converted_to_draft", nil)
		return
	}
	t.askAll(by)
	w.tell(t, by, "ready_for_review", nil)
}

// upheaval changes the organisation: names, and who is in which team.
func (w *world) upheaval() {
	by := w.people()[0]
	switch w.rnd.IntN(5) {
	case 0:
		r := pick(w, w.repos)
		was := r.name
		r.name = fmt.Sprintf("repo-%d", len(w.steps))
		w.send("repository", by, r, object{"action": "renamed", "changes": object{"repository": object{"name": object{"from": was}}}})
	case 1:
		a := pick(w, w.people())
		a.login = fmt.Sprintf("%s-%d", a.uid, len(w.steps)) // GitHub says nothing of it
	case 2:
		t := pick(w, w.teams)
		members := t.members
		for _, a := range members {
			w.leave(t, a)
		}
		was := t.slug
		t.slug = fmt.Sprintf("team-%d", len(w.steps))
		for _, a := range members {
			w.join(t, a)
		}
		w.send("team", by, w.repos[0], object{"action": "edited", "team": w.team(t), "changes": object{"name": object{"from": was}}})
	default:
		t, a := pick(w, w.teams), pick(w, w.people())
		if slices.Contains(t.members, a) {
			w.leave(t, a)
		} else {
			w.join(t, a)
		}
	}
}
