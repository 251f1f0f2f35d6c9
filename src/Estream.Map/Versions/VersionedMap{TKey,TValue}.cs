using System.Collections;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="StateMap{TKey, TValue}"/> whose entries have a version each, by which they can be compared and exchanged, and, where one is
/// asked for, a time at which they end.
/// </summary>
/// <typeparam name="TKey">Compared and hashed as its bytes.</typeparam>
/// <typeparam name="TValue">A type without references.</typeparam>
/// <remarks>
/// <para>Versions are above 0 and rise. A key never gets one twice, whether it was removed, ended or cleared meanwhile, its writer was
/// killed or the machine lost what was not flushed: who compares and exchanges by the version it has seen is told of every change in
/// between. About a thousand keys share a count, so that versions of one key leave numbers out.</para>
/// <para>An entry that was stored with a time to live is not shown any more when that is over, by <see cref="MapOptions.Clock"/>, which is
/// up to a millisecond late. Writers take it away in passing: each write of a map that has such entries looks at some buckets, so that they
/// are gone after as many writes as a quarter of the buckets; <see cref="RemoveExpired"/> takes them all at once. Until then they have
/// their room and are counted. The clock is the machine's, which is set now and then: where it jumps ahead, entries end as much earlier,
/// and where it jumps back, as much later, and one that was not taken away yet is shown again.</para>
/// <para>Thread-safety and crashes are those of <see cref="StateMap{TKey, TValue}"/>: one thread may write, or many with
/// <see cref="MapWriters.Many"/>, and any thread of any process may read at any time. An entry costs 16 bytes more than there, and a write
/// the look at the entry. No call here allocates, except opening and growing and the enumeration through
/// <see cref="IEnumerable{T}"/>.</para>
/// </remarks>
public sealed partial class VersionedMap<TKey, TValue> : IEnumerable<VersionedEntry<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly StateMap<TKey, VersionedValue<TValue>> _map;
    private readonly IClock _clock;

    internal VersionedMap(StateMap<TKey, VersionedValue<TValue>> map, IClock clock)
    {
        _map = map;
        _clock = clock;
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _map.Directory;

    /// <summary>Whether this object may only read.</summary>
    public bool IsReadOnly => _map.IsReadOnly;

    /// <summary>The number of entries, with those whose time is over and that were not taken away yet. Costs a look at the head of every
    /// stripe, one for about a thousand entries.</summary>
    public long Count => _map.Count;

    /// <summary>Whether entries may be missing, old or mixed up; see <see cref="StateMap{TKey, TValue}.HostCrashed"/>.</summary>
    public bool HostCrashed => _map.HostCrashed;

    /// <summary>Looks a key up. About one cache miss where keys and values are small; two while the map moves into another table.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value) => TryGet(in key, out value, out _);

    /// <summary>Looks a key up, with the version by which it can be changed on condition that nobody else has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value, out long version)
    {
        bool isThere = _map.TryGet(in key, out VersionedValue<TValue> versioned) && !versioned.IsOver(_clock);
        value = isThere ? versioned.Value : default;
        version = isThere ? versioned.Version : Stamp.NoVersion;
        return isThere;
    }

    /// <summary>Looks a key up, with all that is known of it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGetEntry(in TKey key, out VersionedEntry<TKey, TValue> entry)
    {
        bool isThere = _map.TryGet(in key, out VersionedValue<TValue> versioned) && !versioned.IsOver(_clock);
        entry = isThere ? versioned.EntryOf(key) : default;
        return isThere;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _, out _);

    /// <summary>One of the words kept with the map for its user; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _map.UserWord(index);

    /// <summary>Measures the map as it is; see <see cref="StateMap{TKey, TValue}.GetStatistics"/>. Entries whose time is over count until
    /// they are taken away.</summary>
    public MapStatistics GetStatistics() => _map.GetStatistics();

    /// <summary>Goes through all entries that are shown, in no particular order; see
    /// <see cref="StateMap{TKey, TValue}.GetEnumerator"/>.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes an image of the map as it is at one moment within this call, without what has ended by then, and lets writing go on;
    /// see <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>.</summary>
    /// <remarks>Costs what it costs there. Thread-safety: a call that writes. What it returns may be used by any thread.</remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another table, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InsufficientMemoryException">The map is in memory, and the system has no address space for another table. Nothing
    /// changed.</exception>
    /// <exception cref="EstreamLeaseException">Another writer has been moving the map for a minute.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only a writer can leave a table behind.</exception>
    public VersionedMapSnapshot<TKey, TValue> CreateSnapshot() => new(_map.CreateSnapshot(), _map.HasExpiring);

    /// <summary>Closes the map; see <see cref="StateMap{TKey, TValue}.Dispose"/>. Idempotent.</summary>
    public void Dispose() => _map.Dispose();

    /// <summary>Goes through the entries of a map; see <see cref="GetEnumerator"/>. A value type that allocates nothing. Not thread-safe
    /// itself, but the map may be written meanwhile.</summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private readonly IClock _clock;
        private StateMap<TKey, VersionedValue<TValue>>.Enumerator _entries;

        internal Enumerator(VersionedMap<TKey, TValue> map)
        {
            _clock = map._clock;
            _entries = map._map.GetEnumerator();
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedEntry<TKey, TValue> Current
        {
            get
            {
                (TKey key, VersionedValue<TValue> versioned) = _entries.Current;
                return versioned.EntryOf(key);
            }
        }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile, so what is left cannot be seen any more.</exception>
        public bool MoveNext()
        {
            while (_entries.MoveNext())
            {
                if (!_entries.Current.Value.IsOver(_clock))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Starts over.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}

/// <summary>An entry of a <see cref="VersionedMap{TKey, TValue}"/>, as it was at some moment of the call that returned it.</summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Version">Its version, above 0. A key never gets the same one twice, and a later one is higher.</param>
/// <param name="ExpiresAt">When it ends, in nanoseconds since 1970 UTC; 0 when it stays.</param>
public readonly record struct VersionedEntry<TKey, TValue>(TKey Key, TValue Value, long Version, long ExpiresAt)
    where TKey : unmanaged
    where TValue : unmanaged;
