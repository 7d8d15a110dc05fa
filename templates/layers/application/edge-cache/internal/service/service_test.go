// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"edge-cache/internal/settings"
)

const (
	patience = 60 * time.Second
	bearer   = "purger-of-the-tests"
)

// origin is a real HTTP server that can die and come back at the same address. Answers that are old already, by their
// Age, take the place of waiting.
type origin struct {
	t       *testing.T
	address string
	server  *httptest.Server
	asked   atomic.Int64
	mutex   sync.Mutex
	answer  http.HandlerFunc
}

func startOrigin(t *testing.T, answer http.HandlerFunc) *origin {
	o := &origin{t: t, answer: answer, address: "127.0.0.1:0"}
	o.start()
	t.Cleanup(o.die)
	return o
}

func (o *origin) start() {
	o.t.Helper()
	listener, err := net.Listen("tcp", o.address)
	if err != nil {
		o.t.Fatal(err)
	}
	o.address = listener.Addr().String()
	o.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: o}}
	o.server.Start()
}

func (o *origin) die() { o.server.CloseClientConnections(); o.server.Close() }

func (o *origin) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	o.asked.Add(1)
	o.mutex.Lock()
	answer := o.answer
	o.mutex.Unlock()
	answer(response, request)
}

func (o *origin) become(answer http.HandlerFunc) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.answer = answer
}

// says answers with the headers, given as name and value in turn, and the body.
func says(body string, headers ...string) http.HandlerFunc {
	return func(response http.ResponseWriter, _ *http.Request) {
		for index := 0; index < len(headers); index += 2 {
			response.Header().Add(headers[index], headers[index+1])
		}
		_, _ = io.WriteString(response, body)
	}
}

type cache struct {
	t    *testing.T
	base string
	stop func()
}

func startCache(t *testing.T, from *origin, directory string, with map[string]string) *cache {
	t.Helper()
	values := map[string]string{
		"ORIGIN_URL": "http://" + from.address, "DATA_DIRECTORY": directory, "PURGE_TOKEN": bearer, "ORIGIN_RETRY_AFTER": "0s",
	}
	for name, value := range with {
		values[name] = value
	}
	read, err := settings.Read(func(name string) (string, bool) { value, isSet := values[name]; return value, isSet })
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, read, listener, slog.New(slog.DiscardHandler)) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("the cache ended with %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return &cache{t: t, base: "http://" + listener.Addr().String(), stop: stop}
}

type reply struct {
	status int
	body   string
	header http.Header
}

func (r reply) how() string { return strings.TrimPrefix(r.header.Get("Cache-Status"), "edge-cache; ") }

func (c *cache) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	request, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for index := 0; index < len(headers); index += 2 {
		request.Header.Set(headers[index], headers[index+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{response.StatusCode, string(content), response.Header}
}

func (c *cache) get(path string, headers ...string) reply {
	c.t.Helper()
	return c.send(http.MethodGet, path, "", headers...)
}

func (c *cache) expect(path, body, how string, headers ...string) reply {
	c.t.Helper()
	got := c.get(path, headers...)
	if got.body != body || got.how() != how {
		c.t.Errorf("%s gave %d %.60q (%s), want %.60q (%s)", path, got.status, got.body, got.how(), body, how)
	}
	return got
}

func await(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !isSo() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestServesFromTheShelfAlsoWhenTheOriginIsDeadAndAfterARestart(t *testing.T) {
	from := startOrigin(t, says("fresh", "Cache-Control", "max-age=600", "Content-Type", "text/plain", "X-Of-The-Origin", "yes"))
	directory := t.TempDir()
	kept := startCache(t, from, directory, nil)
	kept.expect("/page?b=2&a=1", "fresh", "fwd=miss")
	kept.expect("/page?b=2&a=1", "fresh", "hit")
	from.become(says("old", "Cache-Control", "max-age=60", "Age", "100"))
	kept.expect("/old", "old", "fwd=miss")
	from.die()
	got := kept.expect("/page?b=2&a=1", "fresh", "hit")
	if got.header.Get("X-Of-The-Origin") != "yes" || got.header.Get("Age") == "" {
		t.Errorf("headers are missing: %v", got.header)
	}
	kept.stop()

	again := startCache(t, from, directory, nil)
	again.expect("/page?b=2&a=1", "fresh", "hit")
	again.expect("/old", "old", "hit; detail=stale-while-revalidate")
	if got := again.get("/unknown"); got.status != http.StatusBadGateway || got.header.Get("Retry-After") == "" {
		t.Errorf("without origin and answer: %d %v", got.status, got.header)
	}
	from.start()
	from.become(says("new", "Cache-Control", "max-age=60"))
	await(t, "the old answer is renewed in the background", func() bool { return again.get("/old").body == "new" })
}

func TestServesAStaleAnswerOnErrorAsLongAsAllowed(t *testing.T) {
	var body atomic.Value
	body.Store("first")
	// Over for longer than may be served while a new one is fetched.
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Age", "1000")
		response.Header().Set("Cache-Control", "max-age=60, stale-while-revalidate=0")
		if request.URL.Path == "/strict" {
			response.Header().Set("Cache-Control", "max-age=60, must-revalidate")
		}
		_, _ = io.WriteString(response, body.Load().(string))
	})
	kept := startCache(t, from, t.TempDir(), map[string]string{"ORIGIN_RETRY_AFTER": "10m"})
	kept.expect("/lenient", "first", "fwd=miss")
	kept.expect("/strict", "first", "fwd=miss")
	body.Store("second")
	kept.expect("/lenient", "second", "fwd=miss")
	from.become(func(response http.ResponseWriter, _ *http.Request) {
		response.WriteHeader(http.StatusServiceUnavailable)
	})
	kept.expect("/lenient", "second", "hit; detail=stale-if-error")
	asked := from.asked.Load()
	kept.expect("/lenient", "second", "hit; detail=stale-if-error")
	if from.asked.Load() != asked {
		t.Error("the origin that failed was not left alone")
	}
	if got := kept.get("/strict"); got.status < 500 {
		t.Errorf("an answer that must be asked about was served stale: %d %q", got.status, got.body)
	}
	from.die()
	kept.expect("/lenient", "second", "hit; detail=stale-if-error")
}

func TestAsksAboutWhatItKnows(t *testing.T) {
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Cache-Control", "no-cache")
		response.Header().Set("Etag", `"v1"`)
		if request.Header.Get("If-None-Match") == `"v1"` {
			response.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(response, "whole body")
	})
	kept := startCache(t, from, t.TempDir(), nil)
	kept.expect("/page", "whole body", "fwd=miss")
	kept.expect("/page", "whole body", "fwd=miss")
	if got := kept.get("/page", "If-None-Match", `"v1"`); got.status != http.StatusNotModified || got.body != "" {
		t.Errorf("a condition was answered with %d %q", got.status, got.body)
	}
	if got := kept.get("/page", "Range", "bytes=6-9"); got.status != http.StatusPartialContent || got.body != "body" {
		t.Errorf("a range was answered with %d %q", got.status, got.body)
	}
	if got := kept.send(http.MethodHead, "/page", ""); got.status != http.StatusOK || got.body != "" {
		t.Errorf("HEAD was answered with %d %q", got.status, got.body)
	}
}

func TestNeverKeepsWhatBelongsToOnePerson(t *testing.T) {
	var number atomic.Int64
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Cache-Control", "public, max-age=600")
		if request.URL.Path == "/sets-cookie" {
			response.Header().Set("Set-Cookie", "session=1")
		}
		if request.URL.Path == "/by-secret" {
			response.Header().Set("Vary", "X-Secret")
		}
		_, _ = fmt.Fprintf(response, "%d %s%s", number.Add(1), request.Header.Get("Authorization"), request.Header.Get("X-Forwarded-Host"))
	})
	kept := startCache(t, from, t.TempDir(), nil)
	kept.expect("/sets-cookie", "1 ", "fwd=bypass")
	kept.expect("/sets-cookie", "2 ", "fwd=bypass")
	kept.expect("/by-secret", "3 ", "fwd=bypass")
	if got := kept.get("/page", "Authorization", "Bearer mine"); got.body[:13] != "4 Bearer mine" {
		t.Errorf("got %q", got.body)
	}
	// Nothing of it was kept, and a header that nobody else sends cannot poison what is kept.
	kept.expect("/page", "5 ", "fwd=miss", "X-Forwarded-Host", "evil.test")
	kept.expect("/page", "5 ", "hit")
	if got := kept.get("/page", "Cookie", "a=b"); got.how() != "fwd=bypass" {
		t.Errorf("a request with a cookie was answered by %s", got.how())
	}
}

func TestKeepsVariantsApart(t *testing.T) {
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Cache-Control", "max-age=600")
		response.Header().Set("Vary", "accept-language")
		_, _ = io.WriteString(response, "in "+request.Header.Get("Accept-Language"))
	})
	kept := startCache(t, from, t.TempDir(), nil)
	for _, language := range []string{"de", "no"} {
		kept.expect("/page", "in "+language, "fwd=miss", "Accept-Language", language)
		kept.expect("/page", "in "+language, "hit", "Accept-Language", language)
	}
	kept.expect("/page", "in ", "fwd=miss")
	for number := range 50 {
		kept.get("/page", "Accept-Language", fmt.Sprint(number))
	}
	if figures := kept.get("/metrics").body; !strings.Contains(figures, "\nedge_cache_entries 32\n") {
		t.Error("variants of one URL are not bounded")
	}
}

func TestOneAsksWhileOthersWait(t *testing.T) {
	release := make(chan struct{})
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		<-release
		response.Header().Set("Cache-Control", "max-age=600")
		if request.URL.Path == "/private" {
			response.Header().Set("Cache-Control", "private")
		}
		_, _ = io.WriteString(response, "shared")
	})
	kept := startCache(t, from, t.TempDir(), nil)
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			if got := kept.get("/page"); got.body != "shared" {
				t.Errorf("got %q", got.body)
			}
		})
	}
	await(t, "the origin is asked", func() bool { return from.asked.Load() > 0 })
	// One that leaves does not take the answer from the others.
	impatient := http.Client{Timeout: 50 * time.Millisecond}
	if _, err := impatient.Get(kept.base + "/page"); err == nil {
		t.Error("the origin answered before it was released")
	}
	close(release)
	clients.Wait()
	if asked := from.asked.Load(); asked != 1 {
		t.Errorf("the origin was asked %d times", asked)
	}
	for range 5 {
		clients.Go(func() { kept.expect("/private", "shared", "fwd=bypass") })
	}
	clients.Wait()
}

func TestPurgesByTheTokenOnly(t *testing.T) {
	var number atomic.Int64
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Cache-Control", "max-age=600")
		response.Header().Set("Surrogate-Key", "menu front"+strings.ReplaceAll(request.URL.Path, "/", "-"))
		_, _ = fmt.Fprint(response, number.Add(1))
	})
	kept := startCache(t, from, t.TempDir(), nil)
	for _, path := range []string{"/a/1", "/a/2", "/b"} {
		kept.get(path)
	}
	purge := func(body string) reply {
		return kept.send(http.MethodPost, PurgePath, body, "Authorization", "Bearer "+bearer)
	}
	refused := map[int]reply{
		http.StatusMethodNotAllowed: kept.get(PurgePath, "Authorization", "Bearer "+bearer),
		http.StatusUnauthorized:     kept.send(http.MethodPost, PurgePath, `{"all":true}`, "Authorization", "Bearer wrong"),
		http.StatusBadRequest:       purge(`{"everything":true}`),
	}
	for want, got := range refused {
		if got.status != want {
			t.Errorf("got %d, want %d", got.status, want)
		}
	}
	if got := purge(`{}`); got.status != http.StatusBadRequest {
		t.Errorf("a purge of nothing gave %d", got.status)
	}
	if got := purge(`{"all":` + strings.Repeat(" ", maximumPurgeBytes) + `true}`); got.status != http.StatusBadRequest {
		t.Errorf("a purge too large gave %d", got.status)
	}
	kept.expect("/b", "3", "hit")
	removed := map[string]string{
		`{"prefixes":["/a/"]}`: "{\"removed\":2}\n", `{"urls":["/b"]}`: "{\"removed\":1}\n", `{"tags":["none"]}`: "{\"removed\":0}\n",
	}
	for body, want := range removed {
		if got := purge(body); got.body != want {
			t.Errorf("%s answered %q", body, got.body)
		}
	}
	kept.expect("/b", "4", "fwd=miss")
	if got := purge(`{"tags":["front-b"]}`); got.body != "{\"removed\":1}\n" {
		t.Errorf("a tag removed %q", got.body)
	}
	kept.expect("/b", "5", "fwd=miss")
	// A change that the origin accepts removes what is kept of its URL.
	kept.send(http.MethodPut, "/b", "new")
	kept.expect("/b", "7", "fwd=miss")

	locked := startCache(t, from, t.TempDir(), map[string]string{"PURGE_TOKEN": ""})
	if got := locked.send(http.MethodPost, PurgePath, `{"all":true}`, "Authorization", "Bearer "); got.status != http.StatusUnauthorized {
		t.Errorf("without a token anybody may purge: %d", got.status)
	}
}

func TestAnAnswerFetchedBeforeAPurgeIsNotKeptAfterIt(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	from := startOrigin(t, func(response http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		says("before the purge", "Cache-Control", "max-age=600")(response, nil)
	})
	kept := startCache(t, from, t.TempDir(), nil)
	done := make(chan struct{})
	go func() { defer close(done); kept.expect("/page", "before the purge", "fwd=miss") }()
	<-asked
	kept.send(http.MethodPost, PurgePath, `{"all":true}`, "Authorization", "Bearer "+bearer)
	close(release)
	<-done
	from.become(says("after", "Cache-Control", "max-age=600"))
	kept.expect("/page", "after", "fwd=miss")
}

func TestStaysWithinItsBound(t *testing.T) {
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		size := 10_000
		if request.URL.Path == "/huge" {
			size = 50_000
		}
		if request.URL.Path == "/huge-unsaid" {
			response.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(response).Flush()
			size = 50_000
		}
		says(strings.Repeat("x", size), "Cache-Control", "max-age=600")(response, request)
	})
	directory := t.TempDir()
	bound := map[string]string{"CACHE_MAXIMUM_BYTES": "100000", "CACHE_MAXIMUM_OBJECT_BYTES": "20000"}
	kept := startCache(t, from, directory, bound)
	for number := range 30 {
		kept.get(fmt.Sprintf("/page/%d", number))
		kept.get("/page/0")
	}
	kept.expect("/page/0", strings.Repeat("x", 10_000), "hit")
	kept.expect("/page/29", strings.Repeat("x", 10_000), "hit")
	kept.expect("/page/5", strings.Repeat("x", 10_000), "fwd=miss")
	kept.expect("/huge", strings.Repeat("x", 50_000), "fwd=bypass")
	kept.expect("/huge-unsaid", strings.Repeat("x", 50_000), "fwd=bypass")
	if total := bytesIn(t, directory); total > 100_000 {
		t.Errorf("%d bytes on disk", total)
	}
}

func bytesIn(t *testing.T, directory string) int64 {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(directory, "cache", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}

func TestDamageIsNotServed(t *testing.T) {
	from := startOrigin(t, says("true", "Cache-Control", "max-age=600"))
	directory := t.TempDir()
	kept := startCache(t, from, directory, nil)
	kept.get("/page")
	paths, err := filepath.Glob(filepath.Join(directory, "cache", "*"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	damage := func(content []byte) {
		if err := os.WriteFile(paths[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for at := range whole {
		damaged := append([]byte{}, whole...)
		damaged[at] ^= 4
		damage(damaged)
		kept.expect("/page", "true", "fwd=miss")
	}
	kept.stop()
	damage(whole[:len(whole)/2])
	if err := os.WriteFile(paths[0]+".new", whole, 0o600); err != nil {
		t.Fatal(err)
	}
	again := startCache(t, from, directory, nil)
	again.expect("/page", "true", "fwd=miss")
	if figures := again.get("/metrics").body; !strings.Contains(figures, "\nedge_cache_damaged_total 1\n") {
		t.Error("damage is not counted")
	}
}

func TestADiskThatTakesNothingCostsSpeedOnly(t *testing.T) {
	from := startOrigin(t, says("body", "Cache-Control", "max-age=600"))
	directory := t.TempDir()
	kept := startCache(t, from, directory, nil)
	kept.get("/livez")
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	kept.expect("/page", "body", "fwd=miss")
	kept.expect("/page", "body", "fwd=miss")
	figures := kept.get("/metrics").body
	for _, want := range []string{
		"\nedge_cache_not_kept_total 2\n", `http_requests_total{method="GET",status="200"} 3`, "http_request_duration_seconds_count",
		`edge_cache_answers_total{result="miss"} 2`,
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("%q is missing in the metrics", want)
		}
	}
	for _, path := range []string{"/livez", "/healthz"} {
		if got := kept.get(path); got.status != http.StatusOK {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
}

func TestPassesChangesAndRedirectsThrough(t *testing.T) {
	from := startOrigin(t, func(response http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/moved" {
			http.Redirect(response, request, "/elsewhere", http.StatusFound)
			return
		}
		content, _ := io.ReadAll(request.Body)
		_, _ = fmt.Fprintf(response, "%s %s %s", request.Method, request.RequestURI, content)
	})
	kept := startCache(t, from, t.TempDir(), nil)
	if got := kept.send(http.MethodPost, "/a/../b//c?x=%2F", "body"); got.body != "POST /a/../b//c?x=%2F body" {
		t.Errorf("got %q", got.body)
	}
	kept.expect("/a/../b//c?x=%2F", "GET /a/../b//c?x=%2F ", "fwd=bypass")
	if got := kept.get("/moved"); got.status != http.StatusFound || got.header.Get("Location") != "/elsewhere" {
		t.Errorf("a redirect gave %d %v", got.status, got.header)
	}
	from.die()
	if got := kept.send(http.MethodDelete, "/a", ""); got.status != http.StatusBadGateway {
		t.Errorf("a change without the origin gave %d", got.status)
	}
}
