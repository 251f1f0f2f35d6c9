using System.Numerics;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What a subscriber's acknowledgement means for the message with its identifier.</summary>
internal enum OutAnswer
{
    /// <summary>No in-flight message has this identifier, or its state does not match.</summary>
    Stray,

    /// <summary>The message is acknowledged or refused. Its identifier is free again.</summary>
    Done,

    /// <summary>The message arrived at QoS 2 and must be answered with a PUBREL [MQTT-4.3.3-4].</summary>
    Release,
}

/// <summary>Interprets acknowledgements for the sender of a message, client or server.</summary>
internal static class OutAnswers
{
    /// <summary>Returns what an acknowledgement means for the message with its identifier.</summary>
    /// <param name="type">PUBACK, PUBREC or PUBCOMP.</param>
    /// <param name="answer">The acknowledgement.</param>
    /// <param name="qos">The quality of service of the message.</param>
    /// <param name="isReleased">Whether an earlier PUBREC was answered with a PUBREL.</param>
    public static OutAnswer Of(PacketType type, in AckPacket answer, MqttQos qos, bool isReleased)
    {
        if (type == PacketType.PubRec && qos == MqttQos.ExactlyOnce && !answer.IsFailure)
        {
            return OutAnswer.Release;
        }

        bool isLast = type switch
        {
            PacketType.PubAck => qos == MqttQos.AtLeastOnce,
            PacketType.PubRec => qos == MqttQos.ExactlyOnce && !isReleased,
            _ => isReleased,
        };
        return isLast ? OutAnswer.Done : OutAnswer.Stray;
    }
}

/// <summary>
/// The in-flight window of a session: messages of QoS 1 and 2 that were sent and are not complete, in the order of sending. They outlive a
/// connection, and the next connection resends them first, in that order [MQTT-4.4.0-1]. Thread-safe.
/// </summary>
internal sealed class OutWindow(int capacity)
{
    private const int FirstRoom = 4;

    private readonly Lock _lock = new();
    private OutEntry[] _ring = [];
    private int _head;
    private int _count;

    // The number of entries, from the oldest on, that were sent on this connection, and the number of them that are unacknowledged.
    private int _sent;
    private int _unanswered;
    private ushort _lastId;
    private volatile bool _isChanged = true;

    /// <summary>Whether the window has changed since it was saved.</summary>
    public bool IsChanged
    {
        get => _isChanged;
        set => _isChanged = value;
    }

    /// <summary>The number of messages in the window, including messages that were completed before an older message.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>The relay position of the oldest in-flight message; <see cref="RelayPlace.Nothing"/> if there is none.</summary>
    public long OldestPosition
    {
        get
        {
            lock (_lock)
            {
                // Positions are not in the order of sending: a message of a group can be newer or older than the session's own backlog.
                // Retained messages are not in the relay and have no position.
                long oldest = RelayPlace.Nothing;
                for (int index = 0; index < _count; index++)
                {
                    oldest = At(index).State == OutState.Done ? oldest : Math.Min(oldest, At(index).Position);
                }

                return oldest;
            }
        }
    }

    /// <summary>Starts a new connection, on which no message of the window was sent yet.</summary>
    public void BeginConnection()
    {
        lock (_lock)
        {
            _sent = 0;
            _unanswered = 0;
        }
    }

    /// <summary>Returns the next message to resend on this connection, within the client's quota [MQTT-4.9.0-2].</summary>
    public bool TryPeekAgain(int quota, out OutEntry entry)
    {
        lock (_lock)
        {
            while (_sent < _count && At(_sent).State == OutState.Done)
            {
                _sent++;
            }

            bool isThere = _sent < _count && _unanswered < quota;
            entry = isThere ? At(_sent) : default;
            return isThere;
        }
    }

    /// <summary>Marks the message that <see cref="TryPeekAgain"/> returned as sent.</summary>
    public void SentAgain(ushort id)
    {
        lock (_lock)
        {
            // If the message was acknowledged while it was written, it is no longer in the window.
            if (_sent < _count && At(_sent).Id == id)
            {
                _unanswered += At(_sent).State == OutState.Done ? 0 : 1;
                _sent++;
            }
        }
    }

    /// <summary>Takes a free packet identifier, if a new message may be sent now [MQTT-2.2.1-4] [MQTT-3.3.4-9].</summary>
    public bool TryTakeId(int quota, out ushort id)
    {
        lock (_lock)
        {
            id = 0;
            if (_sent < _count || _unanswered >= quota || _count >= capacity)
            {
                return false;
            }

            do
            {
                _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
            }
            while (Find(_lastId) >= 0);

            id = _lastId;
            return true;
        }
    }

    /// <summary>Adds a message that is about to be sent for the first time.</summary>
    public void Add(in OutEntry entry)
    {
        lock (_lock)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            _count++;
            At(_count - 1) = entry;
            _sent++;
            _unanswered++;
            _isChanged = true;
        }
    }

    /// <summary>Restores the in-flight messages of an earlier process, before the first connection.</summary>
    public void Restore(IReadOnlyList<OutEntry> entries)
    {
        lock (_lock)
        {
            // There may be more messages than the current limit allows.
            _ring = new OutEntry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(FirstRoom, entries.Count))];
            _head = 0;
            _count = entries.Count;
            for (int index = 0; index < entries.Count; index++)
            {
                At(index) = entries[index];
                _lastId = entries[index].Id;
            }

            BeginConnection();
        }
    }

    /// <summary>Writes the in-flight messages, in order.</summary>
    public void Write(RecordWriter writer)
    {
        lock (_lock)
        {
            int left = 0;
            for (int index = 0; index < _count; index++)
            {
                left += At(index).State == OutState.Done ? 0 : 1;
            }

            Dictionary<SharedSubscriptionGroup, int>? named = null;
            writer.WriteInt32(left);
            for (int index = 0; index < _count; index++)
            {
                OutEntry entry = At(index);
                if (entry.State != OutState.Done)
                {
                    writer.WriteUInt16(entry.Id);
                    writer.WriteByte((byte)entry.Qos);
                    writer.WriteByte((byte)entry.State);
                    writer.WriteInt64(entry.Position);
                    writer.WriteBytes(entry.RetainedTopic);
                    WriteGroup(writer, entry.Group, ref named);
                }
            }
        }
    }

    /// <summary>Removes all messages, because the session has ended.</summary>
    /// <returns>The messages that were in flight, in order.</returns>
    public List<OutEntry> Clear()
    {
        lock (_lock)
        {
            List<OutEntry> left = [];
            for (int index = 0; index < _count; index++)
            {
                if (At(index).State != OutState.Done)
                {
                    left.Add(At(index));
                }
            }

            _ring = [];
            _head = 0;
            _count = 0;
            BeginConnection();
            return left;
        }
    }

    /// <summary>Applies an acknowledgement of the subscriber.</summary>
    public OutAnswer Answer(PacketType type, in AckPacket answer)
    {
        return Answer(type, answer, out _);
    }

    /// <summary>Applies an acknowledgement of the subscriber and returns the message that it completes.</summary>
    public OutAnswer Answer(PacketType type, in AckPacket answer, out OutEntry done)
    {
        done = default;
        lock (_lock)
        {
            int index = Find(answer.PacketId);
            if (index < 0)
            {
                return OutAnswer.Stray;
            }

            ref OutEntry entry = ref At(index);
            OutAnswer meaning = OutAnswers.Of(type, answer, entry.Qos, isReleased: entry.State == OutState.Released);
            if (meaning == OutAnswer.Release)
            {
                entry = entry with { State = OutState.Released };
                _isChanged = true;
            }

            if (meaning != OutAnswer.Done)
            {
                return meaning;
            }

            done = entry;
            Finish(index);
            return OutAnswer.Done;
        }
    }

    /// <summary>Drops a message that cannot be resent. It counts as acknowledged [MQTT-3.1.2-25].</summary>
    public void GiveUp(ushort id)
    {
        lock (_lock)
        {
            int index = Find(id);
            if (index >= 0)
            {
                Finish(index);
            }
        }
    }

    /// <summary>Writes the name of a group, or a negative number for a name that was written before. Names can be long, and a group often
    /// has several messages in flight.</summary>
    private static void WriteGroup(RecordWriter writer, SharedSubscriptionGroup? group, ref Dictionary<SharedSubscriptionGroup, int>? named)
    {
        if (group is null)
        {
            writer.WriteBytes(default);
        }
        else if (named?.TryGetValue(group, out int number) == true)
        {
            writer.WriteInt32(-number);
        }
        else
        {
            named ??= [];
            named.Add(group, named.Count + 1);
            writer.WriteBytes(group.Name);
        }
    }

    private void Finish(int index)
    {
        ref OutEntry entry = ref At(index);
        entry = entry with { State = OutState.Done };
        _isChanged = true;
        _unanswered -= index < _sent ? 1 : 0;
        while (_count > 0 && At(0).State == OutState.Done)
        {
            At(0) = default;
            _head = (_head + 1) & (_ring.Length - 1);
            _count--;
            _sent = Math.Max(0, _sent - 1);
        }
    }

    private ref OutEntry At(int index)
    {
        return ref _ring[(_head + index) & (_ring.Length - 1)];
    }

    /// <summary>Returns the index of a message. Acknowledgements mostly arrive in order, so the first comparison usually
    /// succeeds.</summary>
    private int Find(ushort id)
    {
        for (int index = 0; index < _count; index++)
        {
            if (At(index).Id == id && At(index).State != OutState.Done)
            {
                return index;
            }
        }

        return -1;
    }

    private void Grow()
    {
        OutEntry[] larger =
            new OutEntry[Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)capacity), Math.Max(FirstRoom, _ring.Length * 2))];
        for (int index = 0; index < _count; index++)
        {
            larger[index] = At(index);
        }

        _ring = larger;
        _head = 0;
    }
}
