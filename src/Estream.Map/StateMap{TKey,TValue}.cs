using System.Collections;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An unordered map of small fixed-size keys and values outside the garbage-collected heap, in files that any number of processes read
/// while one writes, or in memory of its own.
/// </summary>
/// <typeparam name="TKey">Compared and hashed as its bytes.</typeparam>
/// <typeparam name="TValue">A type without references.</typeparam>
/// <remarks>
/// <para>Thread-safety: one thread at a time may write (<see cref="Put"/>, <see cref="Remove"/>, <see cref="CompareExchange"/>,
/// <see cref="Update"/>, <see cref="Clear"/>, <see cref="SetUserWord"/>, <see cref="Flush"/>). Any thread of any process may read at any
/// time; it takes no lock, never waits for the writer, dead or alive, and gets a value that was current at some moment during the call,
/// never a mixture. <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>Killing the writer at any moment loses nothing that a call had returned from. A power cut may: see <see cref="Flush"/> and
/// <see cref="HostCrashed"/>.</para>
/// <para>With <see cref="MapOptions.Changes"/> an exception of the sink goes to the caller of the change, which is not made then.</para>
/// <para>No call here allocates, except opening, growing and the enumeration through <see cref="IEnumerable{T}"/>.</para>
/// </remarks>
public sealed partial class StateMap<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private readonly MapOpener<TKey, TValue> _opener;
    private readonly MapMeta _meta;
    private readonly RegionWord _state;
    private readonly IDisposable? _lease;
    private readonly bool _hasPaddedValue;

    // The two change together, the pair first. Reads go through the one as long as the word of map.meta says that it is all there is.
    private volatile TablePair<TKey, TValue>? _tables;
    private Table<TKey, TValue>? _table;

    // The table in which the one writer may replace a value by a store and nothing else: null while the map moves, and for everybody else.
    private Table<TKey, TValue>? _direct;

    internal StateMap(
        MapOpener<TKey, TValue> opener,
        MapMeta meta,
        TablePair<TKey, TValue> tables,
        IDisposable? lease,
        string? directory,
        bool isReadOnly = false,
        bool isCutOff = false,
        (WriterRegistry Roster, DirectorySource Files)? many = null)
    {
        _opener = opener;
        _meta = meta;
        _state = new RegionWord(meta.Span, MetaLayout.State);
        _lease = lease;
        _feed = isReadOnly ? null : opener.Feed;
        _hasPaddedValue = opener.Value.PaddingBytes > 0;
        Directory = directory;
        IsReadOnly = isReadOnly;
        Use(tables);
        if (many is { } shared)
        {
            _many = new ManyWriters(this, shared.Roster, shared.Files);
        }
        else if (!isReadOnly)
        {
            _mover = new Mover(this, isCutOff);
            _alone = _feed is null ? _mover : null;
            Use(tables);
        }
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>Whether this object may only read.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The number of entries. Costs a look at the head of every stripe, one for about a thousand entries.</summary>
    public long Count => Tables().Count();

    /// <summary>
    /// The number of entries at which the map begins to move into a larger table. One of twice the size; it has been made before, by a
    /// thread of its own where it is large; until that is done, the map takes up to a quarter more.
    /// </summary>
    public long Capacity => (Tables() is { Next: { } next } ? next : Tables().Current).EntryLimit;

    /// <summary>
    /// Whether the machine itself stopped (power cut, kernel crash) while a writer had the map open, or its device refused a flush, so that
    /// entries may be missing, old or mixed up. Stays so until <see cref="Clear"/>: rebuild the map from what it was folded from. Killing a
    /// process never causes it.
    /// </summary>
    public bool HostCrashed => _table is null ? Throw<bool>() : _meta.HasHostCrashed;

    /// <summary>Looks a key up. About one cache miss where keys and values are small; two while the map moves into another table.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(in TKey key, out TValue value)
    {
        // Acquire: what the writer stored before it changed the word is seen after this.
        Table<TKey, TValue>? table = _table;
        if (table is not null && table.State == _state.ReadAcquire() && table.TryGetAtHome(table.HomeOf(in key), in key, out value))
        {
            return true;
        }

        // By value both ways, so that key and value of the usual case never need an address and stay in registers.
        Found found = FindElsewhere(key);
        value = found.Value;
        return found.IsThere;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _);

    /// <summary>
    /// One of the <see cref="StateMap.UserWordCount"/> words that are kept with the map for its user, such as the queue position up to
    /// which it was folded. 0 until it is set. Everything written to the map before the word was set is seen after it was read.
    /// </summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        return _table is null ? Throw<long>() : _meta.ReadUserWord(index);
    }

    /// <summary>
    /// Goes through all entries in no particular order. A key that is there all the time comes exactly once, with a value it had at some
    /// moment in between; one that comes or goes meanwhile may or may not come.
    /// </summary>
    public Enumerator GetEnumerator()
    {
        _ = Tables();
        return new Enumerator(this);
    }

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Closes the map. A writer first writes everything to the device, so that a later power cut loses nothing, and lets the next writer
    /// in. Idempotent.
    /// </summary>
    public void Dispose()
    {
        _mover?.Stop();
        _many?.Stop();
        lock (_gate)
        {
            if (_tables is not { } tables)
            {
                return;
            }

            _tables = null;
            _table = null;
            _direct = null;
            try
            {
                _loan?.End();
                Leave(ref tables);
            }
            finally
            {
                tables.Dispose();
                _watch?.Dispose();
                _meta.Dispose();
                _many?.Dispose();
                _lease?.Dispose();
            }
        }
    }

    /// <summary>The tables as they are now. A reader whose writer has gone on to others opens them here.</summary>
    internal TablePair<TKey, TValue> Tables()
    {
        TablePair<TKey, TValue>? tables = _tables;
        if (tables is null)
        {
            ThrowHelper.Disposed();
        }

        return _mover is not null || tables.State == _meta.State ? tables : Follow();
    }

    // Behind its home bucket, not there at all, or the map is moving. A stripe that is not marked as moved is looked at where it was. It
    // may be moved meanwhile: then what is found, or not found, was right at the moment of the mark, which lies within this call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Found FindElsewhere(TKey key)
    {
        TablePair<TKey, TValue> tables = Tables();
        bool isThere = tables.Holder(in key).TryGet(in key, out TValue value);
        return new Found(isThere, value);
    }

    private TablePair<TKey, TValue> Follow()
    {
        lock (_gate)
        {
            if (_tables is not { } tables)
            {
                ThrowHelper.Disposed();
                return null;
            }

            if (tables.State != _meta.State)
            {
                TablePair<TKey, TValue> found = _opener.OpenCurrentTables(_meta, tables, IsReadOnly ? RegionAccess.ReadOnly : RegionAccess.ReadWrite);
                Use(found);
                RetireMissing(tables, found);
            }

            return _tables!;
        }
    }

    private void Leave(ref TablePair<TKey, TValue> tables)
    {
        if (IsReadOnly)
        {
            return;
        }

        Renew(ref tables);
        FlushAll(tables);
        using IDisposable? opening = _many?.LockOpening();
        using IDisposable? alone = _many?.TryBeLast(_lease);
        if (alone is not null)
        {
            // What others stored since, and what those that were killed had not written or not made.
            Renew(ref tables);
            _opener.Logs.CompleteAll(_meta, tables);
            _opener.EndLending(_meta, _meta.LentTable);
            FlushAll(tables);
        }

        if (_many is null || alone is not null)
        {
            FlushOrNoteLoss(_meta.SignOff);
        }
    }

    // Another one of several may have made the map move since this one looked.
    private void Renew(ref TablePair<TKey, TValue> tables)
    {
        if (_many is not null && tables.State != _meta.State)
        {
            tables = _opener.OpenCurrentTables(_meta, tables, RegionAccess.ReadWrite);
        }
    }

    private void Use(TablePair<TKey, TValue> tables)
    {
        _tables = tables;
        _table = tables.Current;
        _direct = _alone is not null && tables.Next is null ? tables.Current : null;
    }

    private static void RetireMissing(TablePair<TKey, TValue> before, TablePair<TKey, TValue> now)
    {
        if (before.Current != now.Current && before.Current != now.Next)
        {
            before.Current.Retire();
        }

        if (before.Next is { } next && next != now.Current && next != now.Next)
        {
            next.Retire();
        }
    }

    private static T Throw<T>()
    {
        ThrowHelper.Disposed();
        return default;
    }

    private readonly record struct Found(bool IsThere, TValue Value);
}
