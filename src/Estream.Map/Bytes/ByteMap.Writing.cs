using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>
    /// Stores a value under a key. Costs the copy, and a part of the compaction of other entries in proportion to the copied bytes: no call
    /// compacts the whole map.
    /// </summary>
    /// <param name="key">The key, 0 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">The value, 0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <returns>Whether the key is new; otherwise its value was replaced.</returns>
    /// <exception cref="EstreamStorageException">Another file was needed, and the disk is full or the device reported an error. Nothing
    /// changed; reading and removing still work.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isNew = !Writable(key, value).Put(key, value, mayReplace: true);
        GC.KeepAlive(this);
        return isNew;
    }

    /// <summary>Stores a value under a key that the map does not have.</summary>
    /// <param name="key">The key, 0 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">The value, 0 to <see cref="MaxValueBytes"/> bytes.</param>
    /// <returns>Whether it was stored; false if the map has the key.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isNew = !Writable(key, value).Put(key, value, mayReplace: false);
        GC.KeepAlive(this);
        return isNew;
    }

    /// <summary>Removes a key with its value. The space is reused.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether the map had the key.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        bool isRemoved = Writable(key, default).Remove(key);
        GC.KeepAlive(this);
        return isRemoved;
    }

    /// <summary>Replaces the value of a key if it equals the expected value, byte by byte.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The value the key must have.</param>
    /// <param name="replacement">The new value.</param>
    /// <returns>Whether the value was replaced; false if the key is missing or has another value.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> replacement)
    {
        bool isReplaced = Writable(key, replacement).CompareExchange(key, expected, replacement);
        GC.KeepAlive(this);
        return isReplaced;
    }

    /// <summary>Removes all entries at once and returns to the smallest size. User words stay. Readers see all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error; the map has all entries or
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

    /// <summary>Sets a user word, by one atomic store. A reader of the word sees everything written to the map before the word.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value)
    {
        _ = Writable(default, default);
        _index.SetUserWord(index, value);
    }

    /// <summary>
    /// Flushes everything and returns when it is durable. Earlier changes then survive a power cut, unless they are overwritten before the
    /// next flush. Takes as long as the device takes for the changed pages: milliseconds and more.
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
    /// Compacts the whole map now, so that the files have little more than the bytes in use. Not required: writes compact the map
    /// gradually, as far as it is worthwhile. Seals the entries of an encrypted map that have an older key with the current key, and erases
    /// older keys. Goes through the whole map: about 100 ns an entry, and the copies.
    /// </summary>
    /// <exception cref="EstreamStorageException">The disk is full, or the device reported an error. No entry is lost.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Compact()
    {
        Writable(default, default).ResolveFeedIntent();
        _compactor!.Run();
        _keys?.Erase(_heap!.KeyGenerations);
    }

    // Flushes blocks before the references that lead to them.
    private void FlushAll(bool withHeads)
    {
        // The feed is flushed first, so that it durably has every change that a power cut leaves in the map.
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
    /// Creates a batch: changes of several keys that are applied atomically, if its requirements are met. The batch can be filled and
    /// committed again and again.
    /// </summary>
    /// <param name="capacity">The maximum number of keys in the batch, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <remarks>Programs that do not know batches refuse the map from then on, even for reading.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 slots for batches are taken.</exception>
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
