//go:build unix

package infra_test

import "testing"

// Presence is what members of one audience show each other, by name. People who share no audience with them see nothing, and nobody
// finds out who is in an audience.
func TestWhoSeesWhosePresence(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, member := range []string{"alice", "bob"} {
		d.seed(t, "audiences/staff/members/"+member, membership())
	}
	d.seed(t, "audiences/topic-go/members/mallory", membership())
	d.seed(t, "audiences/staff/presence/alice", presence())
	get := func(path string) func(person) verdict {
		return func(who person) verdict { return d.get(t, who, path) }
	}
	for _, tc := range []struct {
		name string
		try  func(who person) verdict
		// what a member, somebody from another audience and a stranger are told
		bob, mallory, stranger verdict
	}{
		{"of a member who is there", get("audiences/staff/presence/alice"), allowed, refused, refused},
		{"in an audience that does not exist", get("audiences/nobody/presence/alice"), refused, refused, refused},
		{"of all who are there", func(who person) verdict {
			return d.query(t, who, "audiences/staff/presence", fields{"limit": 10})
		}, refused, refused, refused},
		{"how many are there", func(who person) verdict {
			return d.count(t, who, "audiences/staff/presence", fields{})
		}, refused, refused, refused},
		{"in somebody else's name", func(who person) verdict {
			return d.commit(t, who, d.set("audiences/staff/presence/alice", presence()))
		}, refused, refused, refused},
		{"somebody else's end", func(who person) verdict {
			return d.commit(t, who, d.delete("audiences/staff/presence/alice"))
		}, refused, refused, refused},
		{"the leases behind it", get("users/alice"), refused, refused, refused},
		{"who the members are", func(who person) verdict {
			return d.query(t, who, "audiences/staff/members", fields{"limit": 10})
		}, refused, refused, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for who, want := range map[person]verdict{"bob": tc.bob, "mallory": tc.mallory, "stranger": tc.stranger, anonymous: refused} {
				if got := tc.try(who); got != want {
					t.Errorf("%q: got %s, want %s", who, got, want)
				}
			}
		})
	}
	if got := d.commit(t, admin, d.delete("audiences/staff/members/bob")); got != allowed {
		t.Fatal(got)
	}
	if got := d.get(t, "bob", "audiences/staff/presence/alice"); got != refused {
		t.Errorf("after the membership has ended: got %s, want %s", got, refused)
	}
	if got := d.commit(t, "bob", d.set("audiences/staff/presence/bob", presence())); got != refused {
		t.Errorf("showing oneself after the membership has ended: got %s, want %s", got, refused)
	}
}
