using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>
/// Messages that are written but not appended yet, because appending several at once is cheaper. The messages made from one source message
/// are kept or discarded together, and fit in one batch.
/// </summary>
/// <remarks>Grows when a source message yields more output than any before, and allocates nothing else.</remarks>
internal sealed class MessageBuffer<T>
    where T : allows ref struct
{
    private const int MostMessages = 256;
    private const int UsualBytes = 64 * 1024;

    // Upper bounds for the bytes that a batch needs for each message in addition to the message itself, and for the source position.
    private const int MessageOverhead = 24;
    private const int PlaceOverhead = 1024;

    private readonly MessageMaker<T> _maker;
    private readonly int _maxRoutes;
    private readonly int _maxStored;
    private readonly int _leastStored;
    private readonly int _usual;

    // The capacity of a batch in bytes, and the part of it that the messages of the next source message may use.
    private readonly long _room;
    private readonly long _need;
    private byte[] _bytes;
    private int[] _lengths = new int[MostMessages];
    private int _used;
    private int _markedCount;
    private int _markedUsed;

    /// <param name="output">The queue for the messages.</param>
    /// <param name="maker">Creates the messages.</param>
    /// <param name="routes">The maximum number of messages made from one source message.</param>
    /// <exception cref="ArgumentException">A sealed message does not fit in the queue, or the messages made from one source message do not
    /// fit together.</exception>
    public MessageBuffer(EstreamQueue output, MessageMaker<T> maker, int routes = 1)
    {
        _maker = maker;
        _maxRoutes = routes;
        _maxStored = maker.MaxStored;
        _leastStored = maker.LeastStored;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_maxStored, output.MaxMessageBytes, nameof(maker));
        _room = output.MaxMessageBytes - PlaceOverhead;
        if (routes > 1 && Together(routes, _leastStored) > _room)
        {
            throw new ArgumentException(
                $"A message reaches '{output.Directory}' by up to {routes} routes, and its results are appended together: {routes} "
                + $"messages of up to {_leastStored} bytes, but a segment has room for {_room} bytes. "
                + "Create the queue with larger SegmentBytes, reduce the number of routes, or lower 'max_bytes'.", nameof(routes));
        }

        _need = Math.Min(Together(routes, _maxStored), _room);
        _usual = Math.Max(_maxStored, (int)Math.Min(UsualBytes, output.SegmentBytes / 4));

        // If messages state their own maximum length, the buffer grows when they arrive.
        _bytes = new byte[_leastStored < _maxStored ? Math.Min(_usual, UsualBytes) : _usual];
    }

    public int Count { get; private set; }

    public int Bytes => _used;

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>True if there may be no room for the messages of another source message.</summary>
    public bool IsFull =>
        Count >= MostMessages || (Count > 0 && (_usual - _used < _maxStored || _room - Together(Count, 0) - _used < _need));

    /// <summary>Writes the message of an event; the message is in the buffer once it is <see cref="Keep">kept</see>.</summary>
    public ReadOnlySpan<byte> Write(scoped in T item)
    {
        int most = _leastStored < _maxStored ? MostOf(in item) : _maxStored;
        if (_bytes.Length - _used < most)
        {
            Array.Resize(ref _bytes, Math.Max(_used + most, 2 * _bytes.Length));
        }

        Span<byte> place = _bytes.AsSpan(_used, most);
        return place[.._maker.Make(in item, place)];
    }

    public void Keep(int length)
    {
        if (Count == _lengths.Length)
        {
            Array.Resize(ref _lengths, 2 * Count);
        }

        _lengths[Count++] = length;
        _used += length;
    }

    /// <summary>Starts the messages of another source message, after the messages already in the buffer.</summary>
    public void Mark() => (_markedCount, _markedUsed) = (Count, _used);

    /// <summary>Discards the messages written since <see cref="Mark"/>.</summary>
    public void TruncateToMark() => (Count, _used) = (_markedCount, _markedUsed);

    public void CopyTo(in BatchClaim batch)
    {
        int from = 0;
        foreach (int length in _lengths.AsSpan(0, Count))
        {
            batch.Append(_bytes.AsSpan(from, length));
            from += length;
        }
    }

    public void Clear() => (Count, _used, _markedCount, _markedUsed) = (0, 0, 0, 0);

    private static long Together(int messages, int bytesOfEach) => messages * ((long)bytesOfEach + MessageOverhead);

    // Leaves room for the minimum length of each message that the same source message may still yield.
    private int MostOf(scoped in T item)
    {
        int before = Count - _markedCount;
        long left = _room - (_used - _markedUsed) - Together(before + 1, 0) - Together(Math.Max(_maxRoutes - before - 1, 0), _leastStored);
        return (int)Math.Clamp(left, _leastStored, _maker.MaxStoredOf(in item));
    }
}
