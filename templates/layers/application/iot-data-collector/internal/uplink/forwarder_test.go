// SPDX-License-Identifier: Apache-2.0

package uplink

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"iot-data-collector/internal/store"
)

type counts struct{ sent, failed, aside int }

func (c *counts) Sent(records int, _ time.Duration) { c.sent += records }
func (c *counts) Failed(string)                     { c.failed++ }
func (c *counts) SetAside(string)                   { c.aside++ }

// cloud keeps what it accepts and remembers keys, as the receiving side has to.
type cloud struct {
	t        *testing.T
	keys     map[string]bool
	lines    []Line
	requests int
	// respond may answer instead of accepting; 0 accepts. loseAnswer accepts and lets the answer get lost.
	respond    func(lines []Line) int
	loseAnswer func() bool
	token      string
}

func (c *cloud) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	c.requests++
	body, err := io.ReadAll(request.Body)
	if err != nil {
		c.t.Error(err)
	}
	digest := sha256.Sum256(body)
	if request.Header.Get("Content-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(digest[:])+":" {
		c.t.Error("the digest is not that of the body")
	}
	c.token = request.Header.Get("Authorization")
	lines := linesOf(c.t, body)
	if c.respond != nil {
		if status := c.respond(lines); status != 0 {
			response.Header().Set("Retry-After", "7")
			response.WriteHeader(status)
			return
		}
	}
	if key := request.Header.Get("Idempotency-Key"); !c.keys[key] {
		c.keys[key] = true
		c.lines = append(c.lines, lines...)
	}
	response.WriteHeader(http.StatusAccepted)
}

func linesOf(t *testing.T, body []byte) []Line {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	var lines []Line
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line Line
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// RoundTrip makes the cloud a transport, so that no socket keeps the simulated clock from moving on.
func (c *cloud) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	c.ServeHTTP(recorder, request)
	if c.loseAnswer != nil && c.loseAnswer() {
		return nil, errors.New("connection reset by peer")
	}
	return recorder.Result(), nil
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func openStore(t *testing.T, directory string) *store.Store {
	t.Helper()
	opened, err := store.Open(directory, store.Options{
		MaximumBytes: 64 << 20, SegmentBytes: 32 << 10, WhenFull: store.Refuse, RememberedMessages: 100, SyncInterval: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func closed(t *testing.T, opened *store.Store) {
	t.Helper()
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
}

func options(directory string) Options {
	return Options{
		URL:       "http://cloud.test/batches",
		Timeout:   30 * time.Second,
		Limit:     store.Limit{Records: 50, Bytes: 1 << 20},
		Linger:    time.Second,
		AsideFile: filepath.Join(directory, "refused.ndjson"),
	}
}

func payload(number int) []byte { return []byte(fmt.Sprintf("value %d \x00\xff\n", number)) }

func produce(t *testing.T, into *store.Store, number int) {
	t.Helper()
	message := store.Message{
		Topic: "devices/boiler", ID: fmt.Sprint(number), Payload: payload(number), Received: time.Now(),
	}
	if _, err := into.Append([]store.Message{message}); err != nil {
		t.Fatal(err)
	}
}

func expectInOrder(t *testing.T, lines []Line, total int) {
	t.Helper()
	if len(lines) != total {
		t.Fatalf("the cloud has %d records, want %d", len(lines), total)
	}
	for number, line := range lines {
		if line.MessageID != fmt.Sprint(number) || string(line.Payload) != string(payload(number)) {
			t.Fatalf("record %d is %+v", number, line)
		}
	}
}

var quiet = slog.New(slog.DiscardHandler)

// TestHalfAnHourWithoutTheCloud has a message every second for 40 minutes. The cloud is away for 30 of them, the process
// is started anew in the middle, and answers get lost before and after.
func TestHalfAnHourWithoutTheCloud(t *testing.T) {
	const total = 2400
	directory := t.TempDir()
	receiver := &cloud{t: t, keys: map[string]bool{}}
	attemptsWhileAway := 0
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		answers := 0
		receiver.loseAnswer = func() bool { answers++; return answers%5 == 0 }
		way := transport(func(request *http.Request) (*http.Response, error) {
			if since := time.Since(began); since >= 5*time.Minute && since < 35*time.Minute {
				attemptsWhileAway++
				return nil, errors.New("no route to host")
			}
			return receiver.RoundTrip(request)
		})
		figures := &counts{}
		number := 0
		for number < total {
			opened := openStore(t, directory)
			forwarder := New(options(directory), opened, way, figures, quiet)
			done := make(chan struct{})
			go func() { forwarder.Run(t.Context()); close(done) }()
			for range total / 4 {
				produce(t, opened, number)
				number++
				time.Sleep(time.Second)
			}
			if number == total {
				for opened.Stats().Pending > 0 {
					time.Sleep(time.Minute)
				}
			}
			forwarder.Stop()
			<-done
			closed(t, opened)
		}
		if figures.sent != total {
			t.Errorf("%d records count as sent, want %d", figures.sent, total)
		}
	})
	expectInOrder(t, receiver.lines, total)
	// Half a minute to a minute between attempts, once they are spaced out.
	if attemptsWhileAway < 30 || attemptsWhileAway > 90 {
		t.Errorf("%d attempts while the cloud was away", attemptsWhileAway)
	}
}

func TestARefusedRecordDoesNotStandInTheWay(t *testing.T) {
	directory := t.TempDir()
	receiver := &cloud{t: t, keys: map[string]bool{}}
	receiver.respond = func(lines []Line) int {
		for _, line := range lines {
			if line.MessageID == "13" {
				return http.StatusUnprocessableEntity
			}
		}
		if len(lines) > 20 {
			return http.StatusRequestEntityTooLarge
		}
		return 0
	}
	figures := &counts{}
	synctest.Test(t, func(t *testing.T) {
		opened := openStore(t, directory)
		for number := range 50 {
			produce(t, opened, number)
		}
		forwarder := New(options(directory), opened, receiver, figures, quiet)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { forwarder.Run(ctx); close(done) }()
		for opened.Stats().Pending > 0 {
			time.Sleep(time.Second)
		}
		cancel()
		<-done
		closed(t, opened)
	})
	if len(receiver.lines) != 49 || figures.sent != 49 || figures.aside != 1 {
		t.Fatalf("%d received, %+v", len(receiver.lines), figures)
	}
	content, err := os.ReadFile(filepath.Join(directory, "refused.ndjson"))
	if err != nil || !strings.Contains(string(content), `"messageId":"13"`) || !strings.Contains(string(content), "answered 422") {
		t.Fatalf("%s %v", content, err)
	}
}

func TestWaitsAsLongAsTheCloudAsks(t *testing.T) {
	directory := t.TempDir()
	tokenFile := filepath.Join(directory, "token")
	receiver := &cloud{t: t, keys: map[string]bool{}}
	synctest.Test(t, func(t *testing.T) {
		var times []time.Time
		receiver.respond = func([]Line) int {
			times = append(times, time.Now())
			if len(times) < 3 {
				return http.StatusServiceUnavailable
			}
			return 0
		}
		opened := openStore(t, directory)
		produce(t, opened, 0)
		with := options(directory)
		with.TokenFile = tokenFile
		figures := &counts{}
		forwarder := New(with, opened, receiver, figures, quiet)
		done := make(chan struct{})
		go func() { forwarder.Run(t.Context()); close(done) }()
		time.Sleep(10 * time.Second)
		if receiver.requests != 0 || figures.failed == 0 {
			t.Errorf("%d requests without the token, %d failures", receiver.requests, figures.failed)
		}
		if err := os.WriteFile(tokenFile, []byte("let-me-in\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for opened.Stats().Pending > 0 {
			time.Sleep(time.Second)
		}
		forwarder.Stop()
		<-done
		for index := 1; index < len(times); index++ {
			if waited := times[index].Sub(times[index-1]); waited < 7*time.Second {
				t.Errorf("waited %s, asked for 7 s", waited)
			}
		}
		closed(t, opened)
	})
	if receiver.token != "Bearer let-me-in" {
		t.Errorf("the cloud saw %q", receiver.token)
	}
	expectInOrder(t, receiver.lines, 1)
}

func TestJudgesAnswers(t *testing.T) {
	cases := map[int]verdict{
		200: accepted, 202: accepted, 204: accepted, 301: later, 400: never, 401: later, 403: later, 404: later,
		408: later, 409: later, 413: never, 422: never, 425: later, 429: later, 500: later, 503: later,
	}
	for status, want := range cases {
		if got := judge(status, ""); got.verdict != want {
			t.Errorf("%d is judged %d, want %d", status, got.verdict, want)
		}
	}
	waits := map[string]time.Duration{"": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "999999": maximumRetryAfter}
	for header, want := range waits {
		if got := judge(503, header).wait; got != want {
			t.Errorf("Retry-After %q waits %s, want %s", header, got, want)
		}
	}
}

func TestTheFileOfRefusedRecordsIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "refused.ndjson")
	if err := os.WriteFile(path, make([]byte, maximumAsideBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := setAside(path, Line{Sequence: 1}, "because"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > 1000 {
		t.Fatalf("%v %v", info, err)
	}
	if err := setAside(filepath.Join(path, "below"), Line{}, "because"); err == nil {
		t.Fatal("a file below a file was written")
	}
}
