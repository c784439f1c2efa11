package profile

import (
	"testing"

	"tidings.dev/shared/hostile"
)

func TestHostileSettingsCostLittle(t *testing.T) {
	for _, around := range [][2]string{{"", ""}, {`{"mutes":`, "}"}, {`{"preferences":{"push":`, "}}"}, {`{"quietHours":{"week":{"sat":`, "}}}"}} {
		hostile.Costs(t, 1<<20, hostile.JSON(100_000, around[0], around[1]), func(input []byte) {
			if s, err := Decode(input); err == nil {
				_ = s.Validate(nil, fuzzedAt)
			}
		})
	}
}
