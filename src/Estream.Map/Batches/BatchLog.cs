using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The changes of one batch, written before the first of them is made: enough for whoever comes after the death of its owner to make all of
/// them. There is one for each place among the writers, which its owner alone writes, and only while no batch is in it.
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

    /// <summary>How many changes it takes.</summary>
    public int Capacity { get; }

    public long Generation => _span.ReadInt64(BatchLayout.Generation);

    public long MapEpoch => _span.ReadInt64(BatchLayout.MapEpoch);

    /// <summary>Who is applying the batch, or had been; nobody when there is none. Acquire: what is in the log is read behind it.</summary>
    public long Owner
    {
        get
        {
            long owner = _span.ReadInt64Acquire(BatchLayout.Committed);
            GC.KeepAlive(this);
            return owner;
        }
    }

    /// <summary>What it says now to who only looks: the turn first, so that a batch that is committed, or ends, in between is seen by the
    /// turn that follows.</summary>
    public BatchMoment Now
    {
        get
        {
            long turn = _span.ReadInt64Acquire(BatchLayout.Turn);
            return new BatchMoment(turn, Owner);
        }
    }

    /// <summary>Whether those who read several keys have been told that there is this log.</summary>
    public bool IsAnnounced => _span.ReadInt64Acquire(BatchLayout.Announced) != 0;

    /// <summary>Whether stripes may owe to the change feed what the log says.</summary>
    public bool IsOwing => _span.ReadInt64Acquire(BatchLayout.Owing) != 0;

    public static long BytesFor(int capacity) => BatchEntry<TKey, TValue>.OffsetOf(capacity);

    /// <summary>Makes a log in fresh zeroed memory.</summary>
    public static BatchLog<TKey, TValue> Initialize(MemoryRegion region, string path, ulong hashSeed)
    {
        RegionSpan span = region.All;
        span.WriteInt32(BatchLayout.Version, MapFormat.Version);
        span.WriteInt32(BatchLayout.EntryBytes, BatchEntry<TKey, TValue>.Bytes);
        span.WriteInt64(BatchLayout.HashSeed, (long)hashSeed);

        // Release, and last: a log whose making was cut off has none.
        span.WriteInt64Release(BatchLayout.Magic, BatchLayout.MagicValue);
        return new BatchLog<TKey, TValue>(region, path);
    }

    /// <summary>Takes over the region of an existing log.</summary>
    /// <returns><see langword="null"/> for one whose making was cut off.</returns>
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
            throw Damaged(path, BatchLayout.Magic, "its header is not that of a batch of this map");
        }

        return new BatchLog<TKey, TValue>(region, path);
    }

    /// <summary>Writes what a batch is going to change in a table, where nothing is committed now.</summary>
    public void Write(BatchPlan<TKey, TValue> plan, long generation, long mapEpoch)
    {
        // The end of the batch before is stored before any byte of this one: who reads several keys and got one of them sees that.
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

    /// <summary>From here on the batch is made, by whomever. Release: everything of it is stored before the word, and so is that there was
    /// another one.</summary>
    public void Commit(long owner)
    {
        NextTurn();
        SetWord(BatchLayout.Committed, owner);
    }

    /// <summary>All of it is made, release. A turn as well: who looked when the commit had its turn and not yet its word finds another one
    /// behind the end.</summary>
    public void End()
    {
        NextTurn();
        SetWord(BatchLayout.Committed, OwnerWord.Nobody);
    }

    /// <summary>Whether it is as it was: no batch was committed since, and none ended. Call it behind a read barrier.</summary>
    public bool IsStill(BatchMoment moment)
    {
        // The word first: one that looks the same and is of a later batch, or of none, comes behind its turn. And always: a commit may have
        // had its turn already when the moment was taken.
        bool isSameOwner = Owner == moment.Owner;
        bool isSameTurn = _span.ReadInt64Acquire(BatchLayout.Turn) == moment.Turn;
        GC.KeepAlive(this);
        return isSameOwner && isSameTurn;
    }

    /// <summary>Notes that those who read several keys have been told of this log, release.</summary>
    public void Announce() => SetWord(BatchLayout.Announced, 1);

    /// <summary>Says whether stripes owe what the log says, release.</summary>
    public void NoteOwing(bool isOwing) => SetWord(BatchLayout.Owing, isOwing ? 1 : 0);

    /// <summary>The number of changes, checked.</summary>
    /// <exception cref="EstreamCorruptionException">The log is not what its owner wrote.</exception>
    public int RequireWhole() => IsWhole(out int count) ? count : throw Damaged(_path, BatchLayout.Checksum, "the checksum of its batch does not match");

    public bool IsWhole(out int count)
    {
        count = _span.ReadInt32(BatchLayout.Count);
        bool isWhole = count >= 0 && count <= Capacity && _span.ReadInt32(BatchLayout.Checksum) == ComputeChecksum(count);
        GC.KeepAlive(this);
        return isWhole;
    }

    public void Flush() => _region.Flush(0, _region.Length);

    public EntryOutcome OutcomeAt(int index) =>
        _span.ReadInt32(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchLayout.KindOffset) == BatchLayout.KindPut ? EntryOutcome.Put : EntryOutcome.Remove;

    public ref readonly TKey KeyAt(int index) => ref _span.ReadOnlyAt<TKey>(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchLayout.KeyOffset);

    public ref readonly TValue ValueAt(int index) => ref _span.ReadOnlyAt<TValue>(BatchEntry<TKey, TValue>.OffsetOf(index) + BatchEntry<TKey, TValue>.ValueOffset);

    public EstreamCorruptionException OfAnotherTable(long generation) =>
        Damaged(_path, BatchLayout.Generation, $"its batch is of table {Generation} and its locks are in table {generation}");

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

    // By the one who alone may write the log now. The word behind it is a release.
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
        new($"'{path}' is damaged: {what}. Restore the map from a copy, or delete its directory and rebuild it from its queue.", path, offset);
}
