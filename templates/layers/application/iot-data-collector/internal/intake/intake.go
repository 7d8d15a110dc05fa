// SPDX-License-Identifier: Apache-2.0

// Package intake takes messages from the MQTT broker into the store.
//
// A message is acknowledged to the broker only after the store has it. While the store cannot take messages none is
// acknowledged, so the broker, which may have Options.ReceiveMaximum messages under way, holds the others back: that is
// the back-pressure. Messages of quality of service 0 cannot be held back; those that find no place are counted.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"iot-data-collector/internal/store"
)

// MessageIDProperty is the MQTT 5 user property by which a sender names a message. The collector keeps a named message
// once even when the broker delivers it again; without a name it may come twice and then says that it was redelivered.
const MessageIDProperty = "message-id"

const (
	sessionExpirySeconds = 7 * 24 * 60 * 60
	keepAliveSeconds     = 20
	maximumIDBytes       = 256
	retryAfter           = time.Second
	// Some brokers send a few more than the receive maximum.
	spareDeliveries = 64
	// Packets carry topic and properties beside the payload.
	packetOverheadBytes = 8 << 10
)

// Options of the connection to the broker.
type Options struct {
	Broker              *url.URL
	ClientID            string
	Username            string
	Password            []byte
	Topics              []string
	ReceiveMaximum      int
	MaximumPayloadBytes int
}

// Observer is told what becomes of messages.
type Observer interface {
	Stored(messages int, payloadBytes int)
	Refused(reason string)
	Waiting(reason error)
	Connected(isConnected bool)
}

// Intake is a connection to the broker with the queue behind it.
type Intake struct {
	options  Options
	store    *store.Store
	observer Observer
	log      *slog.Logger
	queue    chan delivery
	failing  atomic.Bool
}

type delivery struct {
	message     store.Message
	acknowledge func() error
}

// New prepares an intake; Run starts it.
func New(options Options, into *store.Store, observer Observer, log *slog.Logger) *Intake {
	return &Intake{
		options:  options,
		store:    into,
		observer: observer,
		log:      log,
		queue:    make(chan delivery, options.ReceiveMaximum+spareDeliveries),
	}
}

// IsFailing says that the disk does not take what arrived; being full by the store's own bounds is no failure.
func (i *Intake) IsFailing() bool { return i.failing.Load() }

// Run receives until the context ends; then it leaves the broker and stores what it already holds.
func (i *Intake) Run(ctx context.Context) error {
	connectionContext, disconnect := context.WithCancel(context.Background())
	defer disconnect()
	connection, err := autopaho.NewConnection(connectionContext, i.configuration(ctx))
	if err != nil {
		return err
	}
	i.storeUntil(ctx)
	leaving, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	i.drain()
	i.observer.Connected(false)
	if err := connection.Disconnect(leaving); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		i.log.Debug("The broker was gone before the farewell", "error", err)
	}
	return nil
}

func (i *Intake) configuration(ctx context.Context) autopaho.ClientConfig {
	return autopaho.ClientConfig{
		ServerUrls:            []*url.URL{i.options.Broker},
		KeepAlive:             keepAliveSeconds,
		SessionExpiryInterval: sessionExpirySeconds,
		ConnectUsername:       i.options.Username,
		ConnectPassword:       i.options.Password,
		ReconnectBackoff:      autopaho.NewExponentialBackoff(100*time.Millisecond, 30*time.Second, time.Second, 2),
		ConnectPacketBuilder: func(packet *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			receiveMaximum := uint16(i.options.ReceiveMaximum)
			packetBytes := uint32(i.options.MaximumPayloadBytes + packetOverheadBytes)
			packet.Properties.ReceiveMaximum = &receiveMaximum
			packet.Properties.MaximumPacketSize = &packetBytes
			// Without it some brokers leave out user properties, and with them the message IDs.
			packet.Properties.RequestProblemInfo = true
			return packet, nil
		},
		OnConnectionUp: func(connection *autopaho.ConnectionManager, _ *paho.Connack) {
			go i.subscribe(ctx, connection)
		},
		OnConnectionDown: func() bool {
			i.observer.Connected(false)
			i.log.Warn("The connection to the broker is lost")
			return true
		},
		OnConnectError: func(err error) { i.log.Warn("The broker cannot be reached", "error", err) },
		ClientConfig: paho.ClientConfig{
			ClientID:                   i.options.ClientID,
			EnableManualAcknowledgment: true,
			OnPublishReceived:          []func(paho.PublishReceived) (bool, error){i.receive},
		},
	}
}

func (i *Intake) subscribe(ctx context.Context, connection *autopaho.ConnectionManager) {
	subscriptions := make([]paho.SubscribeOptions, 0, len(i.options.Topics))
	for _, topic := range i.options.Topics {
		subscriptions = append(subscriptions, paho.SubscribeOptions{Topic: topic, QoS: 1})
	}
	for ctx.Err() == nil {
		_, err := connection.Subscribe(ctx, &paho.Subscribe{Subscriptions: subscriptions})
		if err == nil {
			i.observer.Connected(true)
			i.log.Info("Receiving", "broker", i.options.Broker.Redacted(), "topics", i.options.Topics)
			return
		}
		if errors.Is(err, autopaho.ConnectionDownError) {
			return
		}
		i.log.Error("The broker refuses the subscription", "topics", i.options.Topics, "error", err)
		pause(ctx, retryAfter)
	}
}

// receive is called for one message after the other. The queue has a place for every message that the broker may have
// under way; a broker that sends still more waits. None of these may be left out: acknowledgements go in order, so one
// that never comes would hold back all that follow.
func (i *Intake) receive(received paho.PublishReceived) (bool, error) {
	packet := received.Packet
	acknowledge := func() error { return received.Client.Ack(packet) }
	message := messageOf(packet, time.Now())
	if reason := objection(message, i.options.MaximumPayloadBytes); reason != "" {
		// Held back it would come again for ever, so it is acknowledged, counted and told of.
		i.observer.Refused(reason)
		i.log.Warn("A message is refused", "reason", reason, "topic", message.Topic, "bytes", len(message.Payload))
		return true, acknowledge()
	}
	if packet.QoS > 0 {
		select {
		case i.queue <- delivery{message, acknowledge}:
		case <-received.Client.Done():
			// The broker delivers it again on the next connection.
		}
		return true, nil
	}
	select {
	case i.queue <- delivery{message, acknowledge}:
	default:
		i.observer.Refused("overrun")
		i.log.Warn("A message finds no place; its sender uses quality of service 0", "topic", message.Topic)
	}
	return true, nil
}

func messageOf(packet *paho.Publish, now time.Time) store.Message {
	message := store.Message{
		Topic:       packet.Topic,
		Payload:     packet.Payload,
		Received:    now,
		Redelivered: packet.Duplicate(),
	}
	if packet.Properties != nil {
		message.ID = packet.Properties.User.Get(MessageIDProperty)
	}
	return message
}

// objection says why a message cannot be kept as it is; empty when it can.
func objection(message store.Message, maximumPayloadBytes int) string {
	switch {
	case len(message.Payload) > maximumPayloadBytes:
		return "payload-too-large"
	case !utf8.ValidString(message.Topic) || message.Topic == "":
		return "topic-invalid"
	case !utf8.ValidString(message.ID) || len(message.ID) > maximumIDBytes:
		return "message-id-invalid"
	default:
		return ""
	}
}

func (i *Intake) storeUntil(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-i.queue:
			i.keep(ctx, i.together(first))
		}
	}
}

// drain stores what was received before the end, once; what cannot be stored stays with the broker.
func (i *Intake) drain() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		select {
		case first := <-i.queue:
			i.keep(ended, i.together(first))
		default:
			return
		}
	}
}

// together takes what waits in the queue as well, so that one wait for the disk serves all of it.
func (i *Intake) together(first delivery) []delivery {
	deliveries := []delivery{first}
	for len(deliveries) < cap(i.queue) {
		select {
		case next := <-i.queue:
			deliveries = append(deliveries, next)
		default:
			return deliveries
		}
	}
	return deliveries
}

// keep stores the deliveries and acknowledges them, trying until it succeeds or the context ends. Several that do not
// fit at once are stored one by one.
func (i *Intake) keep(ctx context.Context, deliveries []delivery) {
	for {
		err := i.keepOnce(deliveries)
		i.failing.Store(err != nil && !errors.Is(err, store.ErrFull))
		if err == nil {
			return
		}
		if len(deliveries) > 1 && errors.Is(err, store.ErrFull) {
			for _, single := range deliveries {
				i.keep(ctx, []delivery{single})
			}
			return
		}
		i.observer.Waiting(err)
		i.log.Warn("The store takes nothing; the broker holds messages back", "error", err)
		timer := time.NewTimer(retryAfter)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-i.store.Freed():
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (i *Intake) keepOnce(deliveries []delivery) error {
	messages := make([]store.Message, 0, len(deliveries))
	payloadBytes := 0
	for _, one := range deliveries {
		messages = append(messages, one.message)
		payloadBytes += len(one.message.Payload)
	}
	stored, err := i.store.Append(messages)
	if err != nil {
		return err
	}
	i.observer.Stored(stored, payloadBytes)
	for _, one := range deliveries {
		if err := one.acknowledge(); err != nil {
			// The connection it came by is gone: the broker delivers it again.
			i.log.Debug("A message could not be acknowledged", "topic", one.message.Topic, "error", err)
		}
	}
	return nil
}

func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
