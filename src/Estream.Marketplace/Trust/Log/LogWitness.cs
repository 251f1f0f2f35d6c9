using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Log;

/// <summary>
/// A witness of logs (C2SP tlog-witness): cosigns a checkpoint when the log begins with what it has cosigned last, and never two histories.
/// A log that shows different people different histories has to get past it.
/// </summary>
/// <remarks>
/// Thread-safe: one request at a time. One process at a time for a directory. What it will cosign is on the device before it does, so that
/// after <c>kill -9</c> at any moment it has forgotten no cosignature that was given away. A witness that the log's operator runs is of the
/// same mind as the log: run it elsewhere.
/// </remarks>
public sealed class LogWitness : IDisposable
{
    private const string Suffix = ".checkpoint";
    private const string LockName = "lock";

    private readonly string _directory;
    private readonly IStorage _storage;
    private readonly IReadOnlyList<NoteSigner> _signers;
    private readonly Dictionary<string, LogPolicy> _logs = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();
    private readonly IDisposable _lock;

    /// <summary>Opens a witness.</summary>
    /// <param name="directory">Where it remembers what it has cosigned; made where it is missing.</param>
    /// <param name="signers">Its keys: of the kinds that say when they signed.</param>
    /// <param name="logs">The logs that it knows, each with the keys that have to have signed. Witnesses that they name do not
    /// matter.</param>
    /// <param name="storage">Where the files lie.</param>
    /// <exception cref="ArgumentException">A key does not cosign, or a log is there twice.</exception>
    /// <exception cref="EstreamLeaseException">Another process uses the directory.</exception>
    public LogWitness(string directory, IReadOnlyList<NoteSigner> signers, IEnumerable<LogPolicy> logs, IStorage storage)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(signers);
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(storage);
        if (signers.Count == 0 || signers.Any(signer => signer.Key.Kind == NoteKeyKind.Ed25519))
        {
            throw new ArgumentException("A witness says when it cosigns: give it keys of the cosignature kinds.", nameof(signers));
        }

        foreach (LogPolicy log in logs)
        {
            _logs.Add(log.Origin, log.WithoutWitnesses());
        }

        (_directory, _signers, _storage) = (directory, signers, storage);
        storage.CreateDirectory(directory);
        _lock = storage.TryLock(Path.Combine(directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException($"The witness in '{directory}' is in use by another process. Wait for it to end.",
                directory);
    }

    /// <summary>Answers a request. Whatever it is given, it answers.</summary>
    /// <param name="request">The body of the request, from anywhere.</param>
    /// <exception cref="EstreamException">What it remembers could not be read or written. Nothing was cosigned.</exception>
    public WitnessAnswer AddCheckpoint(ReadOnlySpan<byte> request)
    {
        if (!WitnessRequest.TryParse(request, out WitnessRequest? asked)
            || !SignedNote.TryParse(asked.Note, out SignedNote? note, out _)
            || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _))
        {
            return Refuse(WitnessOutcome.BadRequest);
        }

        if (!_logs.TryGetValue(checkpoint.Origin, out LogPolicy? policy))
        {
            return Refuse(WitnessOutcome.UnknownLog);
        }

        if (!policy.Verify(asked.Note).IsAccepted)
        {
            return Refuse(WitnessOutcome.Forbidden);
        }

        lock (_turn)
        {
            return Consider(asked, checkpoint);
        }
    }

    /// <summary>The checkpoint of a log that was cosigned last, or <see langword="null"/>.</summary>
    /// <param name="origin">The log's name.</param>
    /// <exception cref="EstreamException">What it remembers could not be read.</exception>
    public Checkpoint? Latest(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        lock (_turn)
        {
            return Remembered(origin);
        }
    }

    /// <summary>Lets another process use the directory. Idempotent.</summary>
    public void Dispose() => _lock.Dispose();

    private static WitnessAnswer Refuse(WitnessOutcome outcome, long knownSize = 0) => new(outcome, knownSize, []);

    private WitnessAnswer Consider(WitnessRequest asked, Checkpoint checkpoint)
    {
        if (asked.OldSize > checkpoint.Size)
        {
            return Refuse(WitnessOutcome.BadRequest);
        }

        Checkpoint? known = Remembered(checkpoint.Origin);
        long knownSize = known?.Size ?? 0;
        if (asked.OldSize != knownSize
            || (known is not null && known.Size == checkpoint.Size && !known.Root.SequenceEqual(checkpoint.Root)))
        {
            return Refuse(WitnessOutcome.Conflict, knownSize);
        }

        // A log that was never seen may begin with anything; there is nothing to prove.
        bool isConsistent = known is null
            ? asked.Path.IsEmpty
            : LogProof.VerifyConsistency(known.Size, checkpoint.Size, known.Root, checkpoint.Root, asked.Path);
        if (!isConsistent)
        {
            return Refuse(WitnessOutcome.Unprocessable);
        }

        AtomicFile.Write(_storage, PathOf(checkpoint.Origin), checkpoint.Encode());
        return new WitnessAnswer(WitnessOutcome.Cosigned, checkpoint.Size, [.. _signers.Select(signer => signer.Sign(checkpoint))]);
    }

    private Checkpoint? Remembered(string origin)
    {
        string path = PathOf(origin);
        byte[]? text = AtomicFile.Read(_storage, path, SignedNote.MaxBytes);
        if (text is null)
        {
            return null;
        }

        return Checkpoint.TryParse(text, out Checkpoint? checkpoint, out _) && checkpoint.Origin == origin
            ? checkpoint
            : throw new EstreamCorruptionException(
                $"The file '{path}' does not say what was cosigned last of the log '{origin}'. Restore it: a witness that has forgotten "
                + "would cosign another history.", path);
    }

    // An origin may have characters that no file name has.
    private string PathOf(string origin) =>
        Path.Combine(_directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(origin))) + Suffix);
}
