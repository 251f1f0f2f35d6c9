using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// A write-ahead log of one batch: enough for another writer to apply all changes after the death of its owner. Each writer slot has one.
/// Only its owner writes it, and only while it is empty.
/// </summary>
internal sealed class BatchLog<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly MemoryRegion _region;
    private readonly RegionSpan _span;
    private readonly string _path;

    private BatchLog(MemoryRegion region, string path)
    {
        _region = region;
        _span = region.All;
        _path = path;
        Capacity = (int)Math.Min(BatchLayout.MaxEntries, (_span.Length - BatchLayout.HeaderBytes) / BatchEntry<TKey, TValue>.Bytes);
    }

    ~BatchLog() => _region.Dispose();

    /// <summary>The maximum number of changes.</summary>
    public int Capacity { get; }

    public long Generation => _span.ReadInt64(BatchLayout.Generation);

    public long MapEpoch => _span.ReadInt64(BatchLayout.MapEpoch);

    /// <summary>The owner of the batch that is being applied; <see cref="OwnerWord.Nobody"/> if there is none. Acquire: the contents of the
    /// log are read after it.</summary>
    public long Owner
    {
        get
        {
            long owner = _span.ReadInt64Acquire(BatchLayout.Committed);
            GC.KeepAlive(this);
            return owner;
        }
    }

    /// <summary>The current state of the log, for a reader. Reads the turn first, so that a commit or an end in between shows in the next
    /// turn.</summary>
    public BatchLogSnapshot Now
    {
        get
        {
            long turn = _span.ReadInt64Acquire(BatchLayout.Turn);
            return new BatchLogSnapshot(turn, Owner);
        }
    }

    /// <summary>Whether readers of several keys know of this log.</summary>
    public bool IsAnnounced => _span.ReadInt64Acquire(BatchLayout.Announced) != 0;

    /// <summary>Whether feed intents of stripes may refer to this log.</summary>
    public bool HasFeedIntents => _span.ReadInt64Acquire(BatchLayout.HasFeedIntents) != 0;

    public static long BytesFor(int capacity) => BatchEntry<TKey, TValue>.OffsetOf(capacity);

    /// <summary>Creates a log in zeroed memory.</summary>
    public static BatchLog<TKey, TValue> Initialize(MemoryRegion region, string path, ulong hashSeed)
    {
        RegionSpan span = region.All;
        span.WriteInt32(BatchLayout.Version, MapFormat.Version);
        span.WriteInt32(BatchLayout.EntryBytes, BatchEntry<TKey, TValue>.Bytes);
        span.WriteInt64(BatchLayout.HashSeed, (long)hashSeed);

        // Stored last, with a release: a log whose creation was interrupted has no magic.
        span.WriteInt64Release(BatchLayout.Magic, BatchLayout.MagicValue);
        return new BatchLog<TKey, TValue>(region, path);
    }

    /// <summary>Takes over the region of an existing log.</summary>
    /// <returns><see langword="null"/> for a log whose creation was interrupted.</returns>
    public static BatchLog<TKey, TValue>? Open(MemoryRegion region, string path, ulong hashSeed)
    {
        RegionSpan span = region.All;
        if (span.Length < BatchLayout.HeaderBytes || span.ReadInt64Acquire(BatchLayout.Magic) == 0)
        {
            region.Dispose();
            return null;
        }

        bool isOfThisMap = span.ReadInt64(BatchLayout.Magic) == BatchLayout.MagicValue
            && span.ReadInt32(BatchLayout.Version) == MapFormat.Version
            && span.ReadInt32(BatchLayout.EntryBytes) == BatchEntry<TKey, TValue>.Bytes
            && span.ReadInt64(BatchLayout.HashSeed) == (long)hashSeed;
        if (!isOfThisMap)
        {
            region.Dispose();
            throw Damaged(path, BatchLayout.Magic, "its header does not belong to a batch log of this map");
        }

        return new BatchLog<TKey, TValue>(region, path);
    }

    /// <summary>Writes the changes of a batch to the empty log.</summary>
    public void Write(BatchPlan<TKey, TValue> plan, long generation, long mapEpoch)
    {
        // The end of the previous batch is stored before any byte of this one: a reader that got one of these bytes sees that end.
        Volatile.WriteBarrier();
        int count = 0;
        for (int index = 0; index < plan.Count; index++)
        {
            if (plan.OutcomeOf(index) != EntryOutcome.Keep)
            {
                WriteEntry(count++, plan, index);
            }
        }

        _span.WriteInt64(BatchLayout.Generation, generation);
        _span.WriteInt64(BatchLayout.MapEpoch, mapEpoch);
        _span.WriteInt32(BatchLayout.Count, count);
        _span.WriteInt32(BatchLayout.Checksum, ComputeChecksum(count));
        GC.KeepAlive(this);
    }

    /// <summary>Commits the batch: from here on any writer completes it. Release: the whole batch and the turn are stored before the
    /// word.</summary>
    public void Commit(long owner)
    {
        NextTurn();
        SetWord(BatchLayout.Committed, owner);
    }

    /// <summary>Ends the applied batch; release. Increments the turn as well: a reader that saw the turn of the commit but not
    /// yet its word sees another turn after the end.</summary>
    public void End()
    {
        NextTurn();
        SetWord(BatchLayout.Committed, OwnerWord.Nobody);
    }

    /// <summary>Whether no batch was committed or ended since the given state was read. Call it after a read barrier.</summary>
    public bool IsUnchangedSince(BatchLogSnapshot moment)
    {
        // The owner is read first: a later batch increments the turn before it stores an equal owner, at its commit or its end. Both are
        // always read: the earlier state may contain the turn of a commit whose owner was not stored yet.
        bool isSameOwner = Owner == moment.Owner;
        bool isSameTurn = _span.ReadInt64Acquire(BatchLayout.Turn) == moment.Turn;
        GC.KeepAlive(this);
        return isSameOwner && isSameTurn;
    }

    /// <summary>Records that readers of several keys know of this log; release.</summary>
    public void Announce() => SetWord(BatchLayout.Announced, 1);

    /// <summary>Sets whether feed intents of stripes refer to this log; release.</summary>
    public void SetHasFeedIntents(bool hasFeedIntents) => SetWord(BatchLayout.HasFeedIntents, hasFeedIntents ? 1 : 0);

    /// <summary>Returns the number of changes, after checking the log.</summary>
    /// <exception cref="EstreamCorruptionException">The log is damaged.</exception>
    public int RequireWhole() =>
        IsWhole(out int count) ? count : throw Damaged(_path, BatchLayout.Checksum, "the checksum of its batch does not match");

    public bool IsWhole(out int count)
    {
        count = _span.ReadInt32(BatchLayout.Count);
        bool isWhole = count >= 0 && count <= Capacity && _span.ReadInt32(BatchLayout.Checksum) == ComputeChecksum(count);
        GC.KeepAlive(this);
        return isWhole;
    }

    public void Flush() => _region.Flush(0, _region.Length);

    public EntryOutcome OutcomeAt(int index)
    {
        int kind = _span.ReadInt32(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchLayout.KindOffset);
        return kind == BatchLayout.KindPut ? EntryOutcome.Put : EntryOutcome.Remove;
    }

    public ref readonly TKey KeyAt(int index) =>
        ref _span.ReadOnlyAt<TKey>(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchLayout.KeyOffset);

    public ref readonly TValue ValueAt(int index) =>
        ref _span.ReadOnlyAt<TValue>(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchEntry<TKey, TValue>.ValueOffset);

    public EstreamCorruptionException OfAnotherTable(long generation) =>
        Damaged(_path, BatchLayout.Generation, $"its batch belongs to table {Generation}, but its locks are in table {generation}");

    public void Dispose()
    {
        _region.Dispose();
        GC.SuppressFinalize(this);
    }

    private void WriteEntry(int place, BatchPlan<TKey, TValue> plan, int index)
    {
        long offset = BatchEntry<TKey, TValue>.OffsetOf(place);
        bool isPut = plan.OutcomeOf(index) == EntryOutcome.Put;
        _span.WriteInt64(offset + BatchLayout.KindOffset, isPut ? BatchLayout.KindPut : BatchLayout.KindRemove);
        _span.At<TKey>(offset + BatchLayout.KeyOffset) = plan.KeyOf(index);
        if (isPut)
        {
            _span.At<TValue>(offset + BatchEntry<TKey, TValue>.ValueOffset) = plan.ValueOf(index);
        }
    }

    // Only the owner calls this. The caller then stores the committed word with a release.
    private void NextTurn() => _span.WriteInt64(BatchLayout.Turn, _span.ReadInt64(BatchLayout.Turn) + 1);

    private void SetWord(int offset, long value)
    {
        _span.WriteInt64Release(offset, value);
        GC.KeepAlive(this);
    }

    private int ComputeChecksum(int count)
    {
        uint head = Crc32C.Compute(_span.ReadOnlySpan(BatchLayout.Generation, BatchLayout.Checksum - BatchLayout.Generation));
        return (int)Crc32C.Append(head, _span.ReadOnlySpan(BatchLayout.HeaderBytes, count * BatchEntry<TKey, TValue>.Bytes));
    }

    private static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. Restore the map from a copy, or delete its directory and rebuild it from its queue.", path,
            offset);
}
