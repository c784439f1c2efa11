// Command importperson writes the export of a person (GET /v1/people/{uid}/export, functions/README.md) into the Firestore of a project: their settings, their inbox,
// their memberships and the logins that lead to them are there as they were.
//
//	go run ./infra/importperson -project my-project <bob.json
//
// It runs with the credentials of whoever runs it (`gcloud auth application-default login`), who may write to Firestore. FIRESTORE_EMULATOR_HOST is honoured. Documents that are
// there are replaced, but for the lists of audiences, to which the person is added; the same file again changes nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"tidings.dev/shared/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := realMain(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "importperson:", err)
		os.Exit(1)
	}
}

func realMain(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("importperson", flag.ContinueOnError)
	project := flags.String("project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "the `PROJECT` into which it imports; also $GOOGLE_CLOUD_PROJECT")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *project == "" || flags.NArg() > 0 {
		return errors.New("-project is missing, or there is more than flags; the export is read from the standard input")
	}
	s, err := store.Open(ctx, *project)
	if err != nil {
		return err
	}
	written, err := s.Import(ctx, in)
	if written > 0 || err == nil {
		fmt.Fprintf(out, "%d documents written\n", written)
	}
	return errors.Join(err, s.Close())
}
