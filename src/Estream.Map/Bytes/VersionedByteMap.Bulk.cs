using System.Buffers;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Many keys in one call, each on its own, with their misses overlapped.
public sealed partial class VersionedByteMap
{
    /// <summary>Looks many keys up and appends their values to a writer; see <see cref="ByteMap.GetMany"/>.</summary>
    /// <param name="keys">The keys, one behind the other.</param>
    /// <param name="keyLengths">The length of each; together as long as <paramref name="keys"/>.</param>
    /// <param name="values">Gets the values of those that are there, one behind the other.</param>
    /// <param name="valueLengths">Gets the length of the value of each key, -1 where the key is not there; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <param name="versions">Gets the version of each, 0 where the key is not there; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <returns>How many are there.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the keys, or a destination is too short.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there. The values before are in the
    /// writer.</exception>
    public int GetMany(
        ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, IBufferWriter<byte> values, Span<int> valueLengths, Span<long> versions)
    {
        ArgumentNullException.ThrowIfNull(values);
        BatchArguments.Require(keys, keyLengths, int.MaxValue, nameof(keyLengths));
        StateMap<nuint, nuint>.RequireLength(valueLengths.Length, keyLengths.Length, nameof(valueLengths));
        StateMap<nuint, nuint>.RequireLength(versions.Length, keyLengths.Length, nameof(versions));
        ByteMap.Hashes hashes = default;
        int hits = 0;
        for (int start = 0; start < keyLengths.Length; start += ByteMap.BatchSize)
        {
            int count = Math.Min(ByteMap.BatchSize, keyLengths.Length - start);
            _map.Prefetch(keys, keyLengths.Slice(start, count), hashes);
            for (int i = start; i < start + count; i++)
            {
                valueLengths[i] = Append(hashes[i - start], keys[..keyLengths[i]], values, out versions[i]);
                hits += valueLengths[i] == ByteMap.NotThere ? 0 : 1;
                keys = keys[keyLengths[i]..];
            }
        }

        return hits;
    }

    /// <summary>Stores many values, each as <see cref="Put"/> does, one after the other, with their misses overlapped.</summary>
    /// <param name="keys">The keys, one behind the other.</param>
    /// <param name="keyLengths">The length of each, 0 to <see cref="ByteMap.MaxKeyBytes"/>; together as long as
    /// <paramref name="keys"/>.</param>
    /// <param name="values">The values, one behind the other.</param>
    /// <param name="valueLengths">The length of each, 0 to <see cref="MaxValueBytes"/>; as many as keys, and together as long as
    /// <paramref name="values"/>.</param>
    /// <param name="versions">Gets the version each has now; at least as long as <paramref name="keyLengths"/>.</param>
    /// <param name="timeToLive">How long they are there; <see langword="null"/>: until they are removed or replaced.</param>
    /// <exception cref="ArgumentException">The lengths are too large, or not those of keys and values, or the destination is too short.
    /// Nothing is stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>; those before it are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void PutMany(
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<int> keyLengths,
        ReadOnlySpan<byte> values,
        ReadOnlySpan<int> valueLengths,
        Span<long> versions,
        TimeSpan? timeToLive = null)
    {
        RequirePairs(keys, keyLengths, values, valueLengths, versions);
        ByteMap.Hashes hashes = default;
        for (int start = 0; start < keyLengths.Length; start += ByteMap.BatchSize)
        {
            int count = Math.Min(ByteMap.BatchSize, keyLengths.Length - start);
            _map.Prefetch(keys, keyLengths.Slice(start, count), hashes);
            for (int i = start; i < start + count; i++)
            {
                versions[i] = Put(keys[..keyLengths[i]], values[..valueLengths[i]], timeToLive);
                keys = keys[keyLengths[i]..];
                values = values[valueLengths[i]..];
            }
        }
    }

    /// <summary>Stores many values, each as <see cref="CompareExchange"/> does if nobody has changed the entry since, with their misses
    /// overlapped. Together they are no transaction: that is a <see cref="CreateBatch"/>.</summary>
    /// <param name="keys">The keys, one behind the other.</param>
    /// <param name="keyLengths">As for <see cref="PutMany"/>.</param>
    /// <param name="expectedVersions">The version each must have, 0 where the key must not be there; as many as keys.</param>
    /// <param name="values">The values, one behind the other.</param>
    /// <param name="valueLengths">As for <see cref="PutMany"/>.</param>
    /// <param name="versions">Gets the version each has now, whether it was stored or not; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <param name="stored">Gets whether each was stored; at least as long as <paramref name="keyLengths"/>.</param>
    /// <param name="timeToLive">As for <see cref="PutMany"/>.</param>
    /// <returns>How many were stored.</returns>
    /// <exception cref="ArgumentException">The lengths are too large or do not belong together, or a destination is too short. Nothing is
    /// stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A version is below 0, or the time to live is not above zero; those before it are
    /// done.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>; those before it are done.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int CompareExchangeMany(
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<int> keyLengths,
        ReadOnlySpan<long> expectedVersions,
        ReadOnlySpan<byte> values,
        ReadOnlySpan<int> valueLengths,
        Span<long> versions,
        Span<bool> stored,
        TimeSpan? timeToLive = null)
    {
        BatchArguments.RequirePairs(keyLengths.Length, expectedVersions.Length, nameof(expectedVersions));
        StateMap<nuint, nuint>.RequireLength(stored.Length, keyLengths.Length, nameof(stored));
        RequirePairs(keys, keyLengths, values, valueLengths, versions);
        ByteMap.Hashes hashes = default;
        int hits = 0;
        for (int start = 0; start < keyLengths.Length; start += ByteMap.BatchSize)
        {
            int count = Math.Min(ByteMap.BatchSize, keyLengths.Length - start);
            _map.Prefetch(keys, keyLengths.Slice(start, count), hashes);
            for (int i = start; i < start + count; i++)
            {
                ReadOnlySpan<byte> value = values[..valueLengths[i]];
                stored[i] = CompareExchange(keys[..keyLengths[i]], expectedVersions[i], value, out versions[i], timeToLive);
                hits += stored[i] ? 1 : 0;
                keys = keys[keyLengths[i]..];
                values = values[valueLengths[i]..];
            }
        }

        return hits;
    }

    private void RequirePairs(
        ReadOnlySpan<byte> keys,
        ReadOnlySpan<int> keyLengths,
        ReadOnlySpan<byte> values,
        ReadOnlySpan<int> valueLengths,
        ReadOnlySpan<long> versions)
    {
        BatchArguments.RequirePairs(keyLengths.Length, valueLengths.Length, nameof(valueLengths));
        BatchArguments.Require(keys, keyLengths, ByteMap.MaxKeyBytes, nameof(keyLengths));
        BatchArguments.Require(values, valueLengths, MaxValueBytes, nameof(valueLengths));
        StateMap<nuint, nuint>.RequireLength(versions.Length, keyLengths.Length, nameof(versions));
        _ = _map.WritableVersions(default, default);
    }

    /// <returns>The length of the value, or <see cref="ByteMap.NotThere"/>.</returns>
    private int Append(nuint hash, ReadOnlySpan<byte> key, IBufferWriter<byte> destination, out long version)
    {
        while (_map.TryFind(hash, key, _clock, out FoundBlock found, out Stamp stamp))
        {
            int length = found.Head.ValueBytes - Stamp.Bytes;
            if (_map.IsCopied(in found, destination.GetSpan(length), Stamp.Bytes))
            {
                destination.Advance(length);
                version = stamp.Version;
                return length;
            }
        }

        version = Stamp.NoVersion;
        return ByteMap.NotThere;
    }
}
