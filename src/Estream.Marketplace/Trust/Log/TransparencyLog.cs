using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Trust.Log;

/// <summary>
/// A transparency log in a directory of static files (C2SP tlog-tiles): appends entries, extends the tree, and signs checkpoints.
/// docs/formats/log.md defines the format.
/// </summary>
/// <remarks>
/// A system lock ensures one writer per directory. Not thread-safe. Every file is written atomically and is durable before a checkpoint
/// that needs it is signed, and the signed checkpoint is durable before <see cref="Sign"/> returns it. After a crash or a power cut at any
/// moment, the log continues from its last signed checkpoint and never signs another history. Entries appended after that checkpoint are
/// lost, but no caller was told that they were in the log.
/// </remarks>
public sealed class TransparencyLog : IDisposable
{
    // The newest checkpoint that the log has signed, possibly not cosigned yet. The public file is written after this one.
    private const string SignedName = "checkpoint.signed";
    private const string LockName = "lock";

    private readonly TransparencyLogOptions _options;
    private readonly IDisposable _lock;
    private readonly LogPolicy _policy;
    private readonly List<byte[]> _appended = [];
    private readonly List<byte> _bundle = [];
    private readonly List<string> _filled = [];
    private LogFrontier _edge = new();
    private SignedNote? _signed;
    private bool _isBroken;
    private bool _isDisposed;

    private TransparencyLog(TransparencyLogOptions options, IDisposable held)
    {
        (_options, _lock) = (options, held);
        _policy = new LogPolicy(options.Origin, options.Signers.Select(signer => signer.Key), [], 0);
    }

    /// <summary>The number of entries covered by the newest signed checkpoint.</summary>
    public long Size => _edge.Size;

    /// <summary>The newest signed checkpoint, to send to witnesses; <see langword="null"/> before the first.</summary>
    public SignedNote? LastSigned => _signed;

    /// <summary>Opens a log for writing, or creates one.</summary>
    /// <param name="options">The directory, name and signers of the log.</param>
    /// <exception cref="ArgumentException">No signer has an ML-DSA-87 key, or a key has another name than the origin.</exception>
    /// <exception cref="EstreamLeaseException">Another process is writing the log.</exception>
    /// <exception cref="EstreamCorruptionException">The files contradict the last checkpoint, or that checkpoint has other keys or another
    /// origin.</exception>
    public static TransparencyLog Open(TransparencyLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Directory);
        if (options.Signers.Any(signer => signer.Key.Name != options.Origin))
        {
            throw new ArgumentException($"A signer has another name than the log. Use keys named '{options.Origin}'.", nameof(options));
        }

        options.Storage.CreateDirectory(options.Directory);
        IDisposable held = options.Storage.TryLock(Path.Combine(options.Directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException(
                $"The log in '{options.Directory}' is being written by another process. Wait until that process ends.",
                options.Directory);
        try
        {
            TransparencyLog log = new(options, held);
            log.Resume();
            return log;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry. The entry is part of the log when the next <see cref="Sign"/> returns; it is not visible
    /// before.</summary>
    /// <param name="entry">1 to <see cref="EntryBundle.MaxEntryBytes"/> bytes. Copied.</param>
    /// <returns>The index that the entry will have.</returns>
    /// <exception cref="ArgumentException">The entry is empty or too long.</exception>
    public long Append(ReadOnlySpan<byte> entry)
    {
        RequireUsable();
        if (entry.Length is 0 or > EntryBundle.MaxEntryBytes)
        {
            throw new ArgumentException($"A log entry must have 1 to {EntryBundle.MaxEntryBytes} bytes; this one has {entry.Length}.",
                nameof(entry));
        }

        _appended.Add(entry.ToArray());
        return _edge.Size + _appended.Count - 1;
    }

    /// <summary>
    /// Writes the appended entries and signs a checkpoint over all entries. Without new entries, signs the same checkpoint with the current
    /// time, which shows that the log is maintained. From then on the log is bound to the checkpoint, although only <see cref="Publish"/>
    /// makes it public.
    /// </summary>
    /// <returns>The checkpoint, to send to witnesses.</returns>
    /// <exception cref="EstreamStorageException">The storage failed. Nothing was signed; open the log again.</exception>
    public SignedNote Sign()
    {
        RequireUsable();
        _isBroken = true;
        foreach (byte[] entry in _appended)
        {
            Add(entry);
        }

        if (_appended.Count > 0)
        {
            WriteEdge();
            _appended.Clear();
        }

        Checkpoint checkpoint = new(_options.Origin, _edge.Size, _edge.ComputeRoot());
        SignedNote note = SignedNote.Create(checkpoint.Encode(), [.. _options.Signers.Select(signer => signer.Sign(checkpoint))]);
        AtomicFile.Write(_options.Storage, PathOf(SignedName), note.Encode());
        _signed = note;
        DeletePartialOfFilled();
        _isBroken = false;
        return note;
    }

    /// <summary>Publishes the newest signed checkpoint with its cosignatures.</summary>
    /// <param name="cosignatures">The cosignatures from witnesses; none if the log has no witnesses.</param>
    /// <exception cref="InvalidOperationException">Nothing has been signed yet.</exception>
    /// <exception cref="ArgumentException">There are more signatures than a note may have.</exception>
    public void Publish(params IEnumerable<NoteSignature> cosignatures)
    {
        RequireUsable();
        SignedNote note = _signed ?? throw new InvalidOperationException("No checkpoint has been signed yet. Call Sign first.");
        AtomicFile.Write(_options.Storage, PathOf(LogPaths.Checkpoint), note.With(cosignatures).Encode());
    }

    /// <summary>Releases the lock on the directory. Entries that were appended but not signed are discarded. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _lock.Dispose();
        }
    }

    private void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isBroken)
        {
            throw new InvalidOperationException(
                $"An earlier write to the log in '{_options.Directory}' failed, so its state is unknown. Dispose this instance "
                + "and open the log again: it continues from its last checkpoint.");
        }
    }

    private string PathOf(string path) => Path.Combine(_options.Directory, path);

    private void Resume()
    {
        string path = PathOf(SignedName);
        byte[]? bytes = AtomicFile.Read(_options.Storage, path, SignedNote.MaxBytes);
        if (bytes is null)
        {
            if (_options.Storage.FileExists(PathOf(LogPaths.Checkpoint)))
            {
                throw new EstreamCorruptionException(
                    $"The log in '{_options.Directory}' has a public checkpoint but lacks '{SignedName}', from which it continues. "
                    + "Restore the file: a log that starts again would rewrite history.", path);
            }

            return;
        }

        CheckpointVerdict verdict = _policy.Verify(bytes);
        if (!verdict.IsAccepted)
        {
            throw new EstreamCorruptionException(
                $"The last signed checkpoint of the log in '{_options.Directory}' does not verify. {verdict.Reason} Check the keys, or "
                + "restore the file.", path);
        }

        _edge = LogFrontier.Resume(verdict.Checkpoint.Size,
            (level, index, width) => ReadEdge(LogPaths.Tile(level, index, width), width * LogProof.HashBytes));
        int open = (int)(_edge.Size % LogPaths.TileWidth);
        if (open > 0)
        {
            _bundle.AddRange(ReadEdge(LogPaths.Entries(_edge.Size / LogPaths.TileWidth, open), EntryBundle.MaxBytes));
        }

        if (!_edge.ComputeRoot().AsSpan().SequenceEqual(verdict.Checkpoint.Root) || !IsBundleOfEdge(open))
        {
            throw new EstreamCorruptionException(
                $"The tiles of the log in '{_options.Directory}' do not lead to the root of its checkpoint of {_edge.Size} entries. "
                + "Restore them from a mirror.", path);
        }

        _signed = verdict.Note;
    }

    private byte[] ReadEdge(string path, int maxBytes) => AtomicFile.Read(_options.Storage, PathOf(path), maxBytes)
        ?? throw new EstreamCorruptionException(
            $"The log in '{_options.Directory}' lacks the file '{path}', which its checkpoint requires. Restore it from a mirror.",
            PathOf(path));

    private bool IsBundleOfEdge(int count)
    {
        if (!EntryBundle.TryParse(_bundle.ToArray(), count, out IReadOnlyList<ReadOnlyMemory<byte>>? entries))
        {
            return false;
        }

        byte[] hash = new byte[LogProof.HashBytes];
        for (int at = 0; at < count; at++)
        {
            Rfc9162.HashLeaf(TreeHash.Sha256, entries[at].Span, hash);
            if (!hash.AsSpan().SequenceEqual(_edge.Tile(0).Slice(at * LogProof.HashBytes, LogProof.HashBytes)))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(byte[] entry)
    {
        byte[] hash = new byte[LogProof.HashBytes];
        Rfc9162.HashLeaf(TreeHash.Sha256, entry, hash);
        EntryBundle.Append(_bundle, entry);
        _edge.Append(hash, WriteFull);
    }

    private void WriteFull(int level, long index, byte[] hashes)
    {
        if (level == 0)
        {
            string entries = PathOf(LogPaths.Entries(index, LogPaths.TileWidth));
            AtomicFile.Write(_options.Storage, entries, _bundle.ToArray());
            _filled.Add(entries);
            _bundle.Clear();
        }

        string tile = PathOf(LogPaths.Tile(level, index, LogPaths.TileWidth));
        AtomicFile.Write(_options.Storage, tile, hashes);
        _filled.Add(tile);
    }

    // Deletes the partial files of full files. Call this only after the checkpoint that covers the full files is durable: until then, the
    // log resumes from the partial files after a crash. Readers of older checkpoints then read the full files.
    private void DeletePartialOfFilled()
    {
        foreach (string directory in _filled.Select(full => full + LogPaths.PartialSuffix))
        {
            foreach (string name in _options.Storage.ListFiles(directory, ""))
            {
                _options.Storage.Delete(Path.Combine(directory, name));
            }
        }

        _filled.Clear();
    }

    private void WriteEdge()
    {
        for (int level = 0; level < _edge.LevelCount; level++)
        {
            ReadOnlySpan<byte> tile = _edge.Tile(level);
            if (!tile.IsEmpty)
            {
                long index = (_edge.Size >> (level * LogPaths.TileHeight)) / LogPaths.TileWidth;
                AtomicFile.Write(_options.Storage, PathOf(LogPaths.Tile(level, index, tile.Length / LogProof.HashBytes)), tile);
            }
        }

        if (_bundle.Count > 0)
        {
            AtomicFile.Write(_options.Storage,
                PathOf(LogPaths.Entries(_edge.Size / LogPaths.TileWidth, (int)(_edge.Size % LogPaths.TileWidth))), _bundle.ToArray());
        }
    }
}

/// <summary>The directory, name and signers of a log.</summary>
public sealed class TransparencyLogOptions
{
    /// <summary>The directory of the log's files, created if missing; a web server serves it as the prefix of the log.</summary>
    public required string Directory { get; init; }

    /// <summary>The permanent name of the log, such as <c>example.org/log</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The signers of checkpoints: at least one ML-DSA-87 key and, for current witnesses, one Ed25519 key. Each key has the origin
    /// as its name.</summary>
    public required IReadOnlyList<NoteSigner> Signers { get; init; }

    /// <summary>The storage of the files. By default, the file system of the machine, with files readable by everyone.</summary>
    public IStorage Storage { get; init; } = FileStorage.Public;
}
