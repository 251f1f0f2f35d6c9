using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Messages that are written and not appended yet: a few at once are cheaper.</summary>
internal sealed class MessageBuffer<T>
    where T : allows ref struct
{
    private const int MostMessages = 256;
    private const int UsualBytes = 64 * 1024;

    private readonly MessageMaker<T> _maker;
    private readonly int _maxStored;
    private readonly byte[] _bytes;
    private readonly int[] _lengths = new int[MostMessages];
    private int _used;

    /// <param name="output">The queue they are for.</param>
    /// <param name="maker">Makes one.</param>
    /// <exception cref="ArgumentException">A message does not fit in the queue when it is sealed.</exception>
    public MessageBuffer(EstreamQueue output, MessageMaker<T> maker)
    {
        _maker = maker;
        _maxStored = maker.MaxStored;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_maxStored, output.MaxMessageBytes, nameof(maker));
        _bytes = new byte[Math.Max(_maxStored, (int)Math.Min(UsualBytes, output.SegmentBytes / 4))];
    }

    public int Count { get; private set; }

    public int Bytes => _used;

    /// <summary>Bytes of memory it takes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Whether there may be no room for another one.</summary>
    public bool IsFull => Count == MostMessages || _bytes.Length - _used < _maxStored;

    /// <summary>Writes the message an event becomes, which counts when it is <see cref="Keep">kept</see>.</summary>
    public ReadOnlySpan<byte> Write(scoped in T item)
    {
        Span<byte> place = _bytes.AsSpan(_used, _maxStored);
        return place[.._maker.Make(in item, place)];
    }

    public void Keep(int length)
    {
        _lengths[Count++] = length;
        _used += length;
    }

    public void CopyTo(in BatchClaim batch)
    {
        int from = 0;
        foreach (int length in _lengths.AsSpan(0, Count))
        {
            batch.Append(_bytes.AsSpan(from, length));
            from += length;
        }
    }

    public void Clear() => (Count, _used) = (0, 0);
}
