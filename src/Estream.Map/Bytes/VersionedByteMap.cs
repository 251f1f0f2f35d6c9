using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="ByteMap"/> whose entries have a version, for conditional changes, and optionally a time to live.
/// </summary>
/// <remarks>
/// <para>Versions are above 0 and rise. A key never gets the same version twice, even if it was removed, expired or cleared meanwhile, its
/// writer crashed, or the machine lost changes that were not flushed. All keys share one counter.</para>
/// <para>An entry with a time to live is absent after its expiry, by <see cref="ByteMapOptions.Clock"/>, which is up to a millisecond late.
/// The writer removes expired entries gradually: a write to a map that has had such entries checks four other entries on average, so all
/// entries are checked after a quarter as many writes. <see cref="RemoveExpired"/> removes all at once. Until then expired entries take
/// space and are counted. If the clock is set, entries expire earlier or later by as much; see <see
/// cref="VersionedMap{TKey, TValue}"/>.</para>
/// <para>Thread-safety, files, crashes and costs are those of <see cref="ByteMap"/>; an entry takes 16 bytes more.</para>
/// </remarks>
public sealed partial class VersionedByteMap : IDisposable
{
    /// <summary>The maximum length of a value, in bytes: 256 MiB less 16 bytes.</summary>
    public const int MaxValueBytes = ByteMap.MaxValueBytes - Stamp.Bytes;

    private readonly ByteMap _map;
    private readonly IClock _clock;

    private VersionedByteMap(ByteMap map, ByteMapOptions? options)
    {
        _map = map;
        _clock = (options ?? new ByteMapOptions()).Clock;
    }

    /// <summary>The directory of the files, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _map.Directory;

    /// <summary>Whether the map was opened read-only.</summary>
    public bool IsReadOnly => _map.IsReadOnly;

    /// <summary>The number of entries, including expired entries that are not removed yet. Reads the head of every stripe of the index, one
    /// for about a thousand entries.</summary>
    public long Count => _map.Count;

    /// <summary>Whether entries may be missing or stale; see <see cref="ByteMap.HostCrashed"/>. <see cref="ConfirmEntries"/> clears
    /// it as well.</summary>
    public bool HostCrashed => _map.HostCrashed;

    /// <summary>Whether the entries are encrypted; see <see cref="ByteMapOptions.Keys"/>.</summary>
    public bool IsEncrypted => _map.IsEncrypted;

    /// <summary>Opens the map in a directory as its only writer, and creates it if it does not exist; see
    /// <see cref="ByteMap.Open(string, ByteMapOptions?)"/>.</summary>
    /// <param name="directory">The directory of the map, used for nothing else. Created with its parents.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, is writing to the map.</exception>
    /// <exception cref="EstreamFormatException">The map is of another kind, has no versions, or has another format
    /// version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="InvalidOperationException">The map has a change feed, and <see cref="ByteMapOptions.Changes"/> is not
    /// set.</exception>
    /// <exception cref="EstreamKeyException">As for <see cref="ByteMap.Open(string, ByteMapOptions?)"/>.</exception>
    /// <exception cref="EstreamStorageException">A storage error: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentException">An option is outside its limits.</exception>
    public static VersionedByteMap Open(string directory, ByteMapOptions? options = null) =>
        new(ByteMap.Open(directory, options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Opens the map in a directory for reading, concurrently with its writer; see
    /// <see cref="ByteMap.OpenReadOnly(string, ByteMapOptions?)"/>.</summary>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Only keys, storage, clock and prefaulting are
    /// used.</param>
    /// <exception cref="EstreamStorageException">The map does not exist or may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map is of another kind, has no versions, or has another format
    /// version.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged, or are not a map.</exception>
    /// <exception cref="EstreamKeyException">As for <see cref="ByteMap.OpenReadOnly(string, ByteMapOptions?)"/>.</exception>
    public static VersionedByteMap OpenReadOnly(string directory, ByteMapOptions? options = null) =>
        new(ByteMap.OpenReadOnly(directory, options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Clears <see cref="HostCrashed"/> of a closed map, after its entries have been checked. Rewrites all files, because a device
    /// that refused a flush may not have them.</summary>
    /// <param name="directory">The directory of the map. Close the map in every process.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults. Only keys, storage and clock are used.</param>
    /// <returns>Whether <see cref="HostCrashed"/> was set. If not, nothing is rewritten.</returns>
    /// <exception cref="EstreamLeaseException">Another object, in this or another process, is writing to the map.</exception>
    /// <exception cref="EstreamStorageException">The map does not exist, a file cannot be written, or the disk is full. The map is
    /// intact.</exception>
    /// <exception cref="InvalidOperationException">The map has a change feed: <see cref="Clear"/> and rebuild it.</exception>
    /// <exception cref="EstreamException">As for <see cref="Open(string, ByteMapOptions?)"/>.</exception>
    public static bool ConfirmEntries(string directory, ByteMapOptions? options = null)
    {
        // Opening for reading refuses a map that does not exist. Opening for writing recovers the map after a power cut.
        OpenReadOnly(directory, options).Dispose();
        using (VersionedByteMap map = Open(directory, options))
        {
            if (!map.HostCrashed)
            {
                return false;
            }
        }

        DirectorySource files = new((options ?? new ByteMapOptions()).Storage, directory);
        using IDisposable lease = StateMap.LockAlone(files);
        MapRewriter.Run(files);
        return true;
    }

    /// <summary>Creates a map in the memory of this process.</summary>
    /// <param name="options">The options; <see langword="null"/> for the defaults. The storage does not matter.</param>
    /// <exception cref="InsufficientMemoryException">There is not enough address space.</exception>
    public static VersionedByteMap CreateInMemory(ByteMapOptions? options = null) =>
        new(ByteMap.CreateInMemory(options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Looks a key up and copies its value; see <see cref="ByteMap.TryGet(ReadOnlySpan{byte}, Span{byte}, out int)"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the value.</param>
    /// <param name="length">The length of the value, even if it does not fit; 0 if the map does not have the key.</param>
    /// <param name="version">The version of the entry, with which it can be changed if nothing else has changed it; 0 if the map does not
    /// have the key.</param>
    /// <returns>Ok; NotFound; or Full if the destination is shorter than the value: its content is then invalid.</returns>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    public Status TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length, out long version)
    {
        (length, version) = (0, Stamp.NoVersion);
        while (_map.TryFind(key, _clock, out FoundBlock found, out Stamp stamp))
        {
            (length, version) = (found.Head.ValueBytes - Stamp.Bytes, stamp.Version);
            if (length > destination.Length)
            {
                return new Status(StatusCode.Full);
            }

            if (_map.IsCopied(in found, destination, Stamp.Bytes))
            {
                return Status.Ok;
            }

            (length, version) = (0, Stamp.NoVersion);
        }

        return new Status(StatusCode.NotFound);
    }

    /// <summary>Looks a key up and returns a copy of its value, which this overload allocates.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> if the map does not have the key.</param>
    /// <param name="version">The version of the entry, or 0.</param>
    /// <returns>Whether the map has the key.</returns>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value, out long version)
    {
        while (_map.TryFind(key, _clock, out FoundBlock found, out Stamp stamp))
        {
            (value, version) = (GC.AllocateUninitializedArray<byte>(found.Head.ValueBytes - Stamp.Bytes), stamp.Version);
            if (_map.IsCopied(in found, value, Stamp.Bytes))
            {
                return true;
            }
        }

        (value, version) = (null, Stamp.NoVersion);
        return false;
    }

    /// <summary>Looks up the version and the expiry of an entry, without reading the value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version of the entry, or 0.</param>
    /// <param name="expiresAt">The time at which the entry expires, in nanoseconds since 1970 UTC; 0 if it does not expire or is
    /// absent.</param>
    /// <returns>Whether the map has the key.</returns>
    public bool TryGetVersion(ReadOnlySpan<byte> key, out long version, out long expiresAt)
    {
        bool isThere = _map.TryFind(key, _clock, out _, out Stamp stamp);
        (version, expiresAt) = isThere ? (stamp.Version, stamp.ExpiresAt) : (Stamp.NoVersion, Stamp.Never);
        return isThere;
    }

    /// <summary>Whether the map has a key.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => _map.TryFind(key, _clock, out _, out _);

    /// <summary>Returns one of the words of user metadata of the map; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _map.UserWord(index);

    /// <summary>Measures the map; see <see cref="ByteMap.GetStatistics"/>. Expired entries count until they are removed.</summary>
    public ByteMapStatistics GetStatistics() => _map.GetStatistics();

    /// <summary>Takes a snapshot of the map at this moment, without expired entries; writing goes on. See
    /// <see cref="ByteMap.CreateSnapshot"/>. It is valid until this object is disposed.</summary>
    /// <remarks>Costs as much as <see cref="ByteMap.CreateSnapshot"/>. Thread-safety: that of a write. Any thread may use the
    /// snapshot.</remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another index, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedByteMapSnapshot CreateSnapshot() => new(_map.CreateSnapshot(), _map.HasExpiring);

    /// <summary>Enumerates all entries that have not expired, in no particular order; see <see cref="ByteMap.GetEnumerator"/>.</summary>
    public Enumerator GetEnumerator() => new(_map.GetEnumerator(), _clock);

    /// <summary>Closes the map; see <see cref="ByteMap.Dispose"/>. Idempotent.</summary>
    /// <exception cref="EstreamStorageException">The device reported an error. The map is closed anyway, and reports
    /// <see cref="HostCrashed"/> when it is opened.</exception>
    public void Dispose() => _map.Dispose();

    /// <summary>Enumerates the entries of a map. Not thread-safe itself, but the map may be written meanwhile. Allocates nothing; until it
    /// is disposed it rents a buffer as large as the largest entry it found.</summary>
    public struct Enumerator : IDisposable
    {
        private readonly IClock _clock;
        private ByteMap.Enumerator _entries;

        internal Enumerator(ByteMap.Enumerator entries, IClock clock) => (_entries, _clock) = (entries, clock);

        /// <summary>The entry that the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Moves to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. Another call continues after it.</exception>
        /// <exception cref="ObjectDisposedException">The map was disposed during the enumeration, so the remaining entries cannot be
        /// read.</exception>
        public bool MoveNext()
        {
            bool isThere;
            do
            {
                isThere = _entries.MoveNext();
            }
            while (isThere && Stamp.IsOver(Current.ExpiresAt, _clock));

            return isThere;
        }

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _entries.Dispose();
    }
}

/// <summary>An entry of a <see cref="VersionedByteMap"/>, as an enumeration found it: copies, valid until the enumeration moves
/// on.</summary>
public readonly ref struct VersionedByteMapEntry
{
    private readonly Stamp _stamp;

    internal VersionedByteMapEntry(ByteMapEntry stored)
    {
        _stamp = Stamp.Read(stored.Value);
        Key = stored.Key;
        Value = stored.Value[Stamp.Bytes..];
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The version, above 0. A key never gets the same version twice, and a later version is higher.</summary>
    public long Version => _stamp.Version;

    /// <summary>The time at which the entry expires, in nanoseconds since 1970 UTC; 0 if it does not expire.</summary>
    public long ExpiresAt => _stamp.ExpiresAt;
}
