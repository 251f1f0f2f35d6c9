using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="VersionedByteMap"/> as it was at one moment; see <see cref="VersionedByteMap.CreateSnapshot"/>. It has no entry that had
/// expired by then, and keeps entries that expire later. It is valid until the map is disposed.
/// </summary>
/// <remarks>Thread-safety: any thread may read at any time. Do not dispose this object or the map while another thread uses this
/// object.</remarks>
public sealed class VersionedByteMapSnapshot : IDisposable
{
    private readonly ByteMapSnapshot _snapshot;
    private UnexpiredCount _count;

    internal VersionedByteMapSnapshot(ByteMapSnapshot snapshot, bool hasExpiring)
    {
        _snapshot = snapshot;
        _count = new UnexpiredCount(snapshot.Count, isKnown: !hasExpiring);
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _snapshot.Directory;

    /// <summary>The number of entries. If the map ever had an entry with an expiry, the first call reads all entries.</summary>
    public long Count => _count.TryGet(out long known) ? known : _count.Set(CountUnexpired());

    /// <summary>Looks a key up and copies its value; see
    /// <see cref="VersionedByteMap.TryGet(ReadOnlySpan{byte}, Span{byte}, out int, out long)"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the value.</param>
    /// <param name="length">The length of the value, also if the destination is too short; 0 if the snapshot does not have the key.</param>
    /// <param name="version">The entry's version, for a conditional change in the map; 0 if the snapshot does not have the key.</param>
    /// <returns>Ok, NotFound, or Full if the destination is shorter than the value.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
    public Status TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length, out long version)
    {
        (length, version) = (0, Stamp.NoVersion);
        if (!_snapshot.TryFind(key, out FoundBlock found, out Stamp stamp))
        {
            return new Status(StatusCode.NotFound);
        }

        (length, version) = (found.Head.ValueBytes - Stamp.Bytes, stamp.Version);
        if (length > destination.Length)
        {
            return new Status(StatusCode.Full);
        }

        _snapshot.Copy(in found, destination, Stamp.Bytes);
        return Status.Ok;
    }

    /// <summary>Looks a key up and returns a copy of its value. This form allocates the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> if the snapshot does not have the key.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value, out long version)
    {
        bool isThere = _snapshot.TryFind(key, out FoundBlock found, out Stamp stamp);
        (value, version) = (null, Stamp.NoVersion);
        if (isThere)
        {
            (value, version) = (GC.AllocateUninitializedArray<byte>(found.Head.ValueBytes - Stamp.Bytes), stamp.Version);
            _snapshot.Copy(in found, value, Stamp.Bytes);
        }

        return isThere;
    }

    /// <summary>Whether the snapshot has a key.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => _snapshot.TryFind(key, out _, out _);

    /// <summary>Returns a word of user metadata; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _snapshot.UserWord(index);

    /// <summary>Orders the entries by key, byte by byte; see <see cref="ByteMapSnapshot.OrderByKey"/>. The result is
    /// independent of this object.</summary>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for the order.</exception>
    public OrderedVersionedByteMapSnapshot OrderByKey() => new(_snapshot.OrderShownByKey());

    /// <summary>Enumerates all entries in no particular order.</summary>
    public Enumerator GetEnumerator() => new(_snapshot.GetEnumerator(), _snapshot.TakenAt);

    /// <summary>Releases the index and the files. Idempotent.</summary>
    public void Dispose() => _snapshot.Dispose();

    private long CountUnexpired()
    {
        using Enumerator entries = GetEnumerator();
        long count = 0;
        while (entries.MoveNext())
        {
            count++;
        }

        return count;
    }

    /// <summary>Enumerates the entries of a snapshot. Not thread-safe. Allocates nothing, but rents a buffer for its largest entry until it
    /// is disposed.</summary>
    public struct Enumerator : IDisposable
    {
        private readonly long _takenAt;
        private ByteMapSnapshot.Enumerator _entries;

        internal Enumerator(ByteMapSnapshot.Enumerator entries, long takenAt) => (_entries, _takenAt) = (entries, takenAt);

        /// <summary>The current entry.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. The next call skips it.</exception>
        /// <exception cref="ObjectDisposedException">The snapshot or the map was disposed.</exception>
        public bool MoveNext()
        {
            while (_entries.MoveNext())
            {
                if (!Stamp.IsOver(Current.ExpiresAt, _takenAt))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _entries.Dispose();
    }
}
