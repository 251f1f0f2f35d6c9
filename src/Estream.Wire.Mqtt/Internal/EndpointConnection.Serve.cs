using System.Buffers;
using System.IO.Pipelines;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

internal sealed partial class EndpointConnection
{
    /// <summary>Why a pass over the received bytes has stopped.</summary>
    private enum Pause
    {
        /// <summary>Everything that is whole was handled.</summary>
        NeedsBytes,

        /// <summary>The answers have to be sent first.</summary>
        AcksFull,

        /// <summary>A queue cannot be written.</summary>
        Blocked,

        /// <summary>The connection is to end.</summary>
        Over,
    }

    private const int RetryMs = 100;

    private Pause _pause;
    private Fault _fault;
    private int _unacknowledged;
    private ReadTally _tally;

    private async Task ServeAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            Volatile.Write(ref _lastReceived, _core.Clock.MonotonicNanos);
            SequencePosition consumed = Process(result.Buffer);
            reader.AdvanceTo(consumed, _pause == Pause.NeedsBytes ? result.Buffer.End : consumed);
            await FlushAsync().ConfigureAwait(false);
            if (_fault.IsFault)
            {
                await SayGoodbyeAsync(_fault.Code, _fault.Why).ConfigureAwait(false);
                return;
            }

            int closeReason = Volatile.Read(ref _closeReason);
            if (closeReason != NoReason)
            {
                await SayGoodbyeAsync((MqttReasonCode)closeReason, null).ConfigureAwait(false);
                return;
            }

            if (_pause == Pause.Over || (_pause == Pause.NeedsBytes && result.IsCompleted))
            {
                return;
            }

            if (_pause == Pause.Blocked)
            {
                await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), _closing.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Handles all whole packets, inside one hold of the queue's lock.</summary>
    private SequencePosition Process(in ReadOnlySequence<byte> buffer)
    {
        FrameCursor cursor = new(buffer, _scratch, _core.Options.MaxPacketBytes);
        _pause = Pause.NeedsBytes;
        _tally = default;
        try
        {
            while (_pause == Pause.NeedsBytes)
            {
                HeaderStatus status = cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out Fault fault);
                if (status == HeaderStatus.Incomplete)
                {
                    break;
                }

                if (!fault.IsFault)
                {
                    fault = (PacketType)(first >> 4) == PacketType.Publish ? OnPublish(first, body) : OnControl((PacketType)(first >> 4), body);
                }

                if (fault.IsFault)
                {
                    Fail(fault);
                }
                else if (_pause == Pause.Blocked)
                {
                    cursor.Undo();
                }
                else if (_pause == Pause.NeedsBytes && !_acks.HasRoom)
                {
                    _pause = Pause.AcksFull;
                }
            }
        }
        finally
        {
            _ingress.Release();
        }

        SetBlocked(_pause == Pause.Blocked);
        _core.Counters.AddReceived(_tally);
        return cursor.Consumed;
    }

    private Fault OnPublish(byte first, ReadOnlySpan<byte> body)
    {
        Fault fault = PublishPacket.Decode(first, body, _ingress.LastTopic, isFromServer: false, out PublishPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        ReadOnlySpan<byte> topic = packet.Topic;
        if (packet.TopicAlias is { } alias)
        {
            fault = _aliases.Resolve(alias, ref topic);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        if (packet.Qos == MqttQos.ExactlyOnce && _session!.Received.Contains(packet.PacketId))
        {
            // It is stored already and only the answer was lost [MQTT-4.3.3-10].
            _acks.Add(PacketType.PubRec, packet.PacketId, MqttReasonCode.Success);
            return default;
        }

        if (packet.Qos != MqttQos.AtMostOnce && _unacknowledged + _session!.Received.Count >= _core.Options.ReceiveMaximum)
        {
            return Fault.Of(MqttReasonCode.ReceiveMaximumExceeded, "more messages are unacknowledged than Receive Maximum allows [MQTT-3.3.4-7]");
        }

        Store(packet, topic, body.Length);
        return default;
    }

    private void Store(in PublishPacket packet, ReadOnlySpan<byte> topic, int bytes)
    {
        MqttReasonCode reason = MqttReasonCode.TopicNameInvalid;
        if (topic.Length <= _core.Options.MaxTopicBytes)
        {
            IngressStatus status = _ingress.Append(new WireMessage(topic, packet.Payload));
            if (status == IngressStatus.Blocked)
            {
                _pause = Pause.Blocked;
                return;
            }

            _tally.DeadLettered += status == IngressStatus.Stored ? 0 : 1;
            reason = status == IngressStatus.NotMapped ? MqttReasonCode.NoMatchingSubscribers : MqttReasonCode.Success;
        }
        else
        {
            _core.Counters.Reject(reason);
        }

        _tally.Messages++;
        _tally.Bytes += bytes;
        Acknowledge(packet.Qos, packet.PacketId, reason);
    }

    /// <summary>The message is in a queue, in the page cache: it survives the death of this process, and only now may the answer go.</summary>
    private void Acknowledge(MqttQos qos, ushort packetId, MqttReasonCode reason)
    {
        if (qos == MqttQos.AtMostOnce)
        {
            return;
        }

        _tally.Acknowledged++;
        if (qos == MqttQos.AtLeastOnce)
        {
            _unacknowledged++;
            _acks.Add(PacketType.PubAck, packetId, reason);
            return;
        }

        if (reason < MqttReasonCode.UnspecifiedError)
        {
            _session!.Received.Add(packetId);
        }

        _acks.Add(PacketType.PubRec, packetId, reason);
    }

    private void Fail(Fault fault)
    {
        _pause = Pause.Over;
        _fault = fault;
        _core.Counters.Reject(fault.Code);
        _core.Events.Report(AdapterEventKind.ProtocolViolation, $"{Who} was disconnected: {fault}.");
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked == _isBlocked)
        {
            return;
        }

        _isBlocked = isBlocked;
        _core.Events.Report(
            isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
            isBlocked ? $"{Who} is not read from: {_ingress.Failure?.Message}" : $"{Who} is read from again.");
    }
}
