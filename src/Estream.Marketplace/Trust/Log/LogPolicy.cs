using Estream.Crypto;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A log and the required signers of its checkpoints: the keys of the log, and a threshold of witnesses.</summary>
/// <remarks>
/// Immutable and thread-safe. A log with both an ML-DSA-87 key and an Ed25519 key must sign with both. A checkpoint with only one of the
/// signatures is rejected, so security never depends on the weaker algorithm alone.
/// </remarks>
public sealed class LogPolicy
{
    private readonly CheckpointSigner[] _log;
    private readonly CheckpointSigner[] _witnesses;
    private readonly int _logThreshold;

    /// <summary>Creates a policy.</summary>
    /// <param name="origin">The name of the log.</param>
    /// <param name="logKeys">The keys of the log, all of which must sign; at least one must be an ML-DSA-87 key.</param>
    /// <param name="witnesses">The trusted witnesses.</param>
    /// <param name="witnessThreshold">The number of witnesses that must cosign.</param>
    /// <exception cref="ArgumentException">No key is an ML-DSA-87 key, a witness key is not a cosignature key, a public key appears twice,
    /// or there are fewer witnesses than must cosign.</exception>
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
            throw new ArgumentException($"'{origin}' is not a valid log origin.", nameof(origin));
        }

        if (!log.Any(signer => signer.IsPostQuantum))
        {
            throw new ArgumentException(
                $"The log '{origin}' has no {MlDsa87.Name} key. Add one: other signatures could be forged with a quantum "
                + "computer.", nameof(log));
        }

        if (!witnesses.All(signer => signer.HasTime))
        {
            throw new ArgumentException(
                "A witness key has the kind Ed25519, which does not sign the time. Pass the witness's cosignature key.",
                nameof(witnesses));
        }

        // A public key counts as one witness, whatever names and kinds it is listed under.
        string[] keys = [.. log.Concat(witnesses).SelectMany(signer => signer.PublicKeys)];
        if (keys.Distinct().Count() != keys.Length)
        {
            throw new ArgumentException("A public key appears twice. Each witness needs its own key, different from the keys of the log.",
                nameof(witnesses));
        }

        if (witnessThreshold > witnesses.Length)
        {
            throw new ArgumentException(
                $"{witnessThreshold} witnesses must cosign, but only {witnesses.Length} are known. Lower the threshold or add witnesses.",
                nameof(witnessThreshold));
        }

        (Origin, _log, _logThreshold, _witnesses, WitnessThreshold) =
            (origin, log, logThreshold ?? log.Length, witnesses, witnessThreshold);
    }

    /// <summary>The name of the log.</summary>
    public string Origin { get; }

    /// <summary>The number of witnesses that must cosign.</summary>
    public int WitnessThreshold { get; }

    /// <summary>Returns the policy that the root document of a registry defines: its log keys, its witnesses, and their thresholds.
    /// Witnesses are identified by their keys and may use any name.</summary>
    /// <param name="root">A trusted root.</param>
    /// <exception cref="ArgumentException">The registry has no log.</exception>
    public static LogPolicy Of(RootDocument root)
    {
        ArgumentNullException.ThrowIfNull(root);
        RoleKeys log = root.LogKeys
            ?? throw new ArgumentException($"The root of the registry '{root.Registry}' names no log keys.", nameof(root));
        CheckpointSigner[] signers = [.. log.Keys.Select(key => CheckpointSigner.Of(root.Registry, key, NoteKeyKind.Ed25519))];
        CheckpointSigner[] witnesses =
            [.. root.Witnesses?.Keys.Select(key => CheckpointSigner.Of(null, key, NoteKeyKind.Ed25519Cosignature)) ?? []];
        return new LogPolicy(root.Registry, signers, log.Threshold, witnesses, root.Witnesses?.Threshold ?? 0);
    }

    /// <summary>Returns this policy without witnesses, as a witness itself uses it.</summary>
    public LogPolicy WithoutWitnesses() => new(Origin, _log, _logThreshold, [], 0);

    /// <summary>Verifies that bytes are a checkpoint of this log with all required signatures. Accepts any bytes and never throws because
    /// of them.</summary>
    /// <param name="bytes">An untrusted signed note.</param>
    /// <returns>The checkpoint, or the reason for its rejection.</returns>
    public CheckpointVerdict Verify(ReadOnlySpan<byte> bytes)
    {
        if (!SignedNote.TryParse(bytes, out SignedNote? note, out NoteFault fault)
            || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out fault))
        {
            return CheckpointVerdict.Refused(CheckpointFault.Malformed, $"It is not a checkpoint: {fault}.");
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
                $"{logTimes.Count} of the keys of the log have signed it; {_logThreshold} must sign: {string.Join(", ", (object[])_log)}.");
        }

        if (Collect(note, _witnesses, witnessTimes) is { } badWitness)
        {
            return CheckpointVerdict.Refused(CheckpointFault.BadSignature, $"The cosignature of the witness {badWitness} does not verify.");
        }

        if (witnessTimes.Count < WitnessThreshold)
        {
            return CheckpointVerdict.Refused(CheckpointFault.TooFewWitnesses,
                $"{witnessTimes.Count} of the known witnesses have cosigned it; {WitnessThreshold} must cosign.");
        }

        // The required number of witnesses stated that the checkpoint was the newest at this time or later. If witnesses are required, the
        // log alone is not trusted with the time.
        long logTime = Newest(logTimes, _logThreshold);
        return CheckpointVerdict.Accepted(checkpoint, note,
            WitnessThreshold == 0 ? logTime : Math.Min(logTime, Newest(witnessTimes, WitnessThreshold)), witnessTimes.Count);
    }

    // A signature that names a known key but does not verify rejects the whole checkpoint, because it is not an accident. Returns the
    // signer of such a signature, or null.
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

    // Returns the latest time such that at least `threshold` signers signed at this time or later.
    private static long Newest(List<long> times, int threshold)
    {
        times.Sort();
        return times[^threshold];
    }
}
