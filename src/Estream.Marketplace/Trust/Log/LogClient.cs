using System.Numerics;
using Estream.Marketplace.Files;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>
/// Reads a log through its files and fetches only the files that a query needs. Every result is first proven against a checkpoint; the
/// files themselves are untrusted.
/// </summary>
/// <remarks>Thread-safe. Each tile is fetched once and cached, at most <see cref="MaxTiles"/> tiles. A proof in a log of a million entries
/// needs three tiles.</remarks>
public sealed class LogClient
{
    /// <summary>The maximum number of cached tiles.</summary>
    public const int MaxTiles = 1024;

    private readonly IFileSource _source;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _tiles = new(StringComparer.Ordinal);

    /// <summary>Creates a reader of a log.</summary>
    /// <param name="source">The files of the log.</param>
    public LogClient(IFileSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
    }

    /// <summary>Fetches the newest checkpoint.</summary>
    /// <param name="policy">The log and the required signers.</param>
    /// <param name="known">The newest checkpoint of this log known so far, or <see langword="null"/>. The log must begin with the entries
    /// that this checkpoint covers.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="EstreamLogException">The checkpoint is missing or lacks required signatures, or the log is shorter or different
    /// than before (<see cref="LogFault.Rewritten"/>).</exception>
    public async ValueTask<CheckpointVerdict> ReadCheckpointAsync(LogPolicy policy, Checkpoint? known, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        byte[] bytes = await _source.ReadAsync(LogPaths.Checkpoint, SignedNote.MaxBytes, cancellation).ConfigureAwait(false)
            ?? throw new EstreamLogException(LogFault.Missing,
                $"The log '{policy.Origin}' has no checkpoint at its address. Check the address.", LogPaths.Checkpoint);
        CheckpointVerdict verdict = policy.Verify(bytes);
        if (!verdict.IsAccepted)
        {
            throw new EstreamLogException(LogFault.Checkpoint,
                $"The checkpoint of the log '{policy.Origin}' is rejected. {verdict.Reason} Do not use this copy of the log.",
                LogPaths.Checkpoint);
        }

        if (known is not null)
        {
            await RequireSameHistoryAsync(known, verdict.Checkpoint, cancellation).ConfigureAwait(false);
        }

        return verdict;
    }

    /// <summary>Proves that a log begins with the entries that an earlier checkpoint covers.</summary>
    /// <param name="earlier">The earlier checkpoint.</param>
    /// <param name="later">The later checkpoint.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The verified proof, for <see cref="LogProof.VerifyConsistency"/>.</returns>
    /// <exception cref="EstreamLogException">The log does not begin with those entries (<see cref="LogFault.Rewritten"/>), or a file is
    /// missing or invalid.</exception>
    public async ValueTask<byte[]> ProveConsistencyAsync(Checkpoint earlier, Checkpoint later, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        byte[] path = earlier.Size == 0 || earlier.Size >= later.Size
            ? []
            : await HashesAsync(LogRanges.OfConsistency(earlier.Size, later.Size), later.Size, cancellation).ConfigureAwait(false);
        return LogProof.VerifyConsistency(earlier.Size, later.Size, earlier.Root, later.Root, path)
            ? path
            : throw new EstreamLogException(
                LogFault.Rewritten,
                $"The log '{later.Origin}' of {later.Size} entries does not begin with the {earlier.Size} entries it had before, or its "
                + "tiles are damaged. Keep both checkpoints: they are the evidence.",
                LogPaths.Checkpoint);
    }

    /// <summary>Proves that a leaf is in a log.</summary>
    /// <param name="checkpoint">The checkpoint, already verified by the caller.</param>
    /// <param name="index">The index of the leaf, from 0.</param>
    /// <param name="leafHash">The hash of the leaf.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The verified proof, for <see cref="LogProof.VerifyInclusion"/>.</returns>
    /// <exception cref="EstreamLogException">The leaf is not in the log at that index, or a file is missing or invalid.</exception>
    public async ValueTask<byte[]> ProveInclusionAsync(Checkpoint checkpoint, long index, ReadOnlyMemory<byte> leafHash,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        RequireIndex(checkpoint, index);
        byte[] path = await HashesAsync(LogRanges.OfInclusion(index, checkpoint.Size), checkpoint.Size, cancellation).ConfigureAwait(false);
        return LogProof.VerifyInclusion(index, checkpoint.Size, leafHash.Span, checkpoint.Root, path)
            ? path
            : throw new EstreamLogException(
                LogFault.Contradiction,
                $"Entry {index} of the log '{checkpoint.Origin}' does not lead to the root of the checkpoint of "
                + $"{checkpoint.Size} entries. Fetch the log from another mirror.", LogPaths.Checkpoint);
    }

    /// <summary>Reads an entry with its inclusion proof.</summary>
    /// <param name="checkpoint">The checkpoint, already verified by the caller.</param>
    /// <param name="index">The index of the entry, from 0.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="EstreamLogException">A file is missing, or does not lead to the root.</exception>
    public async ValueTask<LoggedEntry> ReadEntryAsync(Checkpoint checkpoint, long index, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        RequireIndex(checkpoint, index);
        IReadOnlyList<ReadOnlyMemory<byte>> bundle = await ReadBundleAsync(checkpoint, index / LogPaths.TileWidth, cancellation)
            .ConfigureAwait(false);
        byte[] content = bundle[(int)(index % LogPaths.TileWidth)].ToArray(), leaf = new byte[LogProof.HashBytes];
        Rfc9162.HashLeaf(TreeHash.Sha256, content, leaf);
        return new LoggedEntry(index, content, await ProveInclusionAsync(checkpoint, index, leaf, cancellation).ConfigureAwait(false));
    }

    /// <summary>Reads all entries of a bundle and proves that they are in the log, for a monitor that follows the log. Costs one bundle and
    /// one tile per 256 entries.</summary>
    /// <param name="checkpoint">The checkpoint, already verified by the caller.</param>
    /// <param name="bundle">The index of the bundle, from 0.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="EstreamLogException">A file is missing, or does not lead to the root.</exception>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(Checkpoint checkpoint, long bundle,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        long start = bundle * LogPaths.TileWidth;
        RequireIndex(checkpoint, start);
        IReadOnlyList<ReadOnlyMemory<byte>> entries = await ReadBundleAsync(checkpoint, bundle, cancellation).ConfigureAwait(false);
        byte[] hashes = new byte[entries.Count * LogProof.HashBytes];
        for (int at = 0; at < entries.Count; at++)
        {
            Rfc9162.HashLeaf(TreeHash.Sha256, entries[at].Span, hashes.AsSpan(at * LogProof.HashBytes, LogProof.HashBytes));
        }

        byte[] tile = await ReadTileAsync(0, bundle, checkpoint.Size, cancellation).ConfigureAwait(false);
        if (!hashes.AsSpan().SequenceEqual(tile))
        {
            throw new EstreamLogException(LogFault.Contradiction,
                $"The entries of bundle {bundle} of the log '{checkpoint.Origin}' do not match its tile. "
                + "Fetch the bundle from another mirror.",
                LogPaths.Entries(bundle, entries.Count));
        }

        // The proof of the first leaf uses all other hashes of the tile, so it proves them too.
        await ProveInclusionAsync(checkpoint, start, hashes.AsMemory(0, LogProof.HashBytes), cancellation).ConfigureAwait(false);
        return entries;
    }

    private static void RequireIndex(Checkpoint checkpoint, long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, checkpoint.Size);
    }

    private async ValueTask RequireSameHistoryAsync(Checkpoint known, Checkpoint now, CancellationToken cancellation)
    {
        if (now.Size < known.Size)
        {
            throw new EstreamLogException(
                LogFault.Rewritten,
                $"The log '{now.Origin}' has {now.Size} entries and had {known.Size}. It was rewritten, or an old copy is being served. "
                + "Keep both checkpoints: they are the evidence.", LogPaths.Checkpoint);
        }

        await ProveConsistencyAsync(known, now, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadBundleAsync(Checkpoint checkpoint, long index,
        CancellationToken cancellation)
    {
        int width = (int)Math.Min(LogPaths.TileWidth, checkpoint.Size - (index * LogPaths.TileWidth));
        string path = LogPaths.Entries(index, width);
        byte[]? bytes = await _source.ReadAsync(path, EntryBundle.MaxBytes, cancellation).ConfigureAwait(false);
        if (bytes is null && width < LogPaths.TileWidth)
        {
            // A log may delete a partial bundle once the full one exists; the full one begins with the same entries.
            bytes = await _source.ReadAsync(LogPaths.Entries(index, LogPaths.TileWidth), EntryBundle.MaxBytes, cancellation)
                .ConfigureAwait(false);
            return bytes is not null && EntryBundle.TryParse(bytes, LogPaths.TileWidth, out IReadOnlyList<ReadOnlyMemory<byte>>? all)
                ? [.. all.Take(width)]
                : throw Unreadable(path, bytes is null);
        }

        return bytes is not null && EntryBundle.TryParse(bytes, width, out IReadOnlyList<ReadOnlyMemory<byte>>? entries)
            ? entries
            : throw Unreadable(path, bytes is null);
    }

    private async ValueTask<byte[]> HashesAsync(List<LeafRange> ranges, long size, CancellationToken cancellation)
    {
        byte[] path = new byte[ranges.Count * LogProof.HashBytes];
        for (int at = 0; at < ranges.Count; at++)
        {
            byte[] hash = await HashAsync(ranges[at], size, cancellation).ConfigureAwait(false);
            hash.CopyTo(path, at * LogProof.HashBytes);
        }

        return path;
    }

    // Computes the root over leaves that start where a full subtree starts: takes full subtrees from the left and folds from the right.
    private async ValueTask<byte[]> HashAsync(LeafRange range, long size, CancellationToken cancellation)
    {
        List<byte[]> nodes = [];
        for (long at = range.Start; at < range.End;)
        {
            int level = BitOperations.Log2((ulong)(range.End - at));
            nodes.Add(await NodeAsync(level, at >> level, size, cancellation).ConfigureAwait(false));
            at += 1L << level;
        }

        byte[] root = nodes[^1];
        for (int at = nodes.Count - 2; at >= 0; at--)
        {
            Rfc9162.HashNode(TreeHash.Sha256, nodes[at], root, root);
        }

        return root;
    }

    private async ValueTask<byte[]> NodeAsync(int level, long index, long size, CancellationToken cancellation)
    {
        int tileLevel = level / LogPaths.TileHeight, height = level % LogPaths.TileHeight;
        long first = index << height;
        byte[] tile = await ReadTileAsync(tileLevel, first / LogPaths.TileWidth, size, cancellation).ConfigureAwait(false),
        root = new byte[LogProof.HashBytes];
        int offset = (int)(first % LogPaths.TileWidth) * LogProof.HashBytes;
        Rfc9162.HashRoot(TreeHash.Sha256, tile.AsSpan(offset, LogProof.HashBytes << height), root);
        return root;
    }

    private async ValueTask<byte[]> ReadTileAsync(int level, long index, long size, CancellationToken cancellation)
    {
        int width = (int)Math.Min(LogPaths.TileWidth, (size >> (level * LogPaths.TileHeight)) - (index * LogPaths.TileWidth));
        string path = LogPaths.Tile(level, index, width);
        lock (_lock)
        {
            if (_tiles.TryGetValue(path, out byte[]? kept))
            {
                return kept;
            }
        }

        const int fullBytes = LogPaths.TileWidth * LogProof.HashBytes;
        byte[]? tile = await _source.ReadAsync(path, fullBytes, cancellation).ConfigureAwait(false);
        int expected = width * LogProof.HashBytes;
        if (tile is null && width < LogPaths.TileWidth)
        {
            tile = await _source.ReadAsync(LogPaths.Tile(level, index, LogPaths.TileWidth), fullBytes, cancellation).ConfigureAwait(false);
            tile = tile?.Length == fullBytes ? tile[..expected] : tile;
        }

        if (tile?.Length != expected)
        {
            throw Unreadable(path, tile is null);
        }

        lock (_lock)
        {
            if (_tiles.Count == MaxTiles)
            {
                _tiles.Clear();
            }

            return _tiles[path] = tile;
        }
    }

    private static EstreamLogException Unreadable(string path, bool isMissing) => isMissing
        ? new EstreamLogException(LogFault.Missing,
            $"The log has no file '{path}', which its checkpoint requires. Try again later, or use another mirror.", path)
        : new EstreamLogException(LogFault.Malformed,
            $"The file '{path}' of the log does not have the form that its name requires. Fetch it from another mirror.", path);
}

/// <summary>An entry of a log with its inclusion proof.</summary>
/// <param name="Index">The index of the entry, from 0; the index also orders entries in time.</param>
/// <param name="Content">The logged bytes.</param>
/// <param name="Path">The inclusion proof: concatenated hashes.</param>
public sealed record LoggedEntry(long Index, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Path);
