using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Stores a value under a key. A map that is full moves into a table of twice the size while it is written: a call moves at most two
    /// stripes of about a thousand entries, some 50 µs each, and no call moves everything; see docs/decisions/0062.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether the key is new; otherwise its value was replaced.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing
    /// changed: reading, replacing and removing go on.</exception>
    /// <exception cref="EstreamLeaseException">Many write, and one of them has been stopped for a minute with a lock in its hand; or all
    /// 256 places are taken. Nothing changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Put(in TKey key, in TValue value)
    {
        if (!SlotSearch<TKey, TValue>.IsEightWords)
        {
            return PutSlow(in key, in value);
        }

        Table<TKey, TValue>? table = _direct;
        return (table is null || !table.TryOverwriteAtHome(table.HomeOf(in key), in key, in value)) && PutCopyElsewhere(key, value);
    }

    /// <summary>Removes a key with its value. Its room is used again by other keys; a map that has become much too large moves into a
    /// smaller table.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="EstreamStorageException">Many write, and a table that another one has made, or a place among the writers, could not
    /// be opened. Nothing changed. One writer needs nothing of storage for this.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key)
    {
        if (_alone is not { } mover)
        {
            return _feed is null ? Many().Remove(in key) : RemoveTold(key);
        }

        Table<TKey, TValue> table = Writable(mover, in key);
        long home = table.HomeOf(in key);
        bool isThere = table.TryLocate(home, in key, out long bucket, out int slot);
        if (isThere)
        {
            table.Remove(home, bucket, slot);
            mover.AfterRemove();
        }

        GC.KeepAlive(table);
        return isThere;
    }

    /// <summary>Replaces the value of a key if it is, byte by byte, the expected one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What its value must be.</param>
    /// <param name="replacement">What it shall be.</param>
    /// <returns>Whether it was replaced: not if the key is missing or has another value.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="TValue"/> has padding bytes, so that equal values may differ in their
    /// bytes.</exception>
    /// <exception cref="EstreamStorageException">Many write, and a table that another one has made, or a place among the writers, could not
    /// be opened. Nothing changed. One writer needs nothing of storage for this.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
    {
        RequireNoPadding();
        if (_alone is not { } mover)
        {
            return _feed is null ? Many().CompareExchange(in key, in expected, in replacement) : CompareExchangeTold(key, in expected, in replacement);
        }

        Table<TKey, TValue> table = Writable(mover, in key);
        return CompareExchangeAt(table, table.HomeOf(in key), in key, in expected, in replacement);
    }

    /// <summary>Removes everything at once and goes back to the smallest size. User words stay. Readers see all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full; nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear()
    {
        RequireWritable();
        if (_mover is { } mover)
        {
            mover.ReplaceByEmpty();
        }
        else
        {
            Many().Clear();
        }

        _meta.ForgetHostCrash();
    }

    /// <summary>Sets a user word, by one atomic store. See <see cref="UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        RequireWritable();
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
        RequireWritable();
        FlushAll(Tables());
    }

    private void FlushAll(TablePair<TKey, TValue> tables) => FlushOrNoteLoss(() =>
    {
        // What is on the device here is there, too: otherwise only the map would know of it after a power cut, and say nothing if it was
        // closed.
        _feed?.Flush();
        FlushTables(tables);
        _opener.Logs.FlushOwed();
        _meta.Flush();
        _opener.SyncNames();
    });

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

    // Copies of eight bytes each, so that in the usual case key and value never need an address and stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool PutCopyElsewhere(TKey key, TValue value) => PutSlow(in key, in value);

    // A new key, or one that is not in its home bucket; or the map moves, has several writers, or somebody is told.
    private bool PutSlow(in TKey key, in TValue value)
    {
        if (_alone is not { } mover)
        {
            return _feed is null ? Many().Put(in key, in value) : PutWithFeed(in key, in value);
        }

        Table<TKey, TValue> table = Writable(mover, in key);
        return PutAt(mover, table, table.HomeOf(in key), in key, in value);
    }

    private static bool PutAt(Mover mover, Table<TKey, TValue> table, long home, in TKey key, in TValue value)
    {
        if (table.TryLocate(home, in key, out long bucket, out int slot))
        {
            table.Overwrite(bucket, slot, in value);
            GC.KeepAlive(table);
            return false;
        }

        if (mover.IsFull(table, home))
        {
            table = mover.MakeRoom(in key);
            home = table.HomeOf(in key);
        }

        table.Insert(home, in key, in value);
        mover.AfterInsert();
        GC.KeepAlive(table);
        return true;
    }

    private static bool CompareExchangeAt(Table<TKey, TValue> table, long home, in TKey key, in TValue expected, in TValue replacement)
    {
        bool isExpected = table.TryLocate(home, in key, out long bucket, out int slot) && RawValue.AreEqual(in table.ValueAt(bucket, slot), in expected);
        if (isExpected)
        {
            table.Overwrite(bucket, slot, in replacement);
        }

        GC.KeepAlive(table);
        return isExpected;
    }

    // What was moved counts as moved for a power cut only when it is on the device: see docs/formats/map.md.
    private void FlushTables(TablePair<TKey, TValue> tables)
    {
        if (tables.Next is { } next)
        {
            IReadOnlyList<long> moved = tables.Current.MovesNotOnDevice();
            FlushNext(next);
            if (!_meta.WasRefused(next.Generation))
            {
                tables.Current.MarkMovesOnDevice(moved);
            }
        }

        tables.Current.Flush();
    }

    private void FlushNext(Table<TKey, TValue> next)
    {
        try
        {
            next.Flush();
        }
        catch (EstreamStorageException)
        {
            _meta.NoteRefused(next.Generation);
            throw;
        }
    }

    /// <summary>The table in which a key is to be changed.</summary>
    private Table<TKey, TValue> Writable(Mover mover, in TKey key)
    {
        if (_table is null)
        {
            ThrowHelper.Disposed();
        }

        return mover.IsMoving ? mover.MoveFor(in key) : _table!;
    }

    // Not the one writer: one of several, or none.
    private ManyWriters Many()
    {
        RequireWritable();
        return _many!;
    }

    internal void RequireNoPadding()
    {
        if (_hasPaddedValue)
        {
            ThrowHelper.PaddedValue(typeof(TValue));
        }
    }

    internal void RequireWritable()
    {
        if (IsReadOnly)
        {
            ThrowHelper.ReadOnly(Directory ?? "memory");
        }

        if (_table is null)
        {
            ThrowHelper.Disposed();
        }
    }
}
