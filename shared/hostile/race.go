//go:build race

package hostile

// raced tells that the race detector looks on.
const raced = true
