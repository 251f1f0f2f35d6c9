using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>
    /// Stores a value under a key. Costs the copy, and in proportion to it a part of the work of moving other entries together: no call
    /// moves everything.
    /// </summary>
    /// <param name="key">0 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <returns>Whether the key is new; otherwise its value was replaced.</returns>
    /// <exception cref="EstreamStorageException">Another file was needed and the disk is full, or the device reported an error. Nothing
    /// changed: reading and removing go on.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isNew = !Writable(key, value).Put(key, value, mayReplace: true);
        GC.KeepAlive(this);
        return isNew;
    }

    /// <summary>Stores a value under a key that is not there yet.</summary>
    /// <param name="key">0 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <returns>Whether it was stored: not if the key is there.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isNew = !Writable(key, value).Put(key, value, mayReplace: false);
        GC.KeepAlive(this);
        return isNew;
    }

    /// <summary>Removes a key with its value. The space is used again.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        bool isRemoved = Writable(key, default).Remove(key);
        GC.KeepAlive(this);
        return isRemoved;
    }

    /// <summary>Replaces the value of a key if it is, byte by byte, the expected one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What its value must be.</param>
    /// <param name="replacement">What it shall be.</param>
    /// <returns>Whether it was replaced: not if the key is missing or has another value.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> replacement)
    {
        bool isReplaced = Writable(key, replacement).CompareExchange(key, expected, replacement);
        GC.KeepAlive(this);
        return isReplaced;
    }

    /// <summary>Removes everything at once and goes back to the smallest size. User words stay. Readers see all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error; all entries are there or
    /// none.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear()
    {
        EntryStore entries = Writable(default, default);
        entries.PublishClear();
        _compactor!.Abort();
        try
        {
            _index.Clear();
            _meta.HasHostCrashed = false;
        }
        finally
        {
            if (_index.Count == 0)
            {
                _meta.SetCollisions(0, isChanging: false);
                entries.ClearFeedIntent();
                _stamps?.StartOver();
                _heap!.GiveUpAll();
            }
        }
    }

    /// <summary>Sets a user word, by one atomic store. Everything written to the map before is seen by whoever sees the word.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value)
    {
        _ = Writable(default, default);
        _index.SetUserWord(index, value);
    }

    /// <summary>
    /// Writes everything to the device and returns when it is there. What was stored before survives a power cut, unless it is changed
    /// again before the next flush. Costs as long as the device takes for the changed pages: milliseconds and more.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush()
    {
        _ = Writable(default, default);
        try
        {
            FlushAll(withHeads: false);
        }
        catch (EstreamStorageException)
        {
            _meta.HasHostCrashed = true;
            throw;
        }
    }

    /// <summary>
    /// Moves all entries together now, so that the files have little more than the bytes in use. Nobody needs to call it: writing does the
    /// same bit by bit as far as it is worth it. Goes through the whole map: some 100 ns an entry, and the copies.
    /// </summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error. All entries are there.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Compact()
    {
        Writable(default, default).ResolveFeedIntent();
        _compactor!.Run();
    }

    // Blocks before the references that lead to them.
    private void FlushAll(bool withHeads)
    {
        // What a power cut finds here has been told where it does not get to it.
        _entries!.FlushFeed();
        List<FlushRange> ranges = _heap!.Dirty(withHeads);
        foreach (FlushRange range in ranges)
        {
            range.Flush();
        }

        Heap.NoteFlushed(ranges);
        _meta.Flush();
        _source.SyncNames();
        _index.Flush();
    }

    /// <summary>
    /// Makes a batch: changes of several keys that happen wholly or not at all, if what it requires is so. It is filled, committed, and
    /// filled again.
    /// </summary>
    /// <param name="capacity">How many keys it takes, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <remarks>Programs older than batches refuse the map from then on, for reading too.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for batches are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public ByteMapBatch CreateBatch(int capacity = 16)
    {
        _ = Writable(default, default);
        return new ByteMapBatch(this, NewPlan(capacity, out MapBatch<nuint, nuint> references), references);
    }

    internal ByteBatchPlan NewPlan(int capacity, out MapBatch<nuint, nuint> references)
    {
        references = _index.CreateBatch(capacity);
        return new ByteBatchPlan(capacity, _hash);
    }

    internal bool Commit(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        bool isDone = Writable(default, default).Commit(plan, references);
        GC.KeepAlive(this);
        return isDone;
    }

    internal bool CommitVersioned(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        bool isDone = WritableVersions(default, default).Commit(plan, references);
        GC.KeepAlive(this);
        return isDone;
    }

    internal VersionedEntryStore WritableVersions(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _ = Writable(key, value);
        if (value.Length > VersionedByteMap.MaxValueBytes)
        {
            HeapErrors.ValueTooLong(value.Length);
        }

        return _stamps!;
    }

    private EntryStore Writable(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_isDisposed)
        {
            HeapErrors.Disposed();
        }

        if (_entries is null)
        {
            HeapErrors.ReadOnly(Place);
        }

        HeapErrors.RequireLengths(key, value, MaxValueBytes);
        return _entries;
    }
}
