using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The right edge of a log: the hashes of its unfinished tiles, from which the root follows and on which it grows.</summary>
internal sealed class LogFrontier
{
    private readonly List<OpenTile> _levels = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Levels that have an unfinished tile, or have had one.</summary>
    public int LevelCount => _levels.Count;

    /// <summary>The hashes of a level's unfinished tile.</summary>
    /// <param name="level">From 0.</param>
    public ReadOnlySpan<byte> Tile(int level) => _levels[level].Hashes;

    /// <summary>Takes up what a log of some size has.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="readTile">Gives the unfinished tile of a level, the index of the tile and its hashes.</param>
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
    /// <param name="leafHash">Its hash.</param>
    /// <param name="full">Is told of every tile that is full now: its level, its index, and its hashes.</param>
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

    /// <summary>The root over all leaves.</summary>
    public byte[] ComputeRoot()
    {
        // What the lower levels have left over stands behind the hashes of a level as one more node: the tree of the standard is split just
        // so.
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
