// Package github makes events of GitHub's webhooks: whom a star, a comment, a review or a failed build concerns, and what
// takes it back. table.go lists every event of GitHub with what becomes of it, or why nothing does.
//
// # Identity
//
// Names change, so whatever identifies something is made of GitHub's numbers: a target is "REPOSITORY#NUMBER", as in
// "186853002#2"; an actor whom nobody has linked is "github:id:583231". A payload without numbers falls back to names. An item shows
// the names of the payload that spoke last.
//
// An event's id is made from the bytes that GitHub signed. The headers are not signed: the same bytes under another delivery id
// are the same change, and a payload under another event's name is refused. So if somebody does, undoes and does the same again within
// one second, GitHub signs the same bytes twice, and the second time counts as a repetition of the first.
//
// # Links
//
// A person is linked by the document identities/github/logins/LOGIN with the field uid, the login in small letters, or by
// identities/github/logins/id:NUMBER, the number of their account. The link by number counts first: it holds when the login changes,
// and does not pass to whoever takes the old login. Mentions know the login only.
//
// # Audiences
//
// Anybody who is signed in may join an audience that begins with "topic-". Whoever runs this fills all others.
//
//	topic-security-advisories       GitHub's advisories, and those that public repositories publish
//	topic-releases-OWNER.REPO       releases of a public repository
//	github-releases-OWNER.REPO      releases of a private or internal one
//	github-advisories-OWNER.REPO    its advisories
//	github-team-OWNER.TEAM          requests for a team's review or approval, and mentions of the team by insiders
//
// A repository is public only if the payload says so. One that becomes private later tells its followers nothing more, unless they
// are in its github- audiences. Names longer than an audience's are cut and end in a hash.
//
// # Requests
//
// An assignment, a request for review, a verdict and a request for approval are states with instances:
//
//	issue.assigned, issue.reopened, issue.transferred    "user/583231": one for each assignee
//	review.requested                                     "user/583231", "team/12": one for each reviewer and team
//	pull_request.approved, …changes_requested            "user/583231": one for each reviewer
//	pull_request.reviewed, …review_commented             "remarks": all of them together
//	deployment.approval_requested                        the environment; the target is the run
//
// What is over is taken back from whoever was told, not from those whom the payload names now:
//
//   - closed, deleted: all of it, and of a pull request also the verdicts; reopened tells assignees and reviewers again, but not
//     the verdicts, which its payload does not have
//   - transferred: all of it; the assignees are told of the issue in its new place
//   - unassigned, review_request_removed, dismissed: that instance
//   - a review: the reviewer's request, and those of all teams that are no longer asked. A remark ends what the payload no
//     longer lists
//   - converted_to_draft: all requests for review. Whoever is asked by name while it is a draft is told, all the others when it is ready
//   - a deployment that is approved, rejected or cancelled: the requests for approval
//   - a workflow that succeeds: its failures on the same branch that began before
package github
