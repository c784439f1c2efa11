package topics_test

import (
	"bytes"
	"testing"

	"tidings.dev/shared/hostile"
	"tidings.dev/shared/topics"
)

func TestHostilePushesCostLittle(t *testing.T) {
	for _, around := range [][2]string{{"", ""}, {`{"message":{"messageId":"1","data":`, "}}"}, {`{"message":{"messageId":"1","attributes":`, "}}"}, {`{"subscription":`, "}"}} {
		hostile.Costs(t, 1<<20, hostile.JSON(150_000, around[0], around[1]), func(input []byte) {
			if p, err := topics.ReadPush(bytes.NewReader(input)); err == nil {
				_, _ = topics.Decode(p.Message)
			}
		})
	}
}

func TestHostileMessagesCostLittle(t *testing.T) {
	for _, around := range [][2]string{{"", ""}, {`{"id":"1","source":"s","type":"t","recipients":`, "}"}, {`{"id":"1","source":"s","type":"t","data":`, "}"}} {
		hostile.Costs(t, 1<<20, hostile.JSON(150_000, around[0], around[1]), func(input []byte) {
			_, _ = topics.Decode(topics.PushedMessage{Data: input, MessageID: "1"})
		})
	}
}
