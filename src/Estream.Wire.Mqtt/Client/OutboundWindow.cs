using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// The messages of QoS 1 and 2 we publish and are not done with, in their order. They outlive a connection: where the broker has kept the
/// session the next one begins with them [MQTT-4.4.0-1] [MQTT-4.6.0-1]. Thread-safe.
/// </summary>
/// <remarks>
/// Identifiers are given in turn, so that the one of an answer says where its message is. Whoever may write to the connection writes all
/// that waits, not only what it has brought: many messages go out at once where many are brought at once.
/// </remarks>
internal sealed class OutboundWindow : IDisposable
{
    /// <summary>The most messages under way; a power of two.</summary>
    public const int Capacity = 1_024;

    // One set of identifiers serves PUBLISH and SUBSCRIBE (section 2.2.1); the last one is the SUBSCRIBE's.
    private const int IdCount = ClientCore.SubscribeId - 1;

    private readonly ClientSession _session;
    private readonly MqttCounters _counters;
    private readonly Lock _lock = new();
    private readonly Outgoing?[] _ring = new Outgoing?[Capacity];
    private readonly Stack<Outgoing> _free = new();
    private readonly SemaphoreSlim _room = new(Capacity);

    // Whoever waits for a place has it: the others stand behind, so that messages go out as they were brought, also when all places are
    // taken.
    private readonly SemaphoreSlim _entrance = new(1, 1);
    private OutboundTerms? _terms;
    private int _head;
    private int _count;

    // Of those, from the oldest on, how many were sent on this connection, and how many of these are not answered.
    private int _sent;
    private int _unanswered;

    // The identifier of the oldest, less one.
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

    /// <summary>Adds a message where there is a place and nobody waits for one. Its answer may be waited for once.</summary>
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

    /// <summary>Waits for a place and adds a message. Its answer may be waited for once.</summary>
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

    /// <summary>Takes a message back whose answer was taken.</summary>
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

    /// <summary>Whether several messages are not done with, so that more will follow.</summary>
    public bool IsBusy()
    {
        lock (_lock)
        {
            return _count > 1;
        }
    }

    /// <summary>A new connection has none of them yet.</summary>
    public void BeginConnection(OutboundTerms terms)
    {
        lock (_lock)
        {
            _terms = terms;
            _sent = 0;
            _unanswered = 0;
        }
    }

    /// <summary>Whether a message waits that may be sent now.</summary>
    public bool HasWaiting(OutboundTerms terms)
    {
        lock (_lock)
        {
            return terms == _terms && _sent < _count && _unanswered < terms.Quota;
        }
    }

    /// <summary>
    /// Collects what has to be sent on a connection, as far as the broker's quota and the buffer reach [MQTT-4.9.0-2]; none when all is
    /// sent, or another connection has taken its place. Messages sent before have DUP set [MQTT-3.3.1-1].
    /// </summary>
    /// <exception cref="EstreamException">What is under way at QoS 2 cannot be noted, and nothing was collected before it.</exception>
    public void Fill(OutboundTerms terms, OutputBuffer output)
    {
        try
        {
            Collect(terms, output);
        }
        catch (EstreamException) when (!output.IsEmpty)
        {
            // What is collected counts as sent and has to go out; the next call meets the same again.
        }
    }

    /// <summary>Takes the broker's answer.</summary>
    /// <param name="type">PUBACK, PUBREC or PUBCOMP.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="status">What it says to who waits, where it is the last one.</param>
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

    /// <summary>Nobody will ever answer: neither what is under way nor what still waits for a place, nor what comes later.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            _closedBecause = reason;
        }

        FailAll(reason);
    }

    /// <summary>The session is gone, and with it what was under way [MQTT-3.2.2-5]: nobody will ever answer.</summary>
    public void FailAll(string reason)
    {
        lock (_lock)
        {
            // From the youngest on: the places are given back when the oldest is done with, so none moves meanwhile.
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
            Finish(index, new EmitStatus(EmitCode.NotConnected, $"the connection was lost, and the broker now {why}"));
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

    /// <summary>Answers who waits and gives the place back. What is noted of its identifier is for who knows that the broker is done with
    /// it.</summary>
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
        // Counted before: who waits may look at once.
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

    /// <summary>Where the message with this identifier is; -1 where it is none that was sent on this connection.</summary>
    private int IndexOf(ushort id)
    {
        int index = (id - 1 - _firstId + IdCount) % IdCount;
        return id is > 0 and <= IdCount && index < _sent ? index : -1;
    }
}
