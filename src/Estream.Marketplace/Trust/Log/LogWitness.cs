using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Log;

/// <summary>
/// A witness of logs (C2SP tlog-witness). Cosigns a checkpoint only if the log begins with the entries that the witness cosigned last, so
/// it never cosigns two histories. A log that shows different histories to different clients cannot get both cosigned.
/// </summary>
/// <remarks>
/// Thread-safe; handles one request at a time. Only one process at a time can use a directory. The witness makes its state durable before
/// it cosigns, so after a crash at any moment it still knows every cosignature it gave out. Run the witness apart from the log: a witness
/// run by the log's operator adds no independent check.
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
    /// <param name="directory">The directory of the witness's state; created if missing.</param>
    /// <param name="signers">The keys of the witness, each of a cosignature kind, whose signature includes the signing time.</param>
    /// <param name="logs">The known logs, each with its required signing keys. Witnesses in these policies are ignored.</param>
    /// <param name="storage">The storage of the files.</param>
    /// <exception cref="ArgumentException">A key is not a cosignature key, or a log appears twice.</exception>
    /// <exception cref="EstreamLeaseException">Another process uses the directory.</exception>
    public LogWitness(string directory, IReadOnlyList<NoteSigner> signers, IEnumerable<LogPolicy> logs, IStorage storage)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(signers);
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(storage);
        if (signers.Count == 0 || signers.Any(signer => signer.Key.Kind == NoteKeyKind.Ed25519))
        {
            throw new ArgumentException(
                "A witness must sign the time. Pass at least one key, and only keys of the cosignature kinds.", nameof(signers));
        }

        foreach (LogPolicy log in logs)
        {
            _logs.Add(log.Origin, log.WithoutWitnesses());
        }

        (_directory, _signers, _storage) = (directory, signers, storage);
        storage.CreateDirectory(directory);
        _lock = storage.TryLock(Path.Combine(directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException($"The witness in '{directory}' is in use by another process. Wait until that process ends.",
                directory);
    }

    /// <summary>Handles a request. Accepts any bytes and never throws because of them.</summary>
    /// <param name="request">The body of the untrusted request.</param>
    /// <exception cref="EstreamException">The state of the witness could not be read or written. Nothing was cosigned.</exception>
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

    /// <summary>Returns the last cosigned checkpoint of a log, or <see langword="null"/>.</summary>
    /// <param name="origin">The name of the log.</param>
    /// <exception cref="EstreamException">The state of the witness could not be read.</exception>
    public Checkpoint? Latest(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        lock (_turn)
        {
            return Remembered(origin);
        }
    }

    /// <summary>Releases the lock on the directory. Idempotent.</summary>
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

        // A log seen for the first time may begin with anything; there is nothing to prove.
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
                $"The file '{path}' does not hold the last cosigned checkpoint of the log '{origin}'. Restore it: without it, the witness "
                + "could cosign another history.", path);
    }

    // An origin may contain characters that are not valid in file names, so its hash names the file.
    private string PathOf(string origin) =>
        Path.Combine(_directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(origin))) + Suffix);
}
