namespace Estream.Streams.Observing;

/// <summary>
/// Traces on their way from the thread of a pipeline to one that looks at them: a ring of slots, one writer, one reader, no locks. A slot
/// that is begun and not kept is given out again; what is kept is seen by the reader once it is published.
/// </summary>
internal sealed class TraceTape
{
    /// <summary>So many traces wait for their reader at most: some half a mebibyte.</summary>
    public const int Capacity = 1024;

    private readonly TraceSlot[] _slots = [.. Enumerable.Range(0, Capacity).Select(static _ => new TraceSlot())];
    private long _kept;
    private long _published;
    private long _read;

    /// <summary>Whether there is something to publish. Of the writer.</summary>
    public bool HasKept => _kept != Volatile.Read(ref _published);

    /// <summary>Whether there is something that was not read, be it published or not. Of any thread.</summary>
    public bool HasUnread => Volatile.Read(ref _kept) != Volatile.Read(ref _read);

    /// <summary>A slot to write in. Of the writer.</summary>
    /// <returns>Null while all wait for the reader.</returns>
    public TraceSlot? TryBegin() => _kept - Volatile.Read(ref _read) < Capacity ? _slots[_kept & (Capacity - 1)] : null;

    /// <summary>The slot that was begun is whole. Of the writer.</summary>
    public void Keep() => Volatile.Write(ref _kept, _kept + 1);

    /// <summary>What was kept and not published comes again. Of the writer.</summary>
    public void Forget() => Volatile.Write(ref _kept, _published);

    /// <summary>Shows what was kept to the reader. Of the writer.</summary>
    /// <param name="now">When it became permanent.</param>
    /// <param name="utcOffset">What is to be added to a time for nanoseconds since 1970 UTC.</param>
    /// <returns>How many traces there were.</returns>
    public long Publish(long now, long utcOffset)
    {
        long published = _published;
        for (long at = published; at < _kept; at++)
        {
            TraceSlot slot = _slots[at & (Capacity - 1)];
            (slot.PermanentAt, slot.UtcOffset) = (now, utcOffset);
        }

        // Release: what is in the slots is seen before the number.
        Volatile.Write(ref _published, _kept);
        return _kept - published;
    }

    /// <summary>The oldest trace that was not read; it is the reader's until <see cref="Release"/>. Of the reader.</summary>
    public TraceSlot? TryRead() => _read < Volatile.Read(ref _published) ? _slots[_read & (Capacity - 1)] : null;

    /// <summary>Gives the slot that was read back. Of the reader.</summary>
    public void Release() => Volatile.Write(ref _read, _read + 1);
}
