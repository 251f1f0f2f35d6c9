using Estream.Queue;

namespace Estream.Simulation.Scenarios;

/// <summary>The appended messages: those that must exist, and all payloads ever appended at a position, because a power cut can restore an
/// old message.</summary>
internal sealed class QueueModel
{
    private readonly List<(long Position, byte[] Payload)> _messages = [];
    private readonly Dictionary<(long Position, long Sequence), List<byte[]>> _ever = [];
    private readonly Dictionary<int, long> _times = [];
    private int _made;

    public int Count => _messages.Count;

    /// <summary>The number of the first message after the last power cut. The queue cannot tell whether earlier messages were lost or
    /// deleted by retention.</summary>
    public long FirstKept { get; set; }

    /// <summary>Returns a payload that no other message has. The payload looks like frames as far as possible, because its remains under a
    /// later message must not be read as a frame.</summary>
    public byte[] Payload(int length)
    {
        byte[] payload = new byte[length];
        _made++;
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)(i % 8 == 0 ? 16 + ((_made * 8) & 0x78) : i % 8 == 4 ? _made : i % 8 == 5 ? _made >> 8 : 0);
        }

        return payload;
    }

    /// <param name="position">The position of the message.</param>
    /// <param name="payload">The bytes of the message.</param>
    /// <param name="time">The time of the clock.</param>
    public void Add(long position, byte[] payload, long time)
    {
        (long Position, long Sequence) key = (position, _messages.Count);
        if (!_ever.TryGetValue(key, out List<byte[]>? payloads))
        {
            _ever.Add(key, payloads = []);
        }

        payloads.Add(payload);
        _times[_messages.Count] = time;
        _messages.Add((position, payload));
    }

    /// <summary>Returns the time of the clock when a message was appended; unknown for a message that a power cut restored.</summary>
    public long TimeOf(int sequence) => _times[sequence];

    public long PositionOf(int sequence) => _messages[sequence].Position;

    /// <summary>Checks the answer of a reader whose next message is number <paramref name="sequence"/>.</summary>
    public void CheckNext(bool isThere, QueueMessage message, int sequence)
    {
        Check.That(isThere == sequence < Count,
            isThere ? $"message {sequence} was never appended" : $"message {sequence} of {Count} is missing");
        if (isThere)
        {
            Check.That(message.Sequence == sequence, $"message {message.Sequence} came, {sequence} was due");
            Check.That(message.Position == _messages[sequence].Position,
                $"message {sequence} is at {message.Position}, it was appended at {_messages[sequence].Position}");
            Check.That(message.Payload.SequenceEqual(_messages[sequence].Payload), $"message {sequence} differs");
        }
    }

    /// <summary>Checks the messages that a queue reports as whole after a power cut: each was once appended at its position.</summary>
    public void CheckWhole(EstreamQueue queue, long count)
    {
        using QueueTailer tailer = queue.CreateTailer();
        for (long i = 0; i < count; i++)
        {
            Check.That(tailer.TryRead(out QueueMessage message), $"{count} messages are called whole, {i} can be read");
            byte[] payload = message.Payload.ToArray();
            bool wasAppended = _ever.TryGetValue((message.Position, message.Sequence), out List<byte[]>? payloads)
                && payloads.Exists(p => p.AsSpan().SequenceEqual(payload));
            Check.That(wasAppended, $"message {message.Sequence} at {message.Position} is called whole and was never appended so");
            if (message.Sequence < Count)
            {
                _messages[(int)message.Sequence] = (message.Position, payload);
            }
            else
            {
                // A message from before an earlier power cut that appears again: it is whole, but was not in the last state of the queue.
                _messages.Add((message.Position, payload));
            }
        }
    }

    /// <summary>Whether the power was cut. The writer continues in the truncated segment. After a second power cut, whole messages from
    /// before the first power cut may therefore follow messages from after it.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Removes the messages from number <paramref name="sequence"/> on, which a power cut has lost.</summary>
    public void GoOnFrom(long sequence)
    {
        WasCut = true;
        _messages.RemoveRange((int)sequence, _messages.Count - (int)sequence);
    }
}
