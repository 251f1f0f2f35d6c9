using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// The in-flight window of a client: published messages of QoS 1 and 2 that are not complete, in order. They outlive a connection. If the
/// broker has kept the session, the next connection resends them first [MQTT-4.4.0-1] [MQTT-4.6.0-1]. Thread-safe.
/// </summary>
/// <remarks>
/// Packet identifiers are assigned in turn, so an acknowledgement's identifier gives the slot of its message. The holder of the write gate
/// writes all pending messages, not only its own. Messages that are added at the same time are therefore sent in one write.
/// </remarks>
internal sealed class OutboundWindow : IDisposable
{
    /// <summary>The maximum number of messages in the window; a power of two.</summary>
    public const int Capacity = 1_024;

    // PUBLISH and SUBSCRIBE share one set of identifiers (section 2.2.1). The last one is reserved for the SUBSCRIBE.
    private const int IdCount = ClientCore.SubscribeId - 1;

    private readonly ClientSession _session;
    private readonly MqttCounters _counters;
    private readonly Lock _lock = new();
    private readonly Outgoing?[] _ring = new Outgoing?[Capacity];
    private readonly Stack<Outgoing> _free = new();
    private readonly SemaphoreSlim _room = new(Capacity);

    // Held by the caller that waits for a slot. Later callers wait behind it, so messages are sent in the order in which they were added,
    // even when all slots are taken.
    private readonly SemaphoreSlim _entrance = new(1, 1);
    private OutboundTerms? _terms;
    private int _head;
    private int _count;

    // The number of messages, from the oldest on, that were sent on this connection, and the number of them that are unacknowledged.
    private int _sent;
    private int _unanswered;

    // The packet identifier of the oldest message, minus 1.
    private int _firstId;
    private string? _closedBecause;

    public OutboundWindow(ClientSession session, MqttCounters counters)
    {
        _session = session;
        _counters = counters;
        _firstId = session.FirstFreeId - 1;
    }

    private enum SendOutcome
    {
        Sent,
        Waits,
        GivenUp,
    }

    /// <summary>Adds a message if a slot is free and no caller waits for a slot. The result of the message may be awaited once.</summary>
    public bool TryAdd(EgressMessage message, [NotNullWhen(true)] out Outgoing? added)
    {
        added = null;
        if (!_entrance.Wait(0))
        {
            return false;
        }

        try
        {
            added = _room.Wait(0) ? Add(message) : null;
            return added is not null;
        }
        finally
        {
            _entrance.Release();
        }
    }

    /// <summary>Waits for a free slot and adds a message. The result of the message may be awaited once.</summary>
    public async ValueTask<Outgoing> AddAsync(EgressMessage message, CancellationToken cancellation)
    {
        await _entrance.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _room.WaitAsync(cancellation).ConfigureAwait(false);
            return Add(message);
        }
        finally
        {
            _entrance.Release();
        }
    }

    /// <summary>Returns a message to the pool after its result was taken.</summary>
    public void Return(Outgoing message)
    {
        lock (_lock)
        {
            message.Trim();
            if (_free.Count < Capacity)
            {
                _free.Push(message);
            }
        }
    }

    /// <summary>Whether several messages are in the window, so that more are likely to follow.</summary>
    public bool IsBusy()
    {
        lock (_lock)
        {
            return _count > 1;
        }
    }

    /// <summary>Starts a new connection, on which no message of the window was sent yet.</summary>
    public void BeginConnection(OutboundTerms terms)
    {
        lock (_lock)
        {
            _terms = terms;
            _sent = 0;
            _unanswered = 0;
        }
    }

    /// <summary>Whether a message is pending that may be sent now.</summary>
    public bool HasWaiting(OutboundTerms terms)
    {
        lock (_lock)
        {
            return terms == _terms && _sent < _count && _unanswered < terms.Quota;
        }
    }

    /// <summary>
    /// Collects the packets to send on a connection, as far as the broker's quota and the buffer allow [MQTT-4.9.0-2]. Collects no packets
    /// if all are sent, or if another connection has replaced this connection. Messages that were sent before have DUP set [MQTT-3.3.1-1].
    /// </summary>
    /// <exception cref="EstreamException">The identifier of a QoS 2 message cannot be saved, and nothing was collected before
    /// it.</exception>
    public void Fill(OutboundTerms terms, OutputBuffer output)
    {
        try
        {
            Collect(terms, output);
        }
        catch (EstreamException) when (!output.IsEmpty)
        {
            // The collected packets count as sent and must be written. The next call fails again.
        }
    }

    /// <summary>Applies an acknowledgement of the broker.</summary>
    /// <param name="type">PUBACK, PUBREC or PUBCOMP.</param>
    /// <param name="answer">The acknowledgement.</param>
    /// <param name="status">The result for the caller, if this acknowledgement completes the message.</param>
    public OutAnswer Answer(PacketType type, in AckPacket answer, EmitStatus status)
    {
        lock (_lock)
        {
            int index = IndexOf(answer.PacketId);
            if (index < 0 || At(index) is not { } message)
            {
                return OutAnswer.Stray;
            }

            OutAnswer meaning = OutAnswers.Of(type, answer, message.Qos, message.IsReleased);
            message.IsReleased |= meaning == OutAnswer.Release;
            if (meaning != OutAnswer.Done)
            {
                return meaning;
            }

            if (message.Qos == MqttQos.ExactlyOnce)
            {
                _session.Done(answer.PacketId);
            }

            Finish(index, status);
            return OutAnswer.Done;
        }
    }

    /// <summary>Fails all messages: messages in the window, messages waiting for a slot, and messages added later.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            _closedBecause = reason;
        }

        FailAll(reason);
    }

    /// <summary>Fails all messages in the window, because the session was lost [MQTT-3.2.2-5] and no acknowledgement will arrive.</summary>
    public void FailAll(string reason)
    {
        lock (_lock)
        {
            // The loop runs from the newest to the oldest message. Slots are released when the oldest message is done, so no index changes
            // during the loop.
            for (int index = _count - 1; index >= 0; index--)
            {
                if (At(index) is not null)
                {
                    Finish(index, new EmitStatus(EmitCode.NotConnected, reason));
                }
            }
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        _entrance.Dispose();
    }

    private void Collect(OutboundTerms terms, OutputBuffer output)
    {
        lock (_lock)
        {
            while (terms == _terms && _sent < _count)
            {
                if (At(_sent) is not { } next)
                {
                    _sent++;
                    continue;
                }

                SendOutcome outcome = Send(next, _sent, terms, output);
                if (outcome == SendOutcome.Waits)
                {
                    return;
                }

                _sent += outcome == SendOutcome.Sent ? 1 : 0;
            }
        }
    }

    private Outgoing Add(EgressMessage message)
    {
        lock (_lock)
        {
            Outgoing added = _free.TryPop(out Outgoing? used) ? used : new Outgoing(this);
            added.Take(message);
            if (_closedBecause is { } reason)
            {
                _room.Release();
                Complete(added, new EmitStatus(EmitCode.NotConnected, reason));
                return added;
            }

            At(_count) = added;
            _count++;
            return added;
        }
    }

    private SendOutcome Send(Outgoing message, int index, OutboundTerms terms, OutputBuffer output)
    {
        ushort id = IdOf(index);
        if (message.IsReleased)
        {
            if (!output.TryReserve(ControlPackets.MaxAckLength, out Span<byte> room))
            {
                return SendOutcome.Waits;
            }

            output.Advance(ControlPackets.WriteAck(room, PacketType.PubRel, id, MqttReasonCode.Success));
            return SendOutcome.Sent;
        }

        ServerPublish packet = new()
        {
            Topic = message.Topic,
            Qos = message.Qos,
            IsDuplicate = message.SentOn is not null,
            IsRetained = message.IsRetained,
            PacketId = id,
            Payload = message.Payload,
        };
        if (terms.WhyNot(packet) is { } why)
        {
            Finish(index, new EmitStatus(EmitCode.NotConnected, $"the connection was lost, and on the new one the broker {why}"));
            return SendOutcome.GivenUp;
        }

        if (_unanswered >= terms.Quota)
        {
            return SendOutcome.Waits;
        }

        if (message.Qos == MqttQos.ExactlyOnce && message.SentOn is null)
        {
            _session.Sent(id);
        }

        if (!terms.TryWrite(packet, output))
        {
            return SendOutcome.Waits;
        }

        message.SentOn = terms;
        _unanswered++;
        return SendOutcome.Sent;
    }

    /// <summary>Completes a message and releases its slot. The caller removes the saved identifier of the message, once the broker is known
    /// to have completed the message.</summary>
    private void Finish(int index, EmitStatus status)
    {
        Outgoing message = At(index)!;
        At(index) = null;
        _unanswered -= message.SentOn is { } sentOn && sentOn == _terms ? 1 : 0;
        Complete(message, status);
        while (_count > 0 && At(0) is null)
        {
            _head = (_head + 1) & (Capacity - 1);
            _firstId = (_firstId + 1) % IdCount;
            _count--;
            _sent = Math.Max(0, _sent - 1);
            _room.Release();
        }
    }

    private void Complete(Outgoing message, EmitStatus status)
    {
        // Count first, because the awaiting caller may read the counters at once.
        _counters.CountEmit(status);
        message.Complete(status);
    }

    private ref Outgoing? At(int index)
    {
        return ref _ring[(_head + index) & (Capacity - 1)];
    }

    private ushort IdOf(int index)
    {
        return (ushort)(1 + ((_firstId + index) % IdCount));
    }

    /// <summary>Returns the index of the message with this identifier; -1 if none was sent with it on this connection.</summary>
    private int IndexOf(ushort id)
    {
        int index = (id - 1 - _firstId + IdCount) % IdCount;
        return id is > 0 and <= IdCount && index < _sent ? index : -1;
    }
}
