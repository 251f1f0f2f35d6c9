namespace Estream.Net.Feeds.Internal;

/// <summary>A ring of messages that wait for an earlier message. Each sequence number of the window has a slot. Not thread-safe.</summary>
internal sealed class FeedWindow(int slots, int slotBytes)
{
    private const int Free = -1;

    private readonly byte[] _bytes = new byte[slots * slotBytes];
    private readonly int[] _lengths = CreateLengths(slots);
    private readonly byte[] _feeds = new byte[slots];

    /// <summary>The number of messages.</summary>
    public int Count { get; private set; }

    /// <summary>The number of sequence numbers.</summary>
    public int Slots => slots;

    /// <summary>Whether the window contains a message. The number must be in the window.</summary>
    public bool Has(long sequence) => _lengths[SlotOf(sequence)] != Free;

    /// <summary>Copies a message into the window, unless the window contains it.</summary>
    /// <returns>False if the window contains the message.</returns>
    public bool TryAdd(long sequence, int feed, ReadOnlySpan<byte> message)
    {
        int slot = SlotOf(sequence);
        if (_lengths[slot] != Free)
        {
            return false;
        }

        message.CopyTo(_bytes.AsSpan(slot * slotBytes, slotBytes));
        (_lengths[slot], _feeds[slot]) = (message.Length, (byte)feed);
        Count++;
        return true;
    }

    /// <summary>Removes a message, if the window contains it.</summary>
    /// <returns>False if the window does not contain the message.</returns>
    public bool Remove(long sequence)
    {
        ref int length = ref _lengths[SlotOf(sequence)];
        if (length == Free)
        {
            return false;
        }

        length = Free;
        Count--;
        return true;
    }

    /// <summary>Removes a message and returns it. The bytes are valid until the next call of <see cref="TryAdd"/>.</summary>
    public bool TryTake(long sequence, out FeedMessage message)
    {
        int slot = SlotOf(sequence);
        int length = _lengths[slot];
        if (!Remove(sequence))
        {
            message = default;
            return false;
        }

        message = new FeedMessage(sequence, _feeds[slot], _bytes.AsSpan(slot * slotBytes, length));
        return true;
    }

    public void Clear()
    {
        _lengths.AsSpan().Fill(Free);
        Count = 0;
    }

    private int SlotOf(long sequence) => (int)(sequence & (slots - 1));

    private static int[] CreateLengths(int slots)
    {
        int[] lengths = new int[slots];
        lengths.AsSpan().Fill(Free);
        return lengths;
    }
}
