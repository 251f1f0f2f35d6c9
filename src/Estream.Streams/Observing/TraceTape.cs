namespace Estream.Streams.Observing;

/// <summary>
/// A ring of trace slots from the thread of a pipeline to a reading thread: one writer, one reader, no locks. A slot that is begun but not
/// kept is reused; kept slots become visible to the reader when they are published.
/// </summary>
internal sealed class TraceTape
{
    /// <summary>The maximum number of traces that wait for the reader; they take about half a mebibyte.</summary>
    public const int Capacity = 1024;

    private readonly TraceSlot[] _slots = [.. Enumerable.Range(0, Capacity).Select(static _ => new TraceSlot())];
    private long _kept;
    private long _published;
    private long _read;

    /// <summary>True if there are kept traces to publish. For the writer.</summary>
    public bool HasKept => _kept != Volatile.Read(ref _published);

    /// <summary>True if there are unread traces, published or not. For any thread.</summary>
    public bool HasUnread => Volatile.Read(ref _kept) != Volatile.Read(ref _read);

    /// <summary>Returns a slot to write in. For the writer.</summary>
    /// <returns>Null while all slots wait for the reader.</returns>
    public TraceSlot? TryBegin() => _kept - Volatile.Read(ref _read) < Capacity ? _slots[_kept & (Capacity - 1)] : null;

    /// <summary>Keeps the slot that was begun, whose trace is complete. For the writer.</summary>
    public void Keep() => Volatile.Write(ref _kept, _kept + 1);

    /// <summary>Discards kept traces that were not published; their messages are read again. For the writer.</summary>
    public void Forget() => Volatile.Write(ref _kept, _published);

    /// <summary>Publishes the kept traces to the reader. For the writer.</summary>
    /// <param name="now">The time at which the results were committed.</param>
    /// <param name="utcOffset">The offset from a monotonic time to nanoseconds since 1970 UTC.</param>
    /// <returns>The number of traces published.</returns>
    public long Publish(long now, long utcOffset)
    {
        long published = _published;
        for (long at = published; at < _kept; at++)
        {
            TraceSlot slot = _slots[at & (Capacity - 1)];
            (slot.PermanentAt, slot.UtcOffset) = (now, utcOffset);
        }

        // Release: the reader sees the contents of the slots before it sees the new count.
        Volatile.Write(ref _published, _kept);
        return _kept - published;
    }

    /// <summary>Returns the oldest unread trace, which belongs to the reader until <see cref="Release"/>. For the reader.</summary>
    public TraceSlot? TryRead() => _read < Volatile.Read(ref _published) ? _slots[_read & (Capacity - 1)] : null;

    /// <summary>Releases the slot that was read. For the reader.</summary>
    public void Release() => Volatile.Write(ref _read, _read + 1);
}
