using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Stores a value under a key. A full map migrates into a table of twice the size while it is written. A call migrates at most two
    /// stripes of about a thousand entries, some 50 µs each; see docs/decisions/0019.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether the key is new; otherwise its value was replaced.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow, and the disk is full or the device reported an error. Nothing
    /// changed; reading, replacing and removing still work.</exception>
    /// <exception cref="EstreamLeaseException">Multi-writer mode: a writer has been stopped for a minute while it held a lock, or all 256
    /// writer slots are taken. Nothing changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Put(in TKey key, in TValue value)
    {
        if (!SlotSearch<TKey, TValue>.IsEightWords)
        {
            return PutSlow(in key, in value);
        }

        Table<TKey, TValue>? table = _direct;
        return (table is null || !table.TryOverwriteAtHome(table.HomeOf(in key), in key, in value)) && PutCopySlow(key, value);
    }

    /// <summary>Removes a key with its value. Other keys reuse its slot; a map that has become much too large migrates into a smaller
    /// table.</summary>
    /// <returns>Whether the map had the key.</returns>
    /// <exception cref="EstreamStorageException">Multi-writer mode: the table of another writer, or a writer slot, could not be opened.
    /// Nothing changed. Single-writer mode needs no storage for this.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key) => _writer.Remove(in key);

    /// <summary>Replaces the value of a key if it equals the expected value, byte by byte.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The value the key must have.</param>
    /// <param name="replacement">The new value.</param>
    /// <returns>Whether the value was replaced; false if the key is missing or has another value.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="TValue"/> has padding bytes, so that equal values may differ in their
    /// bytes.</exception>
    /// <exception cref="EstreamStorageException">Multi-writer mode: the table of another writer, or a writer slot, could not be opened.
    /// Nothing changed. Single-writer mode needs no storage for this.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
    {
        RequireNoPadding();

        return _direct is { } table
            ? MapWriter<TKey, TValue>.CompareExchangeIn(table, table.HomeOf(in key), in key, in expected, in replacement)
            : _writer.CompareExchange(in key, in expected, in replacement);
    }

    /// <summary>
    /// Reads one entry and changes it in one atomic step: to add or replace, to count up, to remove on a condition. After a crash the entry
    /// is the old or the new one. Costs about as much as <see cref="Put"/> plus the callback.
    /// </summary>
    /// <typeparam name="TUpdate">Decides the change of the entry.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="update">Called once, or again if the map has to grow first. The caller can read its fields afterwards.</param>
    /// <returns>What was done; <see cref="EntryChange.Keep"/> also for the removal of a missing key.</returns>
    /// <exception cref="Core.EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="Core.EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the decision is invalid.</exception>
    public EntryChange Update<TUpdate>(in TKey key, ref TUpdate update)
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        var decision = new UserDecision<TUpdate>(ref update);
        return (EntryChange)Change(in key, ref decision);
    }

    /// <summary>Removes all entries at once and returns to the smallest size. User words stay. Readers see all entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full; nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear()
    {
        RequireWritable();
        _writer.Clear();
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
    /// Flushes everything and returns when it is durable. Earlier changes then survive a power cut, unless they are overwritten before the
    /// next flush. Takes as long as the device takes for the changed pages: milliseconds and more.
    /// </summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush()
    {
        RequireWritable();
        _writer.Flush(Tables());
    }

    /// <summary>Reads an entry and applies a decision to it, in one step.</summary>
    /// <returns>What was done.</returns>
    internal EntryOutcome Change<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct => _writer.Change(in key, ref decision);

    /// <summary>Whether there may be entries with an expiry.</summary>
    internal bool HasExpiring => _meta.HasExpiring;

    /// <summary>Notes that entries with an expiry may be stored from now on.</summary>
    internal void NoteExpiring()
    {
        RequireWritable();
        if (!_meta.HasExpiring)
        {
            _meta.NoteExpiring();
        }
    }

    /// <summary>Removes the entries of the next run of buckets that a test finds expired.</summary>
    internal void ExpireSome<TTest>(ref TTest test)
        where TTest : struct, IEntryTest<TValue> => _writer.ExpireNextRun(ref test);

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

    // Takes key and value by value, so that on the fast path they have no address and stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool PutCopySlow(TKey key, TValue value) => PutSlow(in key, in value);

    // Called if the key is new or displaced, values are not eight bytes, or the map migrates, has a feed or has several writers.
    private bool PutSlow(in TKey key, in TValue value) =>
        _writer is SingleWriter<TKey, TValue> single ? single.Put(in key, in value) : _writer.Put(in key, in value);

    private readonly ref struct UserDecision<TUpdate>(ref TUpdate update) : IEntryDecision<TValue>
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        private readonly ref TUpdate _update = ref update;

        public static bool TakesVersions => false;

        public EntryOutcome Decide(bool isThere, ref TValue value, long version) => UpdateDecision.Of(ref _update, isThere, ref value);
    }
}
