package inbox

import (
	"bytes"
	"encoding/binary"
	"testing"

	"tidings.dev/shared/hostile"
)

// A stored set says how many entries it has before they come: the number alone costs nothing.
func TestHostileMembersCostLittle(t *testing.T) {
	head := append([]byte{form, 1}, make([]byte, 8)...) // one scope
	head = append(head, 0, 0)                           // no clocks, and the base
	many := func(n uint64, entry []byte, times int) []byte {
		return append(binary.AppendUvarint(bytes.Clone(head), n), bytes.Repeat(entry, times)...)
	}
	smallest := append([]byte{0}, make([]byte, 10)...) // nothing but an owner, a scope and a time
	hostile.Costs(t, 64<<10, map[string][]byte{
		"a number alone":         many(1<<40, nil, 0),
		"a number beyond all":    many(1<<63, smallest, 10_000),
		"the smallest entries":   append(many(20_000, smallest, 20_000), 0),
		"entries, and then none": many(20_000, smallest, 10_000),
		"cuts":                   append(binary.AppendUvarint(many(0, nil, 0), 10_000), bytes.Repeat(make([]byte, 11), 10_000)...),
		"zeros":                  append([]byte{form}, make([]byte, 200_000)...),
		"ones":                   append([]byte{form}, bytes.Repeat([]byte{1}, 200_000)...),
	}, func(input []byte) {
		var m Members
		_ = m.UnmarshalBinary(input)
	})
}
