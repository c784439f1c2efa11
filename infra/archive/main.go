// Command archive is for operators: it vouches for what was published, and replays it. The deployed binary has it too, for the Cloud Run job of the same name.
//
//	go run ./infra/archive status -bucket B
//	go run ./infra/archive seal -bucket B
//	go run ./infra/archive check -bucket B -from 2026-11-01 -to 2026-11-08
//	go run ./infra/archive rebuild -bucket B -project P -shadow-database shadow -from 2026-11-01 -to 2026-11-08
//	go run ./infra/archive repair -bucket B -project P -person bob -type post.liked -from 2026-11-07T09:00:00Z -to 2026-11-07T12:00:00Z
//
// It runs with the credentials of whoever runs it (`gcloud auth application-default login`). STORAGE_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST, the SDKs' own variables, are honoured.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"tidings.dev/functions/archive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := archive.Run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}
