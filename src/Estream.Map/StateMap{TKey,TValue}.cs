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
/// <see cref="Clear"/>, <see cref="SetUserWord"/>, <see cref="Flush"/>). Any thread of any process may read at any time; it takes no lock,
/// never waits for the writer, dead or alive, and gets a value that was current at some moment during the call, never a mixture.
/// <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>Killing the writer at any moment loses nothing that a call had returned from. A power cut may: see <see cref="Flush"/> and
/// <see cref="HostCrashed"/>.</para>
/// <para>No call here allocates, except opening, growing and the enumeration through <see cref="IEnumerable{T}"/>.</para>
/// </remarks>
public sealed partial class StateMap<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly Lock _followGate = new();
    private readonly MapOpener<TKey, TValue> _opener;
    private readonly MapMeta _meta;
    private readonly RegionSpan _generation;
    private readonly IDisposable? _lease;
    private readonly bool _hasPaddedValue;
    private Table<TKey, TValue>? _table;

    internal StateMap(
        MapOpener<TKey, TValue> opener, MapMeta meta, Table<TKey, TValue> table, IDisposable? lease, string? directory, bool isReadOnly = false)
    {
        _opener = opener;
        _meta = meta;
        _generation = meta.Span.Slice(MetaLayout.Generation, sizeof(long));
        _table = table;
        _lease = lease;
        _hasPaddedValue = opener.Value.PaddingBytes > 0;
        Directory = directory;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>Whether this object may only read.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The number of entries, as the writer last stored it.</summary>
    public long Count => Current.Count;

    /// <summary>The number of entries at which the table is replaced by one of twice the size.</summary>
    public long Capacity => Current.EntryLimit;

    /// <summary>
    /// Whether the machine itself stopped (power cut, kernel crash) while a writer had the map open, or its device refused a flush, so that
    /// entries may be missing, old or mixed up. Stays so until <see cref="Clear"/>: rebuild the map from what it was folded from. Killing a process never causes it.
    /// </summary>
    public bool HostCrashed => _table is null ? Throw<bool>() : _meta.HasHostCrashed;

    private Table<TKey, TValue> Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // Acquire: what the writer stored into a table before it published its number is seen after this.
            Table<TKey, TValue>? table = _table;
            return table is not null && table.Generation >= _generation.ReadInt64Acquire(0) ? table : Follow();
        }
    }

    /// <summary>Looks a key up. About one cache miss where keys and values are small.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value) => Current.TryGet(in key, out value);

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(in TKey key) => Current.TryGet(in key, out _);

    /// <summary>
    /// One of the <see cref="StateMap.UserWordCount"/> words that are kept with the map for its user, such as the queue position up to which it was
    /// folded. 0 until it is set. Everything written to the map before the word was set is seen after it was read.
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
    public Enumerator GetEnumerator() => new(Current);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Closes the map. A writer first writes everything to the device, so that a later power cut loses nothing, and lets the next writer
    /// in. Idempotent.
    /// </summary>
    public void Dispose()
    {
        lock (_followGate)
        {
            if (_table is not { } table)
            {
                return;
            }

            _table = null;
            try
            {
                if (!IsReadOnly)
                {
                    FlushOrNoteLoss(() =>
                    {
                        table.Flush();
                        _opener.SyncNames();
                        _meta.SignOff();
                    });
                }
            }
            finally
            {
                table.Dispose();
                _meta.Dispose();
                _lease?.Dispose();
            }
        }
    }

    // A reader whose writer has grown the map. Readers that are still in the old table go on there: it holds what was current when the
    // new one was published, so their answer was right at that moment, which lies within their call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Table<TKey, TValue> Follow()
    {
        lock (_followGate)
        {
            if (_table is not { } table)
            {
                return Throw<Table<TKey, TValue>>();
            }

            if (table.Generation < _meta.Generation)
            {
                _table = _opener.OpenCurrentTable(_meta);
                table.Retire();
            }

            return _table;
        }
    }

    private static T Throw<T>()
    {
        ThrowHelper.Disposed();
        return default;
    }
}
