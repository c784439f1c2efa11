//go:build unix

package google

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.dev/emulator/internal/loopback"
	"tidings.dev/emulator/internal/process"
)

// An emulator spends most of its start, and of its first call, on loading and checking thousands of classes. Java can keep
// the result in a file (class-data sharing, JEP 350): for the Firestore emulator on two cores that is 2.4 s of CPU up to
// its first commit instead of 7.5 s, at every start of a stack and of every package's tests.

// warmPatience bounds the making of such a file.
const warmPatience = 90 * time.Second

// warmed returns the option that makes the archive start from its class file. The first time it makes that file: the emulator
// runs once, gets a few calls of each kind, and at its end Java writes the classes that it has loaded. If that fails, the
// emulator starts without the file, and the next start tries again.
func (f *Finder) warmed(ctx context.Context, group *process.Group, a archive, j java, jar string) []string {
	info, err := os.Stat(jar)
	if err != nil || j.major < 13 {
		return nil
	}
	// Java refuses a file made by another Java or from another jar.
	key := sha256.Sum256([]byte(fmt.Sprint(j.path, j.version, jar, info.Size(), info.ModTime().UnixNano())))
	file := filepath.Join(f.Cache, fmt.Sprintf("%s-%s.jsa", strings.TrimSuffix(filepath.Base(jar), ".jar"), hex.EncodeToString(key[:6])))
	option := []string{"-XX:SharedArchiveFile=" + file}
	if _, err := os.Stat(file); err == nil {
		return option
	}
	unlock, err := process.Lock(ctx, file+".lock")
	if err != nil {
		return nil
	}
	defer unlock()
	if _, err := os.Stat(file); err == nil {
		return option
	}
	defer f.Doing("preparing the " + a.name + ", once")()
	ctx, cancel := context.WithTimeout(ctx, warmPatience)
	defer cancel()
	part := file + ".part"
	defer os.Remove(part)
	if err := f.warm(ctx, group, a, j, jar, part); err != nil {
		return nil
	}
	if err := os.Rename(part, file); err != nil {
		return nil
	}
	return option
}

func (f *Finder) warm(ctx context.Context, group *process.Group, a archive, j java, jar, part string) error {
	l, err := loopback.ListenAnywhere()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	l.Close()
	if err != nil {
		return err
	}
	command := append([]string{"-XX:ArchiveClassesAtExit=" + part}, a.run(jar, host, port)...)
	p, err := group.Start(process.Spec{
		Name: a.name, Path: j.path, Args: command, Dir: f.Logs, Log: filepath.Join(f.Logs, "prepare-"+filepath.Base(jar)+".log"),
	})
	if err != nil {
		return err
	}
	defer p.Stop(0)
	base := "http://" + net.JoinHostPort(host, port)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for Call(ctx, http.MethodGet, base+"/", nil, nil) != nil {
		select {
		case <-tick.C:
		case <-p.Done():
			return p.Ended()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, c := range a.calls {
		method, rest, _ := strings.Cut(c, " ")
		path, body, _ := strings.Cut(rest, " ")
		_ = Call(ctx, method, base+path, json.RawMessage(body), nil) // an emulator that does not know a call is only a little slower later
	}
	if !p.Stop(warmPatience) {
		return fmt.Errorf("%s did not end", a.name)
	}
	return nil
}
