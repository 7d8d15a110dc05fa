// SPDX-License-Identifier: Apache-2.0

package uplink

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"iot-data-collector/internal/store"
)

// Line is one record as the cloud receives it, a line of JSON. The payload is base64, so every byte arrives as it was.
type Line struct {
	Sequence    uint64    `json:"sequence"`
	Topic       string    `json:"topic"`
	MessageID   string    `json:"messageId,omitempty"`
	ReceivedAt  time.Time `json:"receivedAt"`
	Redelivered bool      `json:"redelivered,omitempty"`
	Payload     []byte    `json:"payload"`
}

// LineOf is the record in the form that is sent.
func LineOf(record store.Record) Line {
	return Line{
		Sequence:    record.Sequence,
		Topic:       record.Topic,
		MessageID:   record.ID,
		ReceivedAt:  record.Received,
		Redelivered: record.Redelivered,
		Payload:     record.Payload,
	}
}

// verdict is what an answer means for the batch.
type verdict int

const (
	accepted verdict = iota
	// later: the cloud cannot take it now, or the way there is broken.
	later
	// never: the cloud will not take these records, however often they are sent.
	never
)

// answer is a verdict with its reason and, where the cloud gave one, the time to wait.
type answer struct {
	verdict verdict
	reason  string
	wait    time.Duration
}

// encode makes the same bytes for the same batch.
func encode(batch store.Batch) ([]byte, error) {
	var body bytes.Buffer
	compressor := gzip.NewWriter(&body)
	lines := json.NewEncoder(compressor)
	for _, record := range batch.Records {
		if err := lines.Encode(LineOf(record)); err != nil {
			return nil, err
		}
	}
	if err := compressor.Close(); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

func (f *Forwarder) send(ctx context.Context, batch store.Batch) answer {
	body, err := encode(batch)
	if err != nil {
		return answer{verdict: never, reason: err.Error()}
	}
	timed, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(timed, http.MethodPost, f.options.URL, bytes.NewReader(body))
	if err != nil {
		return answer{verdict: later, reason: err.Error()}
	}
	digest := sha256.Sum256(body)
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Content-Encoding", "gzip")
	request.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest[:])+":")
	request.Header.Set("Idempotency-Key", batch.Key)
	if err := f.authorize(request); err != nil {
		return answer{verdict: later, reason: err.Error()}
	}
	response, err := f.client.Do(request)
	if err != nil {
		return answer{verdict: later, reason: err.Error()}
	}
	defer response.Body.Close()
	// Read so that the connection can be used again; the body of an answer has no meaning.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	return judge(response.StatusCode, response.Header.Get("Retry-After"))
}

// authorize reads the token for every batch, because mounted secrets are renewed while the process runs.
func (f *Forwarder) authorize(request *http.Request) error {
	if f.options.TokenFile == "" {
		return nil
	}
	token, err := os.ReadFile(f.options.TokenFile)
	if err != nil {
		return fmt.Errorf("the token for the cloud cannot be read: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	return nil
}

// judge takes only those answers as final that speak of the records themselves: 400, 413 and 422. A missing right or a
// wrong address is for people to repair, and the records wait for it.
func judge(status int, retryAfter string) answer {
	reason := fmt.Sprintf("the cloud answered %d", status)
	switch {
	case status >= 200 && status < 300:
		return answer{verdict: accepted}
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return answer{verdict: never, reason: reason}
	default:
		return answer{verdict: later, reason: reason, wait: secondsOf(retryAfter)}
	}
}

func secondsOf(retryAfter string) time.Duration {
	seconds, err := strconv.Atoi(retryAfter)
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maximumRetryAfter)
}
