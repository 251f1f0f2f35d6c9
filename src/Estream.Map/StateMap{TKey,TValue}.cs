using System.Collections;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An unordered map of small fixed-size keys and values outside the garbage-collected heap: in files that any number of processes read
/// while one writes, or in private memory.
/// </summary>
/// <typeparam name="TKey">Compared and hashed by its bytes.</typeparam>
/// <typeparam name="TValue">A type without references.</typeparam>
/// <remarks>
/// <para>Thread-safety: one thread at a time may write (<see cref="Put"/>, <see cref="Remove"/>, <see cref="CompareExchange"/>, <see
/// cref="Update"/>, <see cref="Clear"/>, <see cref="SetUserWord"/>, <see cref="Flush"/>). Any thread of any process may read at any time. A
/// reader takes no lock, never waits for a writer, and gets a value that was current at some moment during the call, never a mixture. Do
/// not call <see cref="Dispose"/> while another thread uses this object.</para>
/// <para>A crash of the writer loses no change whose call has returned. A power cut may: see <see cref="Flush"/> and <see
/// cref="HostCrashed"/>.</para>
/// <para>With <see cref="MapOptions.Changes"/>, an exception of the sink propagates to the caller, and the change is not applied.</para>
/// <para>No call allocates, except opening, growing and the enumeration through <see cref="IEnumerable{T}"/>.</para>
/// </remarks>
public sealed partial class StateMap<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private readonly MapOpener<TKey, TValue> _opener;
    private readonly MapMeta _meta;
    private readonly RegionWord _state;
    private readonly MapWriter<TKey, TValue> _writer;
    private readonly IDisposable? _lease;
    private readonly bool _followsOthers;
    private readonly bool _hasPaddedValue;

    // Always updated together, the pair first. Readers use the table while map.meta says that it is the only one.
    private volatile TablePair<TKey, TValue>? _tables;
    private Table<TKey, TValue>? _table;

    // The table in which a single writer may replace a value by one store; null while the map migrates, with a feed, and in other modes.
    private Table<TKey, TValue>? _direct;

    internal StateMap(
        MapOpener<TKey, TValue> opener,
        MapMeta meta,
        TablePair<TKey, TValue> tables,
        IDisposable? lease,
        string? directory,
        bool isReadOnly = false,
        bool isCutOff = false,
        (WriterRegistry Registry, DirectorySource Files)? multi = null)
    {
        _opener = opener;
        _meta = meta;
        _state = new RegionWord(meta.Span, MetaLayout.State);
        _lease = lease;
        _followsOthers = isReadOnly || multi is not null;
        _hasPaddedValue = opener.Value.PaddingBytes > 0;
        Directory = directory;
        IsReadOnly = isReadOnly;
        Use(tables);
        _writer = isReadOnly ? new ReadOnlyWriter<TKey, TValue>(this, opener, meta)
            : multi is { } shared ? new MultiWriter<TKey, TValue>(this, opener, meta, shared.Registry, shared.Files)
            : new SingleWriter<TKey, TValue>(this, opener, meta, isCutOff);
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>Whether the map was opened read-only.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The number of entries. Reads the head of every stripe, one for about a thousand entries.</summary>
    public long Count => Tables().Count();

    /// <summary>
    /// The number of entries at which the map starts to migrate into a table of twice the size. A background thread creates a large table
    /// in advance; until it is ready, the map takes up to a quarter more entries.
    /// </summary>
    public long Capacity => (Tables() is { Next: { } next } ? next : Tables().Current).EntryLimit;

    /// <summary>
    /// Whether entries may be missing, stale or mixed, because the machine stopped (power cut, kernel crash) while a writer had the map
    /// open, or a flush failed. Remains set until <see cref="Clear"/>: rebuild the map from its source. A crash of a process never sets it.
    /// </summary>
    public bool HostCrashed => _table is null ? Throw<bool>() : _meta.HasHostCrashed;

    /// <summary>Looks a key up. Costs about one cache miss for small keys and values; two while the map migrates.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the map has the key.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(in TKey key, out TValue value)
    {
        // Acquire: stores that precede the writer's change of the word are visible from here on.
        Table<TKey, TValue>? table = _table;
        if (table is not null && table.State == _state.ReadAcquire() && table.TryGetAtHome(table.HomeOf(in key), in key, out value))
        {
            return true;
        }

        // Passes key and value by value, so that on the fast path they have no address and stay in registers.
        Found found = FindElsewhere(key);
        value = found.Value;
        return found.IsThere;
    }

    /// <summary>Whether the map has a key.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _);

    /// <summary>
    /// Returns one of the <see cref="StateMap.UserWordCount"/> words of user metadata of the map, such as the queue position up to which
    /// the map was folded. A word is 0 until it is set. A reader of the word sees everything written to the map before the word.
    /// </summary>
    /// <param name="index">0 to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        return _table is null ? Throw<long>() : _meta.ReadUserWord(index);
    }

    /// <summary>
    /// Measures the map. Reads all entries, at a few nanoseconds each. With a concurrent writer the figures do not belong to one moment.
    /// </summary>
    /// <returns>The figures.</returns>
    public MapStatistics GetStatistics()
    {
        TablePair<TKey, TValue> tables = Tables();
        var probes = default(ProbeCount);
        long moved = 0;
        long units = tables.Units;
        for (long unit = 0; unit < units; unit++)
        {
            Table<TKey, TValue> holder = tables.HolderOfUnit(unit);
            moved += holder == tables.Next ? tables.Current.StripeCount / units : 0;
            holder.CountProbes(unit, units, ref probes);
        }

        return new MapStatistics(
            probes.Entries,
            (tables.Next ?? tables.Current).Plan.BucketCount * SlotLayout<TKey, TValue>.SlotsPerBucket,
            tables.Current.Plan.FileBytes + (tables.Next?.Plan.FileBytes ?? 0),
            SlotLayout<TKey, TValue>.SlotsPerBucket,
            tables.Current.StripeCount,
            moved,
            probes.AtHome,
            probes.Entries == 0 ? 0 : (double)probes.Buckets / probes.Entries,
            probes.Longest,
            Tombstones: 0)
        {
            Takeovers = _meta.Takeovers,
        };
    }

    /// <summary>
    /// Enumerates all entries in no particular order. A key that is present all the time is returned exactly once, with a value it had at
    /// some moment during the enumeration. A key added or removed meanwhile may or may not be returned.
    /// </summary>
    public Enumerator GetEnumerator()
    {
        _ = Tables();
        return new Enumerator(this);
    }

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Closes the map. A writer first flushes everything, so a later power cut loses nothing, and then releases the map to the next writer.
    /// Idempotent.
    /// </summary>
    public void Dispose()
    {
        _writer.Stop();
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
                _writer.Close(ref tables, _lease);
            }
            finally
            {
                tables.Dispose();
                _logReader?.Dispose();
                _meta.Dispose();
                _writer.Dispose();
                _lease?.Dispose();
            }
        }
    }

    /// <summary>The current tables. Opens them if another process has replaced the tables of this object.</summary>
    internal TablePair<TKey, TValue> Tables()
    {
        TablePair<TKey, TValue>? tables = _tables;
        if (tables is null)
        {
            ThrowHelper.Disposed();
        }

        return !_followsOthers || tables.State == _meta.State ? tables : Follow();
    }

    /// <summary>The tables that this object uses, which may be outdated. The map must not be disposed.</summary>
    internal TablePair<TKey, TValue> CurrentTables => _tables!;

    /// <summary>The current table of this object; null once the map is disposed.</summary>
    internal Table<TKey, TValue>? CurrentTable => _table;

    /// <summary>The table in which a single writer may change entries now without migrating any; otherwise null.</summary>
    internal Table<TKey, TValue>? DirectTable => _direct;

    /// <summary>Uses other tables from now on.</summary>
    internal void Use(TablePair<TKey, TValue> tables, bool isDirect = false)
    {
        _tables = tables;
        _table = tables.Current;
        _direct = isDirect && tables.Next is null ? tables.Current : null;
    }

    /// <summary>
    /// Uses other tables from now on, and publishes them to all processes. Holds the gate, so that no thread of this process opens the
    /// same tables by name meanwhile.
    /// </summary>
    internal void Publish(TablePair<TKey, TValue> tables)
    {
        lock (_gate)
        {
            Use(tables);
            _meta.Publish(tables.State);
        }
    }

    // Called if the key is displaced or absent, or the map migrates. Reads a stripe without a migration mark in the old table. If the
    // stripe is migrated meanwhile, the result was right at the moment of the mark, which is within this call.
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
                RegionAccess access = IsReadOnly ? RegionAccess.ReadOnly : RegionAccess.ReadWrite;
                TablePair<TKey, TValue> found = _opener.OpenCurrentTables(_meta, tables, access);
                Use(found);
                tables.RetireOthers(found);
            }

            return _tables!;
        }
    }

    private static T Throw<T>()
    {
        ThrowHelper.Disposed();
        return default;
    }

    private readonly record struct Found(bool IsThere, TValue Value);
}
