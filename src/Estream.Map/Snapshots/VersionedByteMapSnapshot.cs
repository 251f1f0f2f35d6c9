using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="VersionedByteMap"/> as it was at one moment; see <see cref="VersionedByteMap.CreateSnapshot"/>. What had ended by then is
/// not in it, and what ends later stays in it. It ends with the map.
/// </summary>
/// <remarks>Thread-safety: any thread may read at any time. <see cref="Dispose"/>, and that of the map, must not run while another thread
/// uses this object.</remarks>
public sealed class VersionedByteMapSnapshot : IDisposable
{
    private const long NotCounted = -1;

    private readonly ByteMapSnapshot _snapshot;
    private long _count;

    internal VersionedByteMapSnapshot(ByteMapSnapshot snapshot, bool hasExpiring)
    {
        _snapshot = snapshot;
        _count = hasExpiring ? NotCounted : snapshot.Count;
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _snapshot.Directory;

    /// <summary>The number of entries. Where the map ever had one that ends, the first call goes through all entries.</summary>
    public long Count
    {
        get
        {
            if (Volatile.Read(ref _count) == NotCounted)
            {
                using Enumerator entries = GetEnumerator();
                long count = 0;
                while (entries.MoveNext())
                {
                    count++;
                }

                Volatile.Write(ref _count, count);
            }

            return _count;
        }
    }

    /// <summary>Looks a key up and copies its value; see
    /// <see cref="VersionedByteMap.TryGet(ReadOnlySpan{byte}, Span{byte}, out int, out long)"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Where the value goes.</param>
    /// <param name="length">The length of the value, also when there is no room for it; 0 when the key is not there.</param>
    /// <param name="version">The version it had: by it the map's entry is changed only if nobody has changed it since. 0 when the key is
    /// not there.</param>
    /// <returns>Ok, NotFound, or Full when the destination is shorter than the value.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
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
    /// <param name="value">The value, or <see langword="null"/> when the key is not there.</param>
    /// <param name="version">The version it had, or 0.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
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

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => _snapshot.TryFind(key, out _, out _);

    /// <summary>The user word as it was; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _snapshot.UserWord(index);

    /// <summary>Puts the entries in the order of their keys, byte by byte; see <see cref="ByteMapSnapshot.OrderByKey"/>. The result is
    /// independent of this object.</summary>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public OrderedVersionedByteMapSnapshot OrderByKey() => new(_snapshot.OrderShownByKey());

    /// <summary>Goes through all entries in no particular order.</summary>
    public Enumerator GetEnumerator() => new(_snapshot.GetEnumerator(), _snapshot.TakenAt);

    /// <summary>Lets go of the index and of the files. Idempotent.</summary>
    public void Dispose() => _snapshot.Dispose();

    /// <summary>Goes through the entries of a snapshot. Not thread-safe itself. Allocates nothing but a buffer it borrows, as large as the
    /// largest entry it met, until it is disposed.</summary>
    public struct Enumerator : IDisposable
    {
        private readonly long _takenAt;
        private ByteMapSnapshot.Enumerator _entries;

        internal Enumerator(ByteMapSnapshot.Enumerator entries, long takenAt) => (_entries, _takenAt) = (entries, takenAt);

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
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

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _entries.Dispose();
    }
}
