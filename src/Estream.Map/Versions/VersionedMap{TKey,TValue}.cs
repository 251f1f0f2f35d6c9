using System.Collections;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="StateMap{TKey, TValue}"/> whose entries have a version, for conditional changes, and optionally an expiry.
/// </summary>
/// <typeparam name="TKey">Compared and hashed by its bytes.</typeparam>
/// <typeparam name="TValue">A type without references.</typeparam>
/// <remarks>
/// <para>Versions are above 0 and rise. A key never gets the same version twice, even if it was removed, has expired or was cleared
/// meanwhile, its writer crashed, or the machine lost changes that were not flushed. A conditional change with a version that was read
/// before therefore detects every change in between. About a thousand keys share a counter, so the versions of one key have gaps.</para>
/// <para>An entry that was stored with a time to live is not visible after its expiry, by <see cref="MapOptions.Clock"/>, which is up to
/// a millisecond late. Writes remove expired entries gradually: each write to a map that has entries with an expiry searches some buckets.
/// Expired entries are therefore removed after one write for every four buckets. <see cref="RemoveExpired"/> removes all of them at
/// once. Until then they use their slots and are counted. The default clock is the clock of the machine, which is set now and then. If it
/// jumps ahead, entries expire earlier by as much. If it jumps back, entries expire later by as much, and an expired entry that was not
/// removed yet is visible again.</para>
/// <para>Thread-safety and crash behavior are those of <see cref="StateMap{TKey, TValue}"/>: one thread at a time may write, or many with
/// <see cref="MapWriters.Many"/>, and any thread of any process may read at any time. An entry takes 16 bytes more than in that map, and a
/// write also reads the entry. No call allocates, except opening, growing and the enumeration through <see
/// cref="IEnumerable{T}"/>.</para>
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

    /// <summary>Whether the map was opened read-only.</summary>
    public bool IsReadOnly => _map.IsReadOnly;

    /// <summary>
    /// The number of entries, including expired ones that are not removed yet. Reads the head of every stripe, one for about a thousand
    /// entries.
    /// </summary>
    public long Count => _map.Count;

    /// <summary>Whether entries may be missing, stale or mixed; see <see cref="StateMap{TKey, TValue}.HostCrashed"/>.</summary>
    public bool HostCrashed => _map.HostCrashed;

    /// <summary>Looks a key up. Costs about one cache miss for small keys and values; two while the map migrates.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the map has the key.</returns>
    public bool TryGet(in TKey key, out TValue value) => TryGet(in key, out value, out _);

    /// <summary>
    /// Looks a key up, with the version of the entry, for a change on the condition that no other writer has changed it since.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the map has the key.</returns>
    public bool TryGet(in TKey key, out TValue value, out long version)
    {
        bool isThere = _map.TryGet(in key, out VersionedValue<TValue> versioned) && !versioned.IsOver(_clock);
        value = isThere ? versioned.Value : default;
        version = isThere ? versioned.Version : Stamp.NoVersion;
        return isThere;
    }

    /// <summary>Looks a key up, with version and expiry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, or the default.</param>
    /// <returns>Whether the map has the key.</returns>
    public bool TryGetEntry(in TKey key, out VersionedEntry<TKey, TValue> entry)
    {
        bool isThere = _map.TryGet(in key, out VersionedValue<TValue> versioned) && !versioned.IsOver(_clock);
        entry = isThere ? versioned.EntryOf(key) : default;
        return isThere;
    }

    /// <summary>Whether the map has a key.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _, out _);

    /// <summary>Returns a word of user metadata; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _map.UserWord(index);

    /// <summary>
    /// Measures the map; see <see cref="StateMap{TKey, TValue}.GetStatistics"/>. Expired entries count until they are removed.
    /// </summary>
    public MapStatistics GetStatistics() => _map.GetStatistics();

    /// <summary>Enumerates all unexpired entries in no particular order; see <see cref="StateMap{TKey, TValue}.GetEnumerator"/>.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes a snapshot of the map at one moment within this call, without the entries that had expired by then; writing goes
    /// on. See <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>.</summary>
    /// <remarks>Costs as much as that method. Thread-safety: that of a write. Any thread may use the snapshot.</remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another table, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InsufficientMemoryException">The map is in memory, and the system has no address space for another table. Nothing
    /// changed.</exception>
    /// <exception cref="EstreamLeaseException">Another writer has been resizing the map for a minute.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only a writer can take a snapshot.</exception>
    public VersionedMapSnapshot<TKey, TValue> CreateSnapshot() => new(_map.CreateSnapshot(), _map.HasExpiring);

    /// <summary>Closes the map; see <see cref="StateMap{TKey, TValue}.Dispose"/>. Idempotent.</summary>
    public void Dispose() => _map.Dispose();

    /// <summary>
    /// Enumerates the entries of a map; see <see cref="GetEnumerator"/>. A value type that allocates nothing. Not thread-safe itself, but
    /// the map may be written meanwhile.
    /// </summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private readonly IClock _clock;
        private StateMap<TKey, VersionedValue<TValue>>.Enumerator _entries;

        internal Enumerator(VersionedMap<TKey, TValue> map)
        {
            _clock = map._clock;
            _entries = map._map.GetEnumerator();
        }

        /// <summary>The current entry.</summary>
        public readonly VersionedEntry<TKey, TValue> Current
        {
            get
            {
                (TKey key, VersionedValue<TValue> versioned) = _entries.Current;
                return versioned.EntryOf(key);
            }
        }

        readonly object IEnumerator.Current => Current;

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile.</exception>
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

        /// <summary>Does nothing.</summary>
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
/// <param name="Version">The version, above 0. A key never gets the same version twice; a later version is higher.</param>
/// <param name="ExpiresAt">The expiry in nanoseconds since 1970 UTC; 0 if the entry does not expire.</param>
public readonly record struct VersionedEntry<TKey, TValue>(TKey Key, TValue Value, long Version, long ExpiresAt)
    where TKey : unmanaged
    where TValue : unmanaged;
