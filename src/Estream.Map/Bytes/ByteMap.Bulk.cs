using System.Buffers;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Many keys in one call, each on its own, with their misses overlapped: first the buckets of the index, then the blocks they lead to.
public sealed partial class ByteMap
{
    internal const int BatchSize = StateMap<nuint, nuint>.BatchSize;

    /// <summary>What a call for many keys says of the value of one that is not there.</summary>
    internal const int NotThere = -1;

    /// <summary>
    /// Looks many keys up and appends their values to a writer. The processor is told of the keys to come, so that their misses overlap,
    /// those of the index and then those of the entries. Each key is looked up on its own: together they are no snapshot.
    /// </summary>
    /// <param name="keys">The keys, one behind the other.</param>
    /// <param name="keyLengths">The length of each; together as long as <paramref name="keys"/>.</param>
    /// <param name="values">Gets the values of those that are there, one behind the other.</param>
    /// <param name="valueLengths">Gets the length of the value of each key, -1 where the key is not there; at least as long as
    /// <paramref name="keyLengths"/>.</param>
    /// <returns>How many are there.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the keys, or a destination is too short.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there. The values before are in the
    /// writer.</exception>
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

    /// <summary>Stores many values, each as <see cref="Put"/> does, one after the other, with their misses overlapped.</summary>
    /// <param name="keys">The keys, one behind the other.</param>
    /// <param name="keyLengths">The length of each, 0 to <see cref="MaxKeyBytes"/>; together as long as <paramref name="keys"/>.</param>
    /// <param name="values">The values, one behind the other.</param>
    /// <param name="valueLengths">The length of each, 0 to <see cref="MaxValueBytes"/>; as many as keys, and together as long as
    /// <paramref name="values"/>.</param>
    /// <returns>How many keys are new.</returns>
    /// <exception cref="ArgumentException">The lengths are too large, or not those of keys and values. Nothing is stored.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>; those before it are stored.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public int PutMany(ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, ReadOnlySpan<byte> values, ReadOnlySpan<int> valueLengths)
    {
        BatchArguments.RequirePairs(keyLengths.Length, valueLengths.Length, nameof(valueLengths));
        BatchArguments.Require(keys, keyLengths, MaxKeyBytes, nameof(keyLengths));
        BatchArguments.Require(values, valueLengths, MaxValueBytes, nameof(valueLengths));
        _ = Writable(default, default);
        Hashes hashes = default;
        int added = 0;
        for (int start = 0; start < keyLengths.Length; start += BatchSize)
        {
            int count = Math.Min(BatchSize, keyLengths.Length - start);
            Prefetch(keys, keyLengths.Slice(start, count), hashes);
            for (int i = start; i < start + count; i++)
            {
                added += Put(keys[..keyLengths[i]], values[..valueLengths[i]]) ? 1 : 0;
                keys = keys[keyLengths[i]..];
                values = values[valueLengths[i]..];
            }
        }

        return added;
    }

    /// <summary>Asks the processor for what is going to be looked at for some keys.</summary>
    /// <param name="keys">The keys, and perhaps others behind them.</param>
    /// <param name="lengths">The length of each, at most <see cref="BatchSize"/> of them.</param>
    /// <param name="hashes">Gets the hash of each.</param>
    internal void Prefetch(ReadOnlySpan<byte> keys, ReadOnlySpan<int> lengths, Span<nuint> hashes)
    {
        StateMap<nuint, nuint> index = Index;
        for (int i = 0; i < lengths.Length; i++)
        {
            hashes[i] = _hash.Of(keys[..lengths[i]]);
            keys = keys[lengths[i]..];
        }

        index.Prefetch(hashes[..lengths.Length]);
        for (int i = 0; i < lengths.Length; i++)
        {
            if (index.TryGet(in hashes[i], out nuint word))
            {
                _view.Prefetch(new BlockRef(word));
            }
        }
    }

    /// <summary>The hashes of the keys that are on their way.</summary>
    [InlineArray(BatchSize)]
    internal struct Hashes
    {
        private nuint _first;
    }
}
