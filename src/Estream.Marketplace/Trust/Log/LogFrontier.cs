using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The right edge of a log's tree: the hashes of its incomplete tiles, from which the root is computed and to which leaves are
/// appended.</summary>
internal sealed class LogFrontier
{
    private readonly List<OpenTile> _levels = [];

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The number of levels that have, or have had, an incomplete tile.</summary>
    public int LevelCount => _levels.Count;

    /// <summary>Returns the hashes of a level's incomplete tile.</summary>
    /// <param name="level">The level, from 0.</param>
    public ReadOnlySpan<byte> Tile(int level) => _levels[level].Hashes;

    /// <summary>Restores the frontier of a log of a given size.</summary>
    /// <param name="size">The number of leaves.</param>
    /// <param name="readTile">Reads the incomplete tile of a level, given the level, the index of the tile and its number of
    /// hashes.</param>
    public static LogFrontier Resume(long size, Func<int, long, int, byte[]> readTile)
    {
        LogFrontier edge = new() { Size = size };
        for (int level = 0; size >> (level * LogPaths.TileHeight) > 0; level++)
        {
            long count = size >> (level * LogPaths.TileHeight);
            int width = (int)(count % LogPaths.TileWidth);
            OpenTile tile = new();
            tile.Append(width == 0 ? [] : readTile(level, count / LogPaths.TileWidth, width));
            edge._levels.Add(tile);
        }

        return edge;
    }

    /// <summary>Appends a leaf.</summary>
    /// <param name="leafHash">The hash of the leaf.</param>
    /// <param name="full">Called for each tile that becomes full, with its level, its index and its hashes.</param>
    public void Append(ReadOnlySpan<byte> leafHash, Action<int, long, byte[]> full)
    {
        Size++;
        byte[] hash = leafHash.ToArray();
        for (int level = 0; ; level++)
        {
            if (level == _levels.Count)
            {
                _levels.Add(new OpenTile());
            }

            OpenTile tile = _levels[level];
            tile.Append(hash);
            if (tile.Hashes.Length < LogPaths.TileWidth * LogProof.HashBytes)
            {
                return;
            }

            byte[] hashes = tile.Hashes.ToArray();
            full(level, ((Size >> (level * LogPaths.TileHeight)) / LogPaths.TileWidth) - 1, hashes);
            Rfc9162.HashRoot(TreeHash.Sha256, hashes, hash);
            tile.Clear();
        }
    }

    /// <summary>Computes the root over all leaves.</summary>
    public byte[] ComputeRoot()
    {
        // The root over the incomplete lower levels acts as one more node after the hashes of a level. RFC 9162 splits the tree in the same
        // way.
        byte[] root = new byte[LogProof.HashBytes];
        bool isRest = false;
        foreach (OpenTile tile in _levels)
        {
            if (!tile.Hashes.IsEmpty)
            {
                byte[] nodes = isRest ? [.. tile.Hashes, .. root] : tile.Hashes.ToArray();
                Rfc9162.HashRoot(TreeHash.Sha256, nodes, root);
                isRest = true;
            }
        }

        if (!isRest)
        {
            Rfc9162.HashRoot(TreeHash.Sha256, [], root);
        }

        return root;
    }

    /// <summary>A tile that is not full yet.</summary>
    private sealed class OpenTile
    {
        private readonly byte[] _hashes = new byte[LogPaths.TileWidth * LogProof.HashBytes];
        private int _bytes;

        public ReadOnlySpan<byte> Hashes => _hashes.AsSpan(0, _bytes);

        public void Append(ReadOnlySpan<byte> hashes)
        {
            hashes.CopyTo(_hashes.AsSpan(_bytes));
            _bytes += hashes.Length;
        }

        public void Clear() => _bytes = 0;
    }
}
