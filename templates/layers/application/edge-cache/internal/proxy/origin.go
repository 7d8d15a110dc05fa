// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"edge-cache/internal/freshness"
	"edge-cache/internal/shelf"
)

// forwarded are the headers that a shared answer may depend on; no others reach the origin, so none can poison what is
// kept for everybody. An answer that varies by another header is not kept.
var forwarded = []string{"Accept", "Accept-Encoding", "Accept-Language", "Origin", "User-Agent"}

// hopByHop are the headers that speak of one connection only.
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// fetched is what a question to the origin came to: an answer to share, or a response for the one who asked.
type fetched struct {
	answer   shelf.Answer
	isShared bool
	private  *http.Response
	err      error
}

var errOrigin = errors.New("the origin cannot answer")

// fetch asks the origin, about the known answer where there is one, and keeps what may be kept.
func (h *Handler) fetch(ctx context.Context, url string, header http.Header, known *shelf.Answer) fetched {
	purges := h.shelf.Purges()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.options.Origin.String()+url, nil)
	if err != nil {
		return fetched{err: err}
	}
	for _, name := range forwarded {
		for _, value := range header.Values(name) {
			request.Header.Add(name, value)
		}
	}
	if known != nil {
		setValidator(request.Header, "If-None-Match", known.Header.Get("ETag"))
		setValidator(request.Header, "If-Modified-Since", known.Header.Get("Last-Modified"))
	}
	response, err := h.client.Do(request)
	if err != nil {
		return fetched{err: err}
	}
	if isFailure(response.StatusCode) && known != nil {
		response.Body.Close()
		return fetched{err: errOrigin}
	}
	if response.StatusCode == http.StatusNotModified && known != nil {
		response.Body.Close()
		return h.renew(*known, response.Header, purges)
	}
	return h.take(url, header, response, purges)
}

func setValidator(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

func isFailure(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// renew gives a known answer new times, because the origin says that it is still the same.
func (h *Handler) renew(known shelf.Answer, header http.Header, purges uint64) fetched {
	known.Header = known.Header.Clone()
	known.Header.Del("Age")
	for name, values := range endToEnd(header) {
		if name != "Content-Length" && name != "Content-Encoding" {
			known.Header[name] = values
		}
	}
	times, isKeepable := freshness.Assess(known.Status, known.Header, h.options.Now(), h.options.Policy)
	known.Times = times
	if isKeepable {
		h.keep(known, purges)
	} else {
		h.shelf.Remove(shelf.Purge{URLs: []string{known.URL}})
	}
	return fetched{answer: known, isShared: true}
}

func (h *Handler) take(url string, header http.Header, response *http.Response, purges uint64) fetched {
	times, isKeepable := freshness.Assess(response.StatusCode, response.Header, h.options.Now(), h.options.Policy)
	names := freshness.VaryNames(response.Header)
	if !isKeepable || !areForwarded(names) || response.ContentLength > h.options.MaximumObjectBytes {
		return fetched{private: response}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, h.options.MaximumObjectBytes+1))
	if err != nil {
		response.Body.Close()
		return fetched{err: err}
	}
	if int64(len(body)) > h.options.MaximumObjectBytes {
		rest := response.Body
		response.Body = joined{io.MultiReader(bytes.NewReader(body), rest), rest}
		return fetched{private: response}
	}
	response.Body.Close()
	answer := shelf.Answer{
		URL: url, Status: response.StatusCode, Header: endToEnd(response.Header), Times: times, Body: body,
		Selected: map[string]string{}, Tags: strings.Fields(response.Header.Get("Surrogate-Key")),
	}
	for _, name := range names {
		answer.Selected[name] = strings.Join(header.Values(name), ",")
	}
	h.keep(answer, purges)
	return fetched{answer: answer, isShared: true}
}

type joined struct {
	io.Reader
	io.Closer
}

func (h *Handler) keep(answer shelf.Answer, purges uint64) {
	if err := h.shelf.Keep(answer, purges); err != nil {
		// A disk that takes nothing costs speed, not answers.
		h.options.Observer.NotKept()
		h.options.Log.Warn("An answer could not be kept", "url", answer.URL, "error", err)
	}
}

func areForwarded(names []string) bool {
	for _, name := range names {
		isKnown := false
		for _, other := range forwarded {
			isKnown = isKnown || name == other
		}
		if !isKnown {
			return false
		}
	}
	return true
}

// endToEnd leaves out what speaks of one connection only.
func endToEnd(header http.Header) http.Header {
	kept := header.Clone()
	for _, name := range strings.Split(strings.Join(header.Values("Connection"), ","), ",") {
		kept.Del(strings.TrimSpace(name))
	}
	for _, name := range hopByHop {
		kept.Del(name)
	}
	return kept
}
