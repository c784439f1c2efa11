//go:build unix

// Package google finds Google's official emulators on this machine and fetches those that are missing: the Firestore and
// Pub/Sub emulators, which are Java archives, and the Auth emulator, which is a part of firebase-tools. Tests that need no more
// than Firestore start it alone.
//
// A Finder looks for an archive in the Cloud SDK, then in the cache of firebase-tools, then in our own cache. If none has it, it
// downloads the archive once, from where firebase-tools downloads it. Everything that it fetches is pinned: archives by version
// and SHA-256, firebase-tools and all it depends on by a lock file. It asks Java for its version first: it skips an
// archive that is too new for this Java, or says which version the archive needs.
package google

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/emulator/internal/process"
)

// ErrMissing is in every error that goes away when somebody installs Java, Node.js or npm.
var ErrMissing = errors.New("not installed")

// A Finder finds and fetches. All fields must be set.
type Finder struct {
	Cache string // our folder in the user's cache, shared by all stacks
	Logs  string // a folder for the output of installers

	// Say takes one line of progress, without a newline. Doing takes what is under way, until done is called, so that slow
	// steps can be shown. Both are called from several goroutines.
	Say   func(line string)
	Doing func(what string) (done func())
}

// An archive is an emulator in a jar.
type archive struct {
	name     string // for people
	class    string // its main class, which also tells the Java it needs
	sdk      string // a file name pattern below the Cloud SDK's root
	firebase string // a file name pattern below the cache of firebase-tools
	url      string // pinned; a .jar or a .zip that holds one
	sha256   string
	megabyte int // for people

	args  func(host, port string) []string // its own arguments
	calls []string                         // "METHOD path body": a little of everything (warm.go)
}

// run returns Java's arguments that run the archive.
func (a archive) run(jar, host, port string) []string {
	// English, because clients match the emulator's error texts. And only the first of Java's two compilers: the second
	// pays off after minutes of load, and until then takes half of a small machine (8,000 commits: 8 s of CPU, not 16).
	return append([]string{"-Duser.language=en", "-XX:TieredStopAtLevel=1", "-cp", jar, a.class}, a.args(host, port)...)
}

// The versions and checksums are those that firebase-tools lists. For Firestore it is the last version that runs on Java
// 11 and later (firebase-tools 14.9.0); the newer ones want Java 21. For Pub/Sub it is that of firebase-tools 15.34.2.
var (
	firestore = archive{
		name:     "Firestore emulator",
		class:    "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
		sdk:      "platform/cloud-firestore-emulator/*.jar",
		firebase: "cloud-firestore-emulator-v*.jar",
		url:      "https://storage.googleapis.com/firebase-preview-drop/emulator/cloud-firestore-emulator-v1.19.8.jar",
		sha256:   "9d43599ed6151199e8d604dc87fac51218e49e5f3a48519b1ae560bbe5e3382d",
		megabyte: 64,
		args:     func(host, port string) []string { return []string{"start", "--host", host, "--port", port} },
		calls: []string{
			`PUT /emulator/v1/projects/demo-warm:securityRules {"rules":{"files":[{"name":"r","content":"rules_version = '2'; service cloud.firestore { match /databases/{d}/documents { match /a/{b} { allow read: if request.auth == null && resource.data.n == 1; } } }"}]}}`,
			`POST /v1/projects/demo-warm/databases/(default)/documents:commit {"writes":[{"update":{"name":"projects/demo-warm/databases/(default)/documents/a/b","fields":{"n":{"integerValue":"1"},"t":{"timestampValue":"2026-01-01T00:00:00Z"}}},"currentDocument":{"exists":false}}]}`,
			`POST /v1/projects/demo-warm/databases/(default)/documents:batchGet {"documents":["projects/demo-warm/databases/(default)/documents/a/b"]}`,
			`POST /v1/projects/demo-warm/databases/(default)/documents:runQuery {"structuredQuery":{"from":[{"collectionId":"a"}],"where":{"fieldFilter":{"field":{"fieldPath":"n"},"op":"EQUAL","value":{"integerValue":"1"}}},"orderBy":[{"field":{"fieldPath":"t"},"direction":"DESCENDING"}],"limit":10}}`,
			`POST /v1/projects/demo-warm/databases/(default)/documents:batchWrite {"writes":[{"delete":"projects/demo-warm/databases/(default)/documents/a/b"}]}`,
		},
	}
	pubSub = archive{
		name:     "Pub/Sub emulator",
		class:    "com.google.cloud.pubsub.testing.v1.Main",
		sdk:      "platform/pubsub-emulator/lib/*-all.jar",
		firebase: "pubsub-emulator-*/pubsub-emulator/lib/*-all.jar",
		url:      "https://storage.googleapis.com/firebase-preview-drop/emulator/pubsub-emulator-0.8.37.zip",
		sha256:   "c83383e0c71633e58abad6fdc9c0312c7d0f6a5a34236c42e3f92eb24ded1c26",
		megabyte: 53,
		args:     func(host, port string) []string { return []string{"--host=" + host, "--port=" + port} },
		calls: []string{
			`PUT /v1/projects/demo-warm/topics/warm {}`,
			`PUT /v1/projects/demo-warm/subscriptions/warm {"topic":"projects/demo-warm/topics/warm"}`,
			`POST /v1/projects/demo-warm/topics/warm:publish {"messages":[{"data":"eA=="}]}`,
			`POST /v1/projects/demo-warm/subscriptions/warm:pull {"maxMessages":1}`,
			`POST /v1/projects/demo-warm/subscriptions/warm:acknowledge {"ackIds":["projects/demo-warm/subscriptions/warm:1"]}`,
		},
	}
)

// Firestore returns the command that runs the Firestore emulator at host:port; --rules FILE may be appended.
func (f *Finder) Firestore(ctx context.Context, group *process.Group, host, port string) ([]string, error) {
	return f.command(ctx, group, firestore, host, port)
}

// PubSub returns the command that runs the Pub/Sub emulator at host:port.
func (f *Finder) PubSub(ctx context.Context, group *process.Group, host, port string) ([]string, error) {
	return f.command(ctx, group, pubSub, host, port)
}

func (f *Finder) command(ctx context.Context, group *process.Group, a archive, host, port string) ([]string, error) {
	j, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	jar, err := f.find(ctx, a, j)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{j.path}, f.warmed(ctx, group, a, j, jar), a.run(jar, host, port)), nil
}

// find returns the archive's jar, one that the Java can run.
func (f *Finder) find(ctx context.Context, a archive, j java) (string, error) {
	var refused []error
	try := func(pattern string) string {
		jars, _ := filepath.Glob(pattern) // the only error is a bad pattern
		slices.SortFunc(jars, newestFirst)
		for _, jar := range jars {
			if err := runsOn(jar, a.class, j.major); err != nil {
				refused = append(refused, fmt.Errorf("%s: %w", jar, err))
				continue
			}
			return jar
		}
		return ""
	}
	if root := sdkRoot(ctx, a.sdk); root != "" {
		if jar := try(filepath.Join(root, a.sdk)); jar != "" {
			return jar, nil
		}
	}
	if dir := firebaseCache(); dir != "" {
		if jar := try(filepath.Join(dir, a.firebase)); jar != "" {
			return jar, nil
		}
	}
	jar, err := f.download(ctx, a)
	if err != nil {
		return "", errors.Join(append(refused, fmt.Errorf("%s: %w", a.name, err))...)
	}
	if err := runsOn(jar, a.class, j.major); err != nil {
		return "", fmt.Errorf("%s: %w", a.name, err)
	}
	return jar, nil
}

// sdkRoot returns the root of the Cloud SDK that holds the wanted component, or "". The gcloud on the PATH is usually a
// link into it; asking gcloud itself takes seconds and is left for wrappers (snap, asdf).
func sdkRoot(ctx context.Context, component string) string {
	gcloud, err := exec.LookPath("gcloud")
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(gcloud); err == nil {
		root := filepath.Dir(filepath.Dir(real))
		if found, _ := filepath.Glob(filepath.Join(root, component)); len(found) > 0 {
			return root
		}
		if _, err := os.Stat(filepath.Join(root, "platform")); err == nil {
			return "" // this is the SDK, without the component
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, gcloud, "info", "--format=value(installation.sdk_root)").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// firebaseCache returns where firebase-tools keeps the emulators that it downloaded.
func firebaseCache() string {
	if dir := os.Getenv("FIREBASE_EMULATORS_PATH"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cache", "firebase", "emulators")
}

var javaVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// A java is an installed Java.
type java struct {
	path    string
	major   int
	version string // all that it says of itself
}

func findJava(ctx context.Context) (j java, err error) {
	path := filepath.Join(os.Getenv("JAVA_HOME"), "bin", "java")
	if os.Getenv("JAVA_HOME") == "" {
		if path, err = exec.LookPath("java"); err != nil {
			return java{}, fmt.Errorf("the Firestore and Pub/Sub emulators need Java 11 or later: install a JDK (say, from adoptium.net) and see that java is on the PATH: %w", ErrMissing)
		}
	}
	// macOS has a java that only says where to get one, so its being there is not enough.
	out, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if ctx.Err() != nil {
		return java{}, ctx.Err()
	}
	m := javaVersion.FindSubmatch(out)
	if err != nil || m == nil {
		return java{}, fmt.Errorf("%s -version does not work (%.200q): install a JDK, 11 or later: %w", path, out, ErrMissing)
	}
	major, err := strconv.Atoi(string(m[1]))
	return java{path: path, major: major, version: string(out)}, err
}

// runsOn says whether a Java of the given version can run the class, from the version in the class file's header.
func runsOn(jar, class string, have int) error {
	z, err := zip.OpenReader(jar)
	if err != nil {
		return err
	}
	defer z.Close()
	r, err := z.Open(strings.ReplaceAll(class, ".", "/") + ".class")
	if err != nil {
		return err
	}
	defer r.Close()
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	need := int(head[6])<<8 + int(head[7]) - 44
	if need > have {
		return fmt.Errorf("needs Java %d or later, and java here is %d: install a newer JDK: %w", need, have, ErrMissing)
	}
	return nil
}

var number = regexp.MustCompile(`\d+`)

// newestFirst compares file names by the numbers in them.
func newestFirst(a, b string) int {
	return slices.CompareFunc(number.FindAllString(filepath.Base(b), -1), number.FindAllString(filepath.Base(a), -1),
		func(x, y string) int {
			i, _ := strconv.Atoi(x)
			j, _ := strconv.Atoi(y)
			return i - j
		})
}
