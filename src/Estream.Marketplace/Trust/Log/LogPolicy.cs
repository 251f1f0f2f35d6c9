using Estream.Crypto;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Which log is meant, and who has to have signed what it says: its own keys, and so many of its witnesses.</summary>
/// <remarks>
/// Immutable and thread-safe. A log that has a key of ML-DSA-87 and one of Ed25519 signs with both: a checkpoint with one of them is
/// refused, so that the weaker of two algorithms never decides.
/// </remarks>
public sealed class LogPolicy
{
    private readonly CheckpointSigner[] _log;
    private readonly CheckpointSigner[] _witnesses;
    private readonly int _logThreshold;

    /// <summary>Says who has to sign.</summary>
    /// <param name="origin">The log's name.</param>
    /// <param name="logKeys">The keys of the log, each of which has to have signed; at least one of ML-DSA-87.</param>
    /// <param name="witnesses">The witnesses that are trusted.</param>
    /// <param name="witnessThreshold">How many of them have to have cosigned.</param>
    /// <exception cref="ArgumentException">There is no key of ML-DSA-87, a witness does not cosign or is there twice, or there are fewer
    /// witnesses than have to cosign.</exception>
    public LogPolicy(string origin, IEnumerable<NoteKey> logKeys, IEnumerable<NoteKey> witnesses, int witnessThreshold)
        : this(origin, [.. (logKeys ?? throw new ArgumentNullException(nameof(logKeys))).Select(CheckpointSigner.Of)], null,
            [.. (witnesses ?? throw new ArgumentNullException(nameof(witnesses))).Select(CheckpointSigner.Of)], witnessThreshold)
    {
    }

    private LogPolicy(string origin, CheckpointSigner[] log, int? logThreshold, CheckpointSigner[] witnesses, int witnessThreshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(witnessThreshold);
        if (!Checkpoint.IsOrigin(origin))
        {
            throw new ArgumentException($"'{origin}' is no origin of a log.", nameof(origin));
        }

        if (!log.Any(signer => signer.IsPostQuantum))
        {
            throw new ArgumentException(
                $"The log '{origin}' has no key of {MlDsa87.Name}. Name one: what is signed otherwise could be forged with a quantum "
                + "computer.", nameof(log));
        }

        if (!witnesses.All(signer => signer.HasTime))
        {
            throw new ArgumentException("A witness says when it cosigned; a key of the kind Ed25519 does not. Name its cosignature key.",
                nameof(witnesses));
        }

        // Who holds a key is one witness, under whatever names and kinds.
        string[] keys = [.. log.Concat(witnesses).SelectMany(signer => signer.PublicKeys)];
        if (keys.Distinct().Count() != keys.Length)
        {
            throw new ArgumentException("A public key is there twice. Who cosigns twice is one witness, and the log is none of its own.",
                nameof(witnesses));
        }

        if (witnessThreshold > witnesses.Length)
        {
            throw new ArgumentException(
                $"{witnessThreshold} witnesses have to cosign and {witnesses.Length} are known: no checkpoint could ever be taken.",
                nameof(witnessThreshold));
        }

        (Origin, _log, _logThreshold, _witnesses, WitnessThreshold) =
            (origin, log, logThreshold ?? log.Length, witnesses, witnessThreshold);
    }

    /// <summary>The log's name.</summary>
    public string Origin { get; }

    /// <summary>How many of the witnesses have to have cosigned.</summary>
    public int WitnessThreshold { get; }

    /// <summary>The policy that the root of a registry says: as many of its log's keys and of its witnesses as it asks for. Witnesses may
    /// have any name: their keys are known.</summary>
    /// <param name="root">A root that is believed.</param>
    /// <exception cref="ArgumentException">The registry has no log.</exception>
    public static LogPolicy Of(RootDocument root)
    {
        ArgumentNullException.ThrowIfNull(root);
        RoleKeys log = root.LogKeys
            ?? throw new ArgumentException($"The root of the registry '{root.Registry}' names no keys of a log.", nameof(root));
        CheckpointSigner[] signers = [.. log.Keys.Select(key => CheckpointSigner.Of(root.Registry, key, NoteKeyKind.Ed25519))];
        CheckpointSigner[] witnesses =
            [.. root.Witnesses?.Keys.Select(key => CheckpointSigner.Of(null, key, NoteKeyKind.Ed25519Cosignature)) ?? []];
        return new LogPolicy(root.Registry, signers, log.Threshold, witnesses, root.Witnesses?.Threshold ?? 0);
    }

    /// <summary>The same without witnesses: what a witness itself asks for.</summary>
    public LogPolicy WithoutWitnesses() => new(Origin, _log, _logThreshold, [], 0);

    /// <summary>Whether bytes are a checkpoint of this log, signed by all who have to sign it. Whatever it is given, it answers and does
    /// not throw.</summary>
    /// <param name="bytes">A signed note, from anywhere.</param>
    /// <returns>The checkpoint, or why it is none.</returns>
    public CheckpointVerdict Verify(ReadOnlySpan<byte> bytes)
    {
        if (!SignedNote.TryParse(bytes, out SignedNote? note, out NoteFault fault)
            || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out fault))
        {
            return CheckpointVerdict.Refused(CheckpointFault.Malformed, $"It is no checkpoint: {fault}.");
        }

        if (checkpoint.Origin != Origin)
        {
            return CheckpointVerdict.Refused(CheckpointFault.OtherLog,
                $"It is a checkpoint of the log '{checkpoint.Origin}', not of '{Origin}'.");
        }

        List<long> logTimes = [], witnessTimes = [];
        if (Collect(note, _log, logTimes) is { } badLog)
        {
            return CheckpointVerdict.Refused(CheckpointFault.BadSignature, $"The signature of the log's key {badLog} does not verify.");
        }

        if (logTimes.Count < _logThreshold)
        {
            return CheckpointVerdict.Refused(CheckpointFault.MissingSignature,
                $"{logTimes.Count} of the keys of the log have signed it; {_logThreshold} have to: {string.Join(", ", (object[])_log)}.");
        }

        if (Collect(note, _witnesses, witnessTimes) is { } badWitness)
        {
            return CheckpointVerdict.Refused(CheckpointFault.BadSignature, $"The cosignature of the witness {badWitness} does not verify.");
        }

        if (witnessTimes.Count < WitnessThreshold)
        {
            return CheckpointVerdict.Refused(CheckpointFault.TooFewWitnesses,
                $"{witnessTimes.Count} of the known witnesses have cosigned it; {WitnessThreshold} have to.");
        }

        // So many witnesses as have to say it say that the checkpoint was the newest one then or later; the log alone is not believed where
        // there are witnesses.
        long logTime = Newest(logTimes, _logThreshold);
        return CheckpointVerdict.Accepted(checkpoint, note,
            WitnessThreshold == 0 ? logTime : Math.Min(logTime, Newest(witnessTimes, WitnessThreshold)), witnessTimes.Count);
    }

    // Signatures that name a key that is known and do not verify are no accident: the whole checkpoint is refused.
    private static CheckpointSigner? Collect(SignedNote note, CheckpointSigner[] signers, List<long> times)
    {
        foreach (CheckpointSigner signer in signers)
        {
            CheckpointFault fault = signer.Find(note, out long time);
            if (fault == CheckpointFault.BadSignature)
            {
                return signer;
            }

            if (fault == CheckpointFault.None)
            {
                times.Add(time);
            }
        }

        return null;
    }

    // So many have signed at this time or later.
    private static long Newest(List<long> times, int threshold)
    {
        times.Sort();
        return times[^threshold];
    }
}
