using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Stores a value under a key. When the map is full a table of twice the size is made and everything copied, which stops this call
    /// (no reader) for about 100 ns per entry and until the device has the new table; see docs/decisions/0027.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether the key is new; otherwise its value was replaced.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing changed: reading, replacing and removing go on.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Put(in TKey key, in TValue value)
    {
        Table<TKey, TValue> table = Writable();
        if (table.TryLocate(in key, out long bucket, out int slot))
        {
            table.Overwrite(bucket, slot, in value);
            GC.KeepAlive(table);
            return false;
        }

        if (table.Count >= table.EntryLimit)
        {
            table = Replace(table, table.BucketCount * 2, withEntries: true);
        }

        table.Insert(in key, in value);
        GC.KeepAlive(table);
        return true;
    }

    /// <summary>Removes a key with its value. Its room is used again by other keys.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key)
    {
        Table<TKey, TValue> table = Writable();
        if (!table.TryLocate(in key, out long bucket, out int slot))
        {
            return false;
        }

        table.Remove(in key, bucket, slot);
        GC.KeepAlive(table);
        return true;
    }

    /// <summary>Replaces the value of a key if it is, byte by byte, the expected one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What its value must be.</param>
    /// <param name="replacement">What it shall be.</param>
    /// <returns>Whether it was replaced: not if the key is missing or has another value.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="TValue"/> has padding bytes, so that equal values may differ in their bytes.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
    {
        if (_hasPaddedValue)
        {
            ThrowHelper.PaddedValue(typeof(TValue));
        }

        Table<TKey, TValue> table = Writable();
        bool isExpected = table.TryLocate(in key, out long bucket, out int slot) && RawValue.AreEqual(in table.ValueAt(bucket, slot), in expected);
        if (isExpected)
        {
            table.Overwrite(bucket, slot, in replacement);
        }

        GC.KeepAlive(table);
        return isExpected;
    }

    /// <summary>Removes everything at once and goes back to the smallest size. User words stay. Readers see all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full; nothing changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear()
    {
        Table<TKey, TValue> table = Writable();
        Replace(table, MapFormat.MinBuckets, withEntries: false);
        _meta.ForgetHostCrash();
    }

    /// <summary>Sets a user word, by one atomic store. See <see cref="UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        _ = Writable();
        _meta.WriteUserWord(index, value);
    }

    /// <summary>
    /// Writes everything to the device and returns when it is there. What was stored before survives a power cut, unless it is changed
    /// again before the next flush. Costs as long as the device takes for the changed pages: milliseconds and more.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush()
    {
        Table<TKey, TValue> table = Writable();
        FlushOrNoteLoss(() =>
        {
            table.Flush();
            _meta.Flush();
            _opener.SyncNames();
        });
    }

    // The system gives up what it could not write and reports that once. A flush that succeeds later, here or in the next writer, would
    // not know of it; the word in map.meta does.
    private void FlushOrNoteLoss(Action flush)
    {
        try
        {
            flush();
        }
        catch (EstreamStorageException)
        {
            _meta.NoteLoss();
            throw;
        }
    }

    private Table<TKey, TValue> Writable()
    {
        if (IsReadOnly)
        {
            ThrowHelper.ReadOnly(Directory ?? "memory");
        }

        return _table ?? Throw<Table<TKey, TValue>>();
    }

    // A kill before Publish leaves the old table current and a file that the next writer deletes; one after it leaves the new table
    // current and the old file to delete. The two flushes are the same for a power cut: the device never has the number of a table it
    // does not have, and what Flush had returned for is on it all the time, in the one table or the other.
    private Table<TKey, TValue> Replace(Table<TKey, TValue> table, long bucketCount, bool withEntries)
    {
        Table<TKey, TValue> replacement = _opener.CreateTable(table.Generation + 1, bucketCount, table.HashSeed);
        try
        {
            if (withEntries)
            {
                table.CopyTo(replacement);
            }

            replacement.Flush();
            _opener.SyncNames();
        }
        catch
        {
            replacement.Dispose();
            _opener.DeleteTable(replacement.Generation);
            throw;
        }

        _table = replacement;
        _meta.Publish(replacement.Generation);
        table.Retire();
        FlushOrNoteLoss(_meta.Flush);
        _opener.DeleteTable(table.Generation);
        return replacement;
    }
}
