using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="ByteMap"/> whose entries have a version each, by which they can be compared and exchanged, and, where one is asked for, a
/// time at which they end.
/// </summary>
/// <remarks>
/// <para>Versions are above 0 and rise. A key never gets one twice, whether it was removed, ended or cleared meanwhile, its writer was
/// killed or the machine lost what was not flushed. All keys share the count.</para>
/// <para>An entry that was stored with a time to live is not shown any more when that is over, by <see cref="ByteMapOptions.Clock"/>, which
/// is up to a millisecond late. The writer takes it away in passing: a write of a map that has such entries looks at four others on the
/// average, so that they are gone after a quarter as many writes as there are entries; <see cref="RemoveExpired"/> takes them all at once.
/// Until then they have their room and are counted. Where the clock is set, ends move with it; see
/// <see cref="VersionedMap{TKey, TValue}"/>.</para>
/// <para>Thread-safety, files, crashes and costs are those of <see cref="ByteMap"/>; an entry takes 16 bytes more.</para>
/// </remarks>
public sealed partial class VersionedByteMap : IDisposable
{
    /// <summary>The longest value, in bytes: 256 MiB less 16 bytes.</summary>
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

    /// <summary>Whether this object may only read.</summary>
    public bool IsReadOnly => _map.IsReadOnly;

    /// <summary>The number of entries, with those whose time is over and that were not taken away yet. Costs a look at one word for about a
    /// thousand entries.</summary>
    public long Count => _map.Count;

    /// <summary>Whether entries may be missing or old; see <see cref="ByteMap.HostCrashed"/>.</summary>
    public bool HostCrashed => _map.HostCrashed;

    /// <summary>Opens the map in a directory as its one writer, and makes it when it is missing; see
    /// <see cref="ByteMap.Open(string, ByteMapOptions?)"/>.</summary>
    /// <param name="directory">A directory of its own; made with its parents.</param>
    /// <param name="options">Defaults where <see langword="null"/>.</param>
    /// <exception cref="EstreamLeaseException">Another process, or another object of this one, is writing to the map.</exception>
    /// <exception cref="EstreamFormatException">The map is another kind of map, has no versions or another format version, or the files are
    /// no map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    /// <exception cref="InvalidOperationException">The changes of the map are told to a feed, and there is no
    /// <see cref="ByteMapOptions.Changes"/>.</exception>
    /// <exception cref="EstreamStorageException">The system refused: full disk, no permission, read-only file system.</exception>
    /// <exception cref="ArgumentException">An option is outside its limits.</exception>
    public static VersionedByteMap Open(string directory, ByteMapOptions? options = null) =>
        new(ByteMap.Open(directory, options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Opens the map in a directory for reading, beside its writer if there is one; see
    /// <see cref="ByteMap.OpenReadOnly(string, ByteMapOptions?)"/>.</summary>
    /// <param name="directory">The directory of the map.</param>
    /// <param name="options">Defaults where <see langword="null"/>; only storage, clock and prefaulting matter.</param>
    /// <exception cref="EstreamStorageException">There is no map, or it may not be read.</exception>
    /// <exception cref="EstreamFormatException">The map is another kind of map, has no versions or another format version, or the files are
    /// no map.</exception>
    /// <exception cref="EstreamCorruptionException">The files are damaged.</exception>
    public static VersionedByteMap OpenReadOnly(string directory, ByteMapOptions? options = null) =>
        new(ByteMap.OpenReadOnly(directory, options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Makes a map in the memory of this process.</summary>
    /// <param name="options">Defaults where <see langword="null"/>; the storage does not matter.</param>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public static VersionedByteMap CreateInMemory(ByteMapOptions? options = null) =>
        new(ByteMap.CreateInMemory(options, ByteMetaLayout.FeatureStamps), options);

    /// <summary>Looks a key up and copies its value; see <see cref="ByteMap.TryGet(ReadOnlySpan{byte}, Span{byte}, out int)"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Where the value goes.</param>
    /// <param name="length">The length of the value, also when there is no room for it; 0 when the key is not there.</param>
    /// <param name="version">Its version, by which it can be changed if nobody else has; 0 when the key is not there.</param>
    /// <returns>Ok; NotFound; or Full when the destination is shorter than the value: what is in it then is not to be used.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
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

    /// <summary>Looks a key up and returns a copy of its value. This form allocates the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> when the key is not there.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
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

    /// <summary>Looks up what is known of an entry beside its value, which is not read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <param name="expiresAt">When it ends, in nanoseconds since 1970 UTC; 0 when it stays, or is not there.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGetVersion(ReadOnlySpan<byte> key, out long version, out long expiresAt)
    {
        bool isThere = _map.TryFind(key, _clock, out _, out Stamp stamp);
        (version, expiresAt) = isThere ? (stamp.Version, stamp.ExpiresAt) : (Stamp.NoVersion, Stamp.Never);
        return isThere;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => _map.TryFind(key, _clock, out _, out _);

    /// <summary>One of the words kept with the map for its user; see <see cref="StateMap{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _map.UserWord(index);

    /// <summary>Measures the map as it is; see <see cref="ByteMap.GetStatistics"/>. Entries whose time is over count until they are taken
    /// away.</summary>
    public ByteMapStatistics GetStatistics() => _map.GetStatistics();

    /// <summary>Takes an image of the map as it is now, without what has ended, and lets writing go on; see
    /// <see cref="ByteMap.CreateSnapshot"/>. It ends with this object.</summary>
    /// <remarks>Costs what it costs there. Thread-safety: a call that writes. What it returns may be used by any thread.</remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another index, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedByteMapSnapshot CreateSnapshot() => new(_map.CreateSnapshot(), _map.HasExpiring);

    /// <summary>Goes through all entries that are shown, in no particular order; see <see cref="ByteMap.GetEnumerator"/>.</summary>
    public Enumerator GetEnumerator() => new(_map.GetEnumerator(), _clock);

    /// <summary>Closes the map; see <see cref="ByteMap.Dispose"/>. Idempotent.</summary>
    /// <exception cref="EstreamStorageException">The device reported an error. The map is closed all the same, and says
    /// <see cref="HostCrashed"/> when it is opened.</exception>
    public void Dispose() => _map.Dispose();

    /// <summary>Goes through the entries of a map. Not thread-safe itself, but the map may be written meanwhile. Allocates nothing but a
    /// buffer it borrows, as large as the largest entry it met, until it is disposed.</summary>
    public struct Enumerator : IDisposable
    {
        private readonly IClock _clock;
        private ByteMap.Enumerator _entries;

        internal Enumerator(ByteMap.Enumerator entries, IClock clock) => (_entries, _clock) = (entries, clock);

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile, so what is left cannot be seen any more.</exception>
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

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _entries.Dispose();
    }
}

/// <summary>An entry of a <see cref="VersionedByteMap"/>, as an enumeration met it: copies, valid until the enumeration goes on.</summary>
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

    /// <summary>Its version, above 0. A key never gets the same one twice, and a later one is higher.</summary>
    public long Version => _stamp.Version;

    /// <summary>When it ends, in nanoseconds since 1970 UTC; 0 when it stays.</summary>
    public long ExpiresAt => _stamp.ExpiresAt;
}
