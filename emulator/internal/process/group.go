//go:build unix

// Package process runs the programs of a local stack so that none can outlive it, whatever ends it: a clean stop, a
// panic, kill -9 of this process or of any of its children.
//
// Each child leads a process group of its own, so that a signal reaches its children too, and Ctrl-C in the terminal
// reaches only us. Two things make sure that it ends, because each alone has a gap. The first is a guardian: a shell that reads
// the numbers of the groups from a pipe. However we die, the pipe breaks, and the guardian kills what is left. It works
// on every Unix and reaches grandchildren. The second is the kernel: on Linux it kills a direct child together with its parent
// (Pdeathsig). That covers the moment between a child's start and the guardian's hearing of it.
package process

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// The guardian ignores the terminal's signals: it has to be the last to go. "+ n" and "- n" add and remove group n.
const guardian = `trap '' INT TERM HUP QUIT
groups=' '
while read -r op n; do
	case $op in
	+) groups="$groups$n " ;;
	-) groups="${groups%%" $n "*} ${groups#*" $n "}" ;;
	esac
done
for n in $groups; do kill -KILL -"$n" 2>/dev/null; done
exit 0`

// A Group starts children and ends them together. Close must be called.
type Group struct {
	starts chan func() // run on the one thread that all children have as parent

	mu       sync.Mutex
	pipe     io.WriteCloser // to the guardian
	watch    *Child         // the guardian itself
	children []*Child
	closed   bool
}

// A Spec is a program to start.
type Spec struct {
	Name string   // for people: "Firestore emulator"
	Path string   // as exec.Command takes it
	Args []string // without the program
	Env  []string // the whole environment, as "key=value"; nil: ours
	Dir  string   // empty: ours
	Log  string   // the file that takes standard output and error; created or appended to
}

// NewGroup starts an empty group.
func NewGroup() (*Group, error) {
	g := &Group{starts: make(chan func())}
	// Pdeathsig fires when the parent *thread* ends. Go ends a thread only with a goroutine locked to it, so this one
	// thread lives until Close.
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for start := range g.starts {
			start()
		}
	}()
	cmd := exec.Command("/bin/sh", "-c", guardian)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		g.watch, err = g.start(cmd, "guardian", "")
	}
	if err != nil {
		close(g.starts)
		return nil, fmt.Errorf("starting the guardian: %w", err)
	}
	g.pipe = pipe
	return g, nil
}

// Guardian returns the process that ends the others. If it dies, the group is no longer safe and should be closed.
func (g *Group) Guardian() *Child { return g.watch }

// Start runs a program until it ends by itself, is stopped, or the group is closed.
func (g *Group) Start(spec Spec) (*Child, error) {
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	defer log.Close() // the child has its own
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, fmt.Errorf("%s: %w", spec.Name, os.ErrClosed)
	}
	p, err := g.start(cmd, spec.Name, spec.Log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	g.children = append(g.children, p)
	fmt.Fprintf(g.pipe, "+ %d\n", p.pid) // if the guardian is dead, the stack notices: it waits for Guardian().Done()
	go func() {
		<-p.done
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.closed {
			fmt.Fprintf(g.pipe, "- %d\n", p.pid)
		}
	}()
	return p, nil
}

func (g *Group) start(cmd *exec.Cmd, name, log string) (*Child, error) {
	result := make(chan error, 1)
	g.starts <- func() { result <- cmd.Start() }
	if err := <-result; err != nil {
		return nil, err
	}
	p := &Child{Name: name, Log: log, pid: cmd.Process.Pid, done: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		p.signal(syscall.SIGKILL) // what it left behind in its group
		p.err = err
		close(p.done)
	}()
	return p, nil
}

// Close stops what still runs, giving each grace to end by itself, and ends the guardian. It may be called twice.
func (g *Group) Close(grace time.Duration) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.closed = true
	children := g.children
	g.mu.Unlock()

	var wg sync.WaitGroup
	for _, p := range children {
		wg.Go(func() { p.Stop(grace) })
	}
	wg.Wait()
	g.pipe.Close()
	<-g.watch.done
	close(g.starts)
}
