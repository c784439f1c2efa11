// Package inbox is how events become the living items of a person's inbox.
//
// It answers four questions. Which item does an event belong to (window.go)? Who is in it, exactly, however often and in whatever order the events come (members.go)?
// What does the item say afterwards (derive.go)? Is that news, and what are the person's devices told (fold.go, effect.go)?
//
// Everything here is a pure function of its arguments: no clock, no database, no randomness. So it may run again after a lost race, and tests try any order and any repetition.
package inbox
