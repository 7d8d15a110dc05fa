// SPDX-License-Identifier: Apache-2.0

package service

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"iot-data-collector/internal/intake"
	"iot-data-collector/internal/settings"
	"iot-data-collector/internal/uplink"
)

// brokerQuota is above the number of messages in any test: the broker of the tests forgets messages that it holds back
// for the quota once it has sent them, acknowledged or not, which no broker in the field may do.
const brokerQuota = "5000"

// patience is far above what anything here takes, for machines that are slow and busy.
const patience = 60 * time.Second

// asCollector makes the test program run the collector, so that a real process can be killed.
const asCollector = "RUN_AS_COLLECTOR"

func TestMain(m *testing.M) {
	if os.Getenv(asCollector) == "" {
		os.Exit(m.Run())
	}
	with, err := settings.Read(os.LookupEnv)
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, with, slog.New(slog.NewJSONHandler(os.Stderr, nil))); err != nil {
		panic(err)
	}
}

// receiver is the cloud: it remembers keys, keeps each record once a key, and is away or loses answers when told to.
type receiver struct {
	*httptest.Server
	mutex   sync.Mutex
	keys    map[string]bool
	lines   []uplink.Line
	isAway  bool
	accepts int
}

func startReceiver(t *testing.T) *receiver {
	r := &receiver{keys: map[string]bool{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := gzip.NewReader(request.Body)
	if err != nil {
		response.WriteHeader(http.StatusBadRequest)
		return
	}
	var lines []uplink.Line
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		var line uplink.Line
		if json.Unmarshal(scanner.Bytes(), &line) == nil {
			lines = append(lines, line)
		}
	}
	if scanner.Err() != nil {
		// The sender was killed in the middle.
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.isAway {
		response.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if key := request.Header.Get("Idempotency-Key"); !r.keys[key] {
		r.keys[key] = true
		r.lines = append(r.lines, lines...)
	}
	if r.accepts++; r.accepts%7 == 0 {
		response.WriteHeader(http.StatusBadGateway)
		return
	}
	response.WriteHeader(http.StatusNoContent)
}

func (r *receiver) setAway(isAway bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.isAway = isAway
}

func (r *receiver) received() []uplink.Line {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]uplink.Line{}, r.lines...)
}

func startBroker(t *testing.T) string {
	t.Helper()
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	listener := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	err := broker.AddHook(new(auth.AllowHook), nil)
	if err == nil {
		err = broker.AddListener(listener)
	}
	if err == nil {
		err = broker.Serve()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	return "mqtt://" + listener.Address()
}

func connectSender(t *testing.T, broker string) *autopaho.ConnectionManager {
	t.Helper()
	address, err := url.Parse(broker)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := autopaho.NewConnection(t.Context(), autopaho.ClientConfig{
		ServerUrls: []*url.URL{address}, KeepAlive: 20, ClientConfig: paho.ClientConfig{ClientID: "sender"},
	})
	if err == nil {
		err = sender.AwaitConnection(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func payload(number int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("%d\x00\xfe\n", number), 1+number%50))
}

func publish(t *testing.T, through *autopaho.ConnectionManager, number int) {
	t.Helper()
	_, err := through.Publish(t.Context(), &paho.Publish{
		Topic: "devices/boiler", QoS: 1, Payload: payload(number),
		Properties: &paho.PublishProperties{
			User: paho.UserProperties{{Key: intake.MessageIDProperty, Value: fmt.Sprint(number)}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// process is a collector in a process of its own.
type process struct {
	command *exec.Cmd
	log     *os.File
	address string
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func startCollector(t *testing.T, broker, cloud, directory string) *process {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), asCollector+"=1", "MQTT_URL="+broker, "CLOUD_URL="+cloud, "DATA_DIRECTORY="+directory,
		"PORT="+port, "BATCH_RECORDS=20", "BATCH_LINGER=5ms", "SHUTDOWN_GRACE=20s", "STORE_MAXIMUM_BYTES=4194304",
		"MQTT_RECEIVE_MAXIMUM="+brokerQuota)
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	return &process{command: command, log: log, address: "http://" + address}
}

func (p *process) get(path string) (int, string) {
	response, err := http.Get(p.address + path)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(body)
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.command.Wait()
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

func awaitReady(t *testing.T, collector *process) {
	t.Helper()
	await(t, "the broker delivers to the collector", func() bool {
		_, figures := collector.get("/metrics")
		return strings.Contains(figures, "\ncollector_broker_connected 1\n")
	})
}

// expectEachOnce compares everything the cloud has with everything that was sent.
func expectEachOnce(t *testing.T, lines []uplink.Line, total int) {
	t.Helper()
	seen := map[string]int{}
	sequences := map[uint64]bool{}
	for _, line := range lines {
		seen[line.MessageID]++
		if sequences[line.Sequence] {
			t.Errorf("sequence %d was used twice", line.Sequence)
		}
		sequences[line.Sequence] = true
	}
	for number := range total {
		if count := seen[fmt.Sprint(number)]; count != 1 {
			t.Errorf("message %d arrived %d times", number, count)
		}
	}
	for _, line := range lines {
		var number int
		if _, err := fmt.Sscan(line.MessageID, &number); err != nil || string(line.Payload) != string(payload(number)) {
			t.Fatalf("message %q arrived with another payload", line.MessageID)
		}
	}
}

func TestNothingIsLostOrDoubledByKills(t *testing.T) {
	const total, bursts = 640, 8
	broker, cloud, directory := startBroker(t), startReceiver(t), t.TempDir()
	sender := connectSender(t, broker)
	// The first start makes the subscription, which the broker keeps from then on.
	collector := startCollector(t, broker, cloud.URL, directory)
	awaitReady(t, collector)

	chance := rand.New(rand.NewPCG(1, 2))
	number := 0
	for burst := range bursts {
		cloud.setAway(burst%4 == 1)
		for range total / bursts {
			publish(t, sender, number)
			number++
		}
		// Anywhere from receiving the first to waiting for more, then anywhere in the recovery. The broker of the tests
		// loses what is published while it hands a session over, so the next burst waits until that is done.
		for range 2 {
			time.Sleep(time.Duration(chance.IntN(60)) * time.Millisecond)
			collector.kill(t)
			collector = startCollector(t, broker, cloud.URL, directory)
		}
		awaitReady(t, collector)
	}
	cloud.setAway(false)
	await(t, "the cloud has everything", func() bool { return len(cloud.received()) >= total })
	awaitReady(t, collector)
	await(t, "nothing waits", func() bool {
		_, figures := collector.get("/metrics")
		return strings.Contains(figures, "\ncollector_store_pending_records 0\n")
	})
	expectEachOnce(t, cloud.received(), total)
}

func TestStopsGracefullyAndTellsOfItself(t *testing.T) {
	broker, cloud, directory := startBroker(t), startReceiver(t), t.TempDir()
	sender := connectSender(t, broker)
	collector := startCollector(t, broker, cloud.URL, directory)
	awaitReady(t, collector)
	for path, want := range map[string]int{"/livez": 200, "/healthz": 200, "/": 404} {
		if status, _ := collector.get(path); status != want {
			t.Errorf("%s answers %d, want %d", path, status, want)
		}
	}
	for number := range 50 {
		publish(t, sender, number)
	}
	await(t, "the cloud has everything", func() bool { return len(cloud.received()) >= 50 })
	_, figures := collector.get("/metrics")
	for _, want := range []string{"collector_messages_stored_total 50", "collector_broker_connected 1", "go_goroutines",
		`http_requests_total{method="GET",status="404"} 1`, "http_request_duration_seconds_count"} {
		if !strings.Contains(figures, want) {
			t.Errorf("%q is missing in the metrics", want)
		}
	}
	if err := collector.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := collector.command.Wait()
	log, readError := os.ReadFile(collector.log.Name())
	if err != nil || readError != nil {
		t.Fatalf("%v %v\n%s", err, readError, log)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(log)), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not a line of JSON: %s", line)
		}
	}
	expectEachOnce(t, cloud.received(), 50)
}

// TestHoldsTheBrokerBackWhenFull fills a store of a megabyte while the cloud is away, with hostile messages in between.
func TestHoldsTheBrokerBackWhenFull(t *testing.T) {
	broker, cloud, directory := startBroker(t), startReceiver(t), t.TempDir()
	cloud.setAway(true)
	sender := connectSender(t, broker)
	address, err := url.Parse(broker)
	if err != nil {
		t.Fatal(err)
	}
	with, err := settings.Read(func(name string) (string, bool) {
		value, isSet := map[string]string{
			"MQTT_URL": broker, "CLOUD_URL": cloud.URL, "DATA_DIRECTORY": directory, "STORE_MAXIMUM_BYTES": "1048576",
			"MQTT_RECEIVE_MAXIMUM": brokerQuota, "MAXIMUM_PAYLOAD_BYTES": "20000", "BATCH_LINGER": "5ms", "PORT": "0",
		}[name]
		return value, isSet
	})
	if err != nil || with.Intake.Broker.Host != address.Host {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	log := &logged{}
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, with, slog.New(slog.NewJSONHandler(log, nil))) }()
	await(t, "it receives", func() bool { return log.has("Receiving") })

	const total = 80
	for number := range total {
		properties := &paho.PublishProperties{
			User: paho.UserProperties{{Key: intake.MessageIDProperty, Value: fmt.Sprint(number)}},
		}
		large := append(payload(number), make([]byte, 18000)...)
		publishAs(t, sender, "devices/boiler", large, properties)
	}
	publishAs(t, sender, "devices/hostile", make([]byte, 24000), nil)
	publishAs(t, sender, "devices/hostile", []byte("1"), &paho.PublishProperties{
		User: paho.UserProperties{{Key: intake.MessageIDProperty, Value: strings.Repeat("x", 300)}},
	})
	await(t, "the store is full", func() bool { return log.has("the broker holds messages back") })
	if received := len(cloud.received()); received != 0 {
		t.Fatalf("%d records arrived at a cloud that is away", received)
	}
	cloud.setAway(false)
	await(t, "the cloud has everything", func() bool { return len(cloud.received()) >= total })
	await(t, "the hostile ones are refused", func() bool { return log.has("payload-too-large") && log.has("message-id-invalid") })
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for number, line := range cloud.received() {
		if line.MessageID != fmt.Sprint(number) || len(line.Payload) != len(payload(number))+18000 {
			t.Fatalf("record %d is message %q with %d bytes", number, line.MessageID, len(line.Payload))
		}
	}
}

func publishAs(t *testing.T, through *autopaho.ConnectionManager, topic string, content []byte, properties *paho.PublishProperties) {
	t.Helper()
	message := &paho.Publish{Topic: topic, QoS: 1, Payload: content, Properties: properties}
	if _, err := through.Publish(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

type logged struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *logged) has(words string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return strings.Contains(l.text.String(), words)
}
