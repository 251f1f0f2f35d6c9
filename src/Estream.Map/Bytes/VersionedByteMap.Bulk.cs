using System.Buffers;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Operations on many keys, each independent of the others, with overlapping cache misses.
public sealed partial class VersionedByteMap
{
    /// <summary>Looks many keys up and appends their values to a writer; see <see cref="ByteMap.GetMany"/>.</summary>
    /// <param name="keys">The concatenated keys.</param>
    /// <param name="keyLengths">The length of each key; the sum is the length of <paramref name="keys"/>.</param>
    /// <param name="values">Receives the concatenated values of the keys that the map has.</param>
    /// <param name="valueLengths">Receives the length of each value, or -1 if the map does not have the key; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <param name="versions">Receives the version of each entry, or 0 if the map does not have the key; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <returns>The number of keys that the map has.</returns>
    /// <exception cref="ArgumentException">The lengths do not match the keys, or a destination is too short.</exception>
    /// <exception cref="EstreamCorruptionException">An entry is damaged: its bytes are not those that were stored. <paramref
    /// name="values"/> has received the values before it.</exception>
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

    /// <summary>Stores many values, one after the other as <see cref="Put"/> does, with prefetching.</summary>
    /// <param name="keys">The concatenated keys.</param>
    /// <param name="keyLengths">The length of each key, 0 to <see cref="ByteMap.MaxKeyBytes"/>; the sum is the length of
    /// <paramref name="keys"/>.</param>
    /// <param name="values">The concatenated values.</param>
    /// <param name="valueLengths">The length of each value, 0 to <see cref="MaxValueBytes"/>; as many as keys, and the sum is the length of
    /// <paramref name="values"/>.</param>
    /// <param name="versions">Receives the new version of each entry; at least as long as <paramref name="keyLengths"/>.</param>
    /// <param name="timeToLive">The time until the entries expire; <see langword="null"/>: they do not expire.</param>
    /// <exception cref="ArgumentException">A length is too large, the lengths do not match keys and values, or the destination is too
    /// short. Nothing is stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>; the pairs before the failed one are stored.</exception>
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

    /// <summary>Stores many values, each as <see cref="CompareExchange"/> does if the entry still has the expected version, with
    /// prefetching. Not a transaction; <see cref="CreateBatch"/> makes one.</summary>
    /// <param name="keys">The concatenated keys.</param>
    /// <param name="keyLengths">As for <see cref="PutMany"/>.</param>
    /// <param name="expectedVersions">The version each entry must have; 0: the map must not have the key. As many as keys.</param>
    /// <param name="values">The concatenated values.</param>
    /// <param name="valueLengths">As for <see cref="PutMany"/>.</param>
    /// <param name="versions">Receives the current version of each entry, stored or not; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <param name="stored">Receives whether each value was stored; at least as long as <paramref name="keyLengths"/>.</param>
    /// <param name="timeToLive">As for <see cref="PutMany"/>.</param>
    /// <returns>The number of stored values.</returns>
    /// <exception cref="ArgumentException">A length is too large, the lengths do not match, or a destination is too short. Nothing is
    /// stored.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A version is below 0, or the time to live is not above zero; the pairs before the
    /// failed one are done.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="ByteMap.Put"/>; the pairs before the failed one are done.</exception>
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
