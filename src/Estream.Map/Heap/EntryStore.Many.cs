using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// Puts of several pairs, each independent of the others. Their cache misses overlap: all blocks are written while the buckets of the index
// are loaded, and all replaced blocks are loaded together.
internal sealed partial class EntryStore
{
    /// <summary>Stores pairs, one after the other. The buckets of their hashes are being loaded.</summary>
    /// <param name="keys">The concatenated keys; others may follow.</param>
    /// <param name="keyLengths">The length of each key, at most <see cref="ByteMap.BatchSize"/> of them.</param>
    /// <param name="values">The concatenated values.</param>
    /// <param name="valueLengths">The length of each value.</param>
    /// <param name="hashes">The hash of each key.</param>
    /// <returns>The number of new keys.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Put(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool)"/>; the pairs before
    /// the failed one are stored.</exception>
    public int PutMany(
        ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, ReadOnlySpan<byte> values, ReadOnlySpan<int> valueLengths,
        ReadOnlySpan<nuint> hashes)
    {
        if (sink is not null || values.Length > heap.NewSegmentBytes)
        {
            return PutOneByOne(keys, keyLengths, values, valueLengths);
        }

        Blocks blocks = default;
        ReadOnlySpan<byte> left = keys;
        int count = 0;
        try
        {
            for (; count < keyLengths.Length; count++)
            {
                blocks[count] = heap.Append(BlockKind.Entry, left[..keyLengths[count]], values[..valueLengths[count]]);
                left = left[keyLengths[count]..];
                values = values[valueLengths[count]..];
            }
        }
        catch when (count > 0)
        {
            _ = InstallMany(keys, keyLengths[..count], valueLengths, hashes, blocks);
            throw;
        }

        return InstallMany(keys, keyLengths, valueLengths, hashes, blocks);
    }

    // With a feed, each event is published before its change is applied, and the feed intent names one block. If the values are large, each
    // put frees the replaced value before the next value is stored.
    private int PutOneByOne(
        ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, ReadOnlySpan<byte> values, ReadOnlySpan<int> valueLengths)
    {
        int replaced = 0;
        for (int i = 0; i < keyLengths.Length; i++)
        {
            replaced += Put(keys[..keyLengths[i]], values[..valueLengths[i]]) ? 1 : 0;
            keys = keys[keyLengths[i]..];
            values = values[valueLengths[i]..];
        }

        return keyLengths.Length - replaced;
    }

    // No entry is moved before all are installed, so the references stay valid, except those to an earlier pair's key.
    private int InstallMany(
        ReadOnlySpan<byte> keys, ReadOnlySpan<int> keyLengths, ReadOnlySpan<int> valueLengths, ReadOnlySpan<nuint> hashes,
        ReadOnlySpan<BlockRef> blocks)
    {
        Blocks roots = default;
        for (int i = 0; i < keyLengths.Length; i++)
        {
            if (index.TryGet(in hashes[i], out nuint word))
            {
                roots[i] = new BlockRef(word);
                heap.View.Prefetch(roots[i]);
            }
        }

        int added = 0;
        int done = 0;
        long bytes = 0;
        try
        {
            for (; done < keyLengths.Length; done++)
            {
                long size = heap.EntryBytes(keyLengths[done], valueLengths[done]);
                bytes += size;
                added += InstallOne(roots[done], keys[..keyLengths[done]], hashes[done], blocks[done], size) ? 1 : 0;
                keys = keys[keyLengths[done]..];
            }
        }
        catch
        {
            // An entry is damaged, or the index could not grow. Nothing refers to the remaining blocks.
            for (; done < keyLengths.Length; done++)
            {
                long size = heap.EntryBytes(keyLengths[done], valueLengths[done]);
                bytes += size;
                heap.AddLive(blocks[done], size);
                heap.Free(blocks[done], size);
            }

            compactor.Work(bytes);
            throw;
        }

        compactor.Work(bytes);
        return added;
    }

    // Returns whether the key is new.
    private bool InstallOne(BlockRef root, ReadOnlySpan<byte> key, nuint keyHash, BlockRef block, long bytes)
    {
        // Release: the block is stored before the reference that leads to it.
        if (root != default && !root.IsList
            && heap.View.Find(root, key, out FoundBlock found) == BlockOutcome.Found
            && index.CompareExchange(in keyHash, root.Word, block.Word))
        {
            heap.AddLive(block, bytes);
            heap.Free(root, found.Head.Bytes);
            return false;
        }

        Locate(key, keyHash, RootOf(keyHash), out LocatedEntry entry);
        Refer(in entry, block, bytes);
        return !entry.IsThere;
    }

    /// <summary>References to the blocks of the pairs that are being stored.</summary>
    [InlineArray(ByteMap.BatchSize)]
    private struct Blocks
    {
        private BlockRef _first;
    }
}
