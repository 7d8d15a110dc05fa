// SPDX-License-Identifier: Apache-2.0

// Package proxy answers requests from the shelf or from the origin.
//
//   - A fresh answer is served without asking.
//   - A stale one is served at once while a new one is fetched, as long as its headers or the policy allow it.
//   - When the origin cannot answer, a stale one is served as long as stale-if-error allows; for a while nobody else waits
//     for the origin in vain.
//   - However many ask for the same, one asks the origin, and only an answer that may be shared is shared.
//   - Requests with credentials, and all but GET and HEAD, go to the origin and are never kept. A change that the origin
//     accepted removes what is kept of its URL.
package proxy

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"edge-cache/internal/freshness"
	"edge-cache/internal/shelf"
)

// Result of a request, as metrics and the Cache-Status header name it.
type Result string

// Results of requests.
const (
	Hit          Result = "hit"
	Revalidating Result = "stale-while-revalidate"
	OnError      Result = "stale-if-error"
	Miss         Result = "miss"
	Passed       Result = "pass"
	Failed       Result = "error"
)

// Observer is told what became of requests.
type Observer interface {
	Answered(result Result)
	OriginFailed()
	NotKept()
}

// Options of the proxy.
type Options struct {
	Origin             *url.URL
	OriginTimeout      time.Duration
	MaximumObjectBytes int64
	Policy             freshness.Policy
	// RetryAfter is how long the origin is left alone after it failed, where a stale answer can be given.
	RetryAfter time.Duration
	Transport  http.RoundTripper
	Now        func() time.Time
	Observer   Observer
	Log        *slog.Logger
}

// Handler is the proxy as an http.Handler.
type Handler struct {
	options     Options
	shelf       *shelf.Shelf
	client      *http.Client
	through     *httputil.ReverseProxy
	flights     flights
	refreshing  sync.WaitGroup
	originFails atomic.Int64
}

// New prepares a handler over the shelf.
func New(options Options, kept *shelf.Shelf) *Handler {
	h := &Handler{options: options, shelf: kept, flights: flights{underWay: map[string]*flight{}}}
	h.client = &http.Client{
		Transport: options.Transport,
		// Redirects belong to the one who asked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	h.through = &httputil.ReverseProxy{
		Transport: options.Transport,
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(options.Origin)
			request.SetXForwarded()
		},
		ModifyResponse: h.forgetChanged,
		ErrorHandler: func(response http.ResponseWriter, _ *http.Request, err error) {
			h.fail(response, err)
		},
		ErrorLog: slog.NewLogLogger(options.Log.Handler(), slog.LevelDebug),
	}
	return h
}

// Wait returns when nothing is fetched in the background any more.
func (h *Handler) Wait() { h.refreshing.Wait() }

func (h *Handler) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if !freshness.IsCacheable(request) {
		h.pass(response, request)
		return
	}
	target := request.URL.EscapedPath()
	if request.URL.RawQuery != "" {
		target += "?" + request.URL.RawQuery
	}
	known, isKnown := h.shelf.Find(target, request.Header)
	now := h.options.Now()
	switch {
	case isKnown && now.Before(known.FreshUntil):
		h.serve(response, request, known, Hit)
	case isKnown && now.Before(known.RevalidateUntil):
		h.refresh(target, request.Header.Clone(), known)
		h.serve(response, request, known, Revalidating)
	case isKnown && now.Before(known.ErrorUntil) && h.originFailedLately(now):
		h.serve(response, request, known, OnError)
	case !isKnown && request.Method == http.MethodHead:
		h.pass(response, request)
	case isKnown:
		h.ask(response, request, target, &known)
	default:
		h.ask(response, request, target, nil)
	}
}

func (h *Handler) originFailedLately(now time.Time) bool {
	return now.UnixNano()-h.originFails.Load() < int64(h.options.RetryAfter)
}

// ask waits for the origin and falls back to the known answer where that is allowed.
func (h *Handler) ask(response http.ResponseWriter, request *http.Request, target string, known *shelf.Answer) {
	got, isMine := h.share(request.Context(), target, request.Header, known)
	switch {
	case got.isShared && fitsRequest(got.answer, request.Header):
		h.serve(response, request, got.answer, Miss)
	case got.err != nil && known != nil && h.options.Now().Before(known.ErrorUntil):
		h.serve(response, request, *known, OnError)
	case got.err != nil:
		h.fail(response, got.err)
	case got.private != nil && isMine:
		h.relay(response, request, got.private)
	default:
		// The answer was for somebody else alone.
		h.pass(response, request)
	}
}

// refresh fetches in the background, once at a time for each URL, and not while the origin is left alone.
func (h *Handler) refresh(target string, header http.Header, known shelf.Answer) {
	if h.originFailedLately(h.options.Now()) {
		return
	}
	h.refreshing.Go(func() {
		got, isMine := h.share(context.Background(), target, header, &known)
		if got.private != nil && isMine {
			// It may not be kept any more, so the former one may not be served either.
			got.private.Body.Close()
			h.shelf.Remove(shelf.Purge{URLs: []string{target}})
		}
	})
}

// share asks the origin, or waits for the one who asks the same already. The question goes on when the one who asked it
// leaves, because others may wait for it.
func (h *Handler) share(ctx context.Context, target string, header http.Header, known *shelf.Answer) (fetched, bool) {
	return h.flights.do(ctx, target, func() fetched {
		timed, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.options.OriginTimeout)
		got := h.fetch(timed, target, header, known)
		if got.private == nil {
			cancel()
		} else {
			got.private.Body = joined{got.private.Body, closing{got.private.Body, cancel}}
		}
		if got.err != nil {
			h.originFails.Store(h.options.Now().UnixNano())
			h.options.Observer.OriginFailed()
			h.options.Log.Warn("The origin cannot answer", "url", target, "error", got.err)
		}
		return got
	})
}

type closing struct {
	body   io.Closer
	cancel context.CancelFunc
}

func (c closing) Close() error {
	defer c.cancel()
	return c.body.Close()
}

// fitsRequest is false where somebody with other headers got the answer.
func fitsRequest(answer shelf.Answer, request http.Header) bool {
	for name, value := range answer.Selected {
		if joinedValues(request, name) != value {
			return false
		}
	}
	return true
}

func (h *Handler) serve(response http.ResponseWriter, request *http.Request, answer shelf.Answer, result Result) {
	h.options.Observer.Answered(result)
	header := response.Header()
	for name, values := range answer.Header {
		header[name] = values
	}
	age := max(0, h.options.Now().Sub(answer.Made))
	header.Set("Age", strconv.Itoa(int(age/time.Second)))
	header.Set("Cache-Status", cacheStatus(result))
	header.Del("Content-Length")
	if answer.Status == http.StatusOK && header.Get("Content-Encoding") == "" {
		// Answers conditions and ranges as well.
		modified, _ := http.ParseTime(answer.Header.Get("Last-Modified"))
		http.ServeContent(response, request, "", modified, bytes.NewReader(answer.Body))
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(answer.Body)))
	response.WriteHeader(answer.Status)
	if request.Method != http.MethodHead {
		_, _ = response.Write(answer.Body)
	}
}

// cacheStatus is the header of RFC 9211.
func cacheStatus(result Result) string {
	switch result {
	case Hit:
		return "edge-cache; hit"
	case Revalidating, OnError:
		return "edge-cache; hit; detail=" + string(result)
	case Passed:
		return "edge-cache; fwd=bypass"
	default:
		return "edge-cache; fwd=miss"
	}
}

func (h *Handler) relay(response http.ResponseWriter, request *http.Request, private *http.Response) {
	defer private.Body.Close()
	h.options.Observer.Answered(Passed)
	for name, values := range endToEnd(private.Header) {
		response.Header()[name] = values
	}
	response.Header().Set("Cache-Status", cacheStatus(Passed))
	response.WriteHeader(private.StatusCode)
	_, _ = io.Copy(response, private.Body)
}

func (h *Handler) pass(response http.ResponseWriter, request *http.Request) {
	h.options.Observer.Answered(Passed)
	response.Header().Set("Cache-Status", cacheStatus(Passed))
	h.through.ServeHTTP(response, request)
}

// forgetChanged removes what is kept of a URL that somebody has just changed (RFC 9111, section 4.4).
func (h *Handler) forgetChanged(response *http.Response) error {
	switch response.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	if response.StatusCode < 400 {
		target := response.Request.URL.EscapedPath()
		h.shelf.Remove(shelf.Purge{URLs: []string{target}, Prefixes: []string{target + "?"}})
	}
	return nil
}

func (h *Handler) fail(response http.ResponseWriter, err error) {
	h.options.Observer.Answered(Failed)
	h.options.Log.Warn("A request cannot be answered", "error", err)
	response.Header().Set("Retry-After", strconv.Itoa(max(1, int(h.options.RetryAfter/time.Second))))
	http.Error(response, "The origin cannot be reached, and nothing is kept that could be given instead.", http.StatusBadGateway)
}
