using System.Buffers;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Operations on many keys, each independent of the others, with overlapping cache misses: first the misses in the buckets of the index,
// then the misses in the blocks.
public sealed partial class ByteMap
{
    internal const int BatchSize = StateMap<nuint, nuint>.BatchSize;

    /// <summary>The length that a call for many keys returns for a key that the map does not have.</summary>
    internal const int NotThere = -1;

    /// <summary>
    /// Looks many keys up and appends their values to a writer, with prefetching, so that their cache misses overlap, first in the index
    /// and then in the entries. Each key is looked up on its own: the values are not a snapshot.
    /// </summary>
    /// <param name="keys">The concatenated keys.</param>
    /// <param name="keyLengths">The length of each key; the sum is the length of <paramref name="keys"/>.</param>
    /// <param name="values">Receives the concatenated values of the keys that the map has.</param>
    /// <param name="valueLengths">Receives the length of each value, or -1 if the map does not have the key; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <returns>The number of keys that the map has.</returns>
    /// <exception cref="ArgumentException">The lengths do not match the keys, or a destination is too short.</exception>
    /// <exception cref="EstreamCorruptionException">An entry is damaged: its bytes are not those that were stored. <paramref
    /// name="values"/> has received the values before it.</exception>
    public int GetMany(ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, IBufferWriter<byte> values, Span<int> valueLengths)
    {
        ArgumentNullException.ThrowIfNull(values);
        BatchArguments.Require(keys, keyLengths, int.MaxValue, nameof(keyLengths));
        StateMap<nuint, nuint>.RequireLength(valueLengths.Length, keyLengths.Length, nameof(valueLengths));
        Hashes hashes = default;
        int hits = 0;
        for (int start = 0; start < keyLengths.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keyLengths.Length - start);
            Prefetch(keys, keyLengths.Slice(start, count), hashes);
            for (int i = start; i < start + count; i++)
            {
                valueLengths[i] = Append(hashes[i - start], keys[..keyLengths[i]], values);
                hits += valueLengths[i] == NotThere ? 0 : 1;
                keys = keys[keyLengths[i]..];
            }
        }

        return hits;
    }

    /// <summary>Stores many values, one after the other as <see cref="Put"/> does, with prefetching.</summary>
    /// <param name="keys">The concatenated keys.</param>
    /// <param name="keyLengths">The length of each key, 0 to <see cref="MaxKeyBytes"/>; the sum is the length of
    /// <paramref name="keys"/>.</param>
    /// <param name="values">The concatenated values.</param>
    /// <param name="valueLengths">The length of each value, 0 to <see cref="MaxValueBytes"/>; as many as keys, and the sum is the length of
    /// <paramref name="values"/>.</param>
    /// <returns>The number of new keys.</returns>
    /// <exception cref="ArgumentException">A length is too large, or the lengths do not match keys and values. Nothing is
    /// stored.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>; the pairs before the failed one are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int PutMany(ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, ReadOnlySpan<byte> values, ReadOnlySpan<int> valueLengths)
    {
        BatchArguments.RequirePairs(keyLengths.Length, valueLengths.Length, nameof(valueLengths));
        BatchArguments.Require(keys, keyLengths, MaxKeyBytes, nameof(keyLengths));
        BatchArguments.Require(values, valueLengths, MaxValueBytes, nameof(valueLengths));
        EntryStore entries = Writable(default, default);
        Hashes hashes = default;
        int added = 0;
        for (int start = 0; start < keyLengths.Length; start += BatchSize)
        {
            ReadOnlySpan<int> someKeys = keyLengths.Slice(start, Math.Min(BatchSize, keyLengths.Length - start));
            ReadOnlySpan<int> someValues = valueLengths.Slice(start, someKeys.Length);
            _hash.OfMany(keys, someKeys, hashes);
            Index.Prefetch(hashes[..someKeys.Length]);
            int bytes = Sum(someValues);
            added += entries.PutMany(keys, someKeys, values[..bytes], someValues, hashes);
            keys = keys[Sum(someKeys)..];
            values = values[bytes..];
        }

        GC.KeepAlive(this);
        return added;
    }

    private static int Sum(ReadOnlySpan<int> lengths)
    {
        int sum = 0;
        foreach (int length in lengths)
        {
            sum += length;
        }

        return sum;
    }

    /// <summary>Prefetches the buckets and blocks of keys that are read or changed next.</summary>
    /// <param name="keys">The concatenated keys; others may follow.</param>
    /// <param name="lengths">The length of each key, at most <see cref="BatchSize"/> of them.</param>
    /// <param name="hashes">Receives the hash of each key.</param>
    internal void Prefetch(ReadOnlySpan<byte> keys, ReadOnlySpan<int> lengths, Span<nuint> hashes)
    {
        StateMap<nuint, nuint> index = Index;
        _hash.OfMany(keys, lengths, hashes);
        index.Prefetch(hashes[..lengths.Length]);
        for (int i = 0; i < lengths.Length; i++)
        {
            if (index.TryGet(in hashes[i], out nuint word))
            {
                _view.Prefetch(new BlockRef(word));
            }
        }
    }

    /// <summary>The hashes of the keys that are being prefetched.</summary>
    [InlineArray(BatchSize)]
    internal struct Hashes
    {
        private nuint _first;
    }
}
