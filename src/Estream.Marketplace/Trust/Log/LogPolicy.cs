using Estream.Crypto;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Which log is meant, and who has to have signed what it says: its own keys, all of them, and so many of its witnesses.</summary>
/// <remarks>
/// Immutable and thread-safe. A log that has a key of ML-DSA-87 and one of Ed25519 signs with both: a checkpoint with one of them is refused, so that the weaker
/// of two algorithms never decides.
/// </remarks>
public sealed class LogPolicy
{
    private readonly NoteKey[] _logKeys;
    private readonly NoteKey[] _witnesses;

    /// <summary>Says who has to sign.</summary>
    /// <param name="origin">The log's name.</param>
    /// <param name="logKeys">The keys of the log, each of which has to have signed; at least one of ML-DSA-87.</param>
    /// <param name="witnesses">The witnesses that are trusted.</param>
    /// <param name="witnessThreshold">How many of them have to have cosigned.</param>
    /// <exception cref="ArgumentException">There is no key of ML-DSA-87, a witness does not cosign or is there twice, or there are fewer witnesses than have to cosign.</exception>
    public LogPolicy(string origin, IEnumerable<NoteKey> logKeys, IEnumerable<NoteKey> witnesses, int witnessThreshold)
    {
        ArgumentNullException.ThrowIfNull(logKeys);
        ArgumentNullException.ThrowIfNull(witnesses);
        ArgumentOutOfRangeException.ThrowIfNegative(witnessThreshold);
        if (!Checkpoint.IsOrigin(origin))
        {
            throw new ArgumentException($"'{origin}' is no origin of a log.", nameof(origin));
        }

        (Origin, _logKeys, _witnesses, WitnessThreshold) = (origin, [.. logKeys], [.. witnesses], witnessThreshold);
        if (!_logKeys.Any(key => key.Kind == NoteKeyKind.MlDsa87Cosignature))
        {
            throw new ArgumentException($"The log '{origin}' has no key of {MlDsa87.Name}. Name one: what is signed otherwise could be forged with a quantum computer.", nameof(logKeys));
        }

        if (_witnesses.Any(key => key.Kind == NoteKeyKind.Ed25519))
        {
            throw new ArgumentException("A witness says when it cosigned; a key of the kind Ed25519 does not. Name its cosignature key.", nameof(witnesses));
        }

        // Who holds a key is one witness, under whatever names and kinds.
        if (_witnesses.Select(PublicKeyOf).Concat(_logKeys.Select(PublicKeyOf)).Distinct().Count() != _witnesses.Length + _logKeys.Length)
        {
            throw new ArgumentException("A public key is there twice. Who cosigns twice is one witness, and the log is none of its own.", nameof(witnesses));
        }

        if (witnessThreshold > _witnesses.Length)
        {
            throw new ArgumentException($"{witnessThreshold} witnesses have to cosign and {_witnesses.Length} are known: no checkpoint could ever be taken.", nameof(witnessThreshold));
        }
    }

    /// <summary>The log's name.</summary>
    public string Origin { get; }

    /// <summary>The log's keys.</summary>
    public IReadOnlyList<NoteKey> LogKeys => _logKeys;

    /// <summary>The witnesses that are trusted.</summary>
    public IReadOnlyList<NoteKey> Witnesses => _witnesses;

    /// <summary>How many of them have to have cosigned.</summary>
    public int WitnessThreshold { get; }

    /// <summary>Whether bytes are a checkpoint of this log, signed by all who have to sign it. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="bytes">A signed note, from anywhere.</param>
    /// <returns>The checkpoint, or why it is none.</returns>
    public CheckpointVerdict Verify(ReadOnlySpan<byte> bytes)
    {
        if (!SignedNote.TryParse(bytes, out SignedNote? note, out NoteFault fault) || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out fault))
        {
            return CheckpointVerdict.Refused(CheckpointFault.Malformed, $"It is no checkpoint: {fault}.");
        }

        if (checkpoint.Origin != Origin)
        {
            return CheckpointVerdict.Refused(CheckpointFault.OtherLog, $"It is a checkpoint of the log '{checkpoint.Origin}', not of '{Origin}'.");
        }

        long logTime = long.MaxValue;
        foreach (NoteKey key in _logKeys)
        {
            Found found = Find(note, key);
            if (found.Fault != CheckpointFault.None)
            {
                return CheckpointVerdict.Refused(found.Fault, $"The signature of the log's key {Describe(key)} {(found.Fault == CheckpointFault.BadSignature ? "does not verify" : "is missing")}.");
            }

            logTime = key.Kind == NoteKeyKind.Ed25519 ? logTime : Math.Min(logTime, found.Time);
        }

        List<long> times = [];
        foreach (NoteKey key in _witnesses)
        {
            Found found = Find(note, key);
            if (found.Fault == CheckpointFault.BadSignature)
            {
                return CheckpointVerdict.Refused(found.Fault, $"The cosignature of the witness {Describe(key)} does not verify.");
            }

            if (found.Fault == CheckpointFault.None)
            {
                times.Add(found.Time);
            }
        }

        if (times.Count < WitnessThreshold)
        {
            return CheckpointVerdict.Refused(CheckpointFault.TooFewWitnesses, $"{times.Count} of the known witnesses have cosigned it; {WitnessThreshold} have to.");
        }

        // So many witnesses as have to say it say that the checkpoint was the newest one then or later; the log alone is not believed where there are witnesses.
        times.Sort();
        long time = WitnessThreshold == 0 ? logTime : Math.Min(logTime, times[^WitnessThreshold]);
        return CheckpointVerdict.Accepted(checkpoint, note, time, times.Count);
    }

    // A key may have signed several times, as a log that renews a checkpoint has: the newest counts, and each has to verify.
    private static Found Find(SignedNote note, NoteKey key)
    {
        Found found = new(CheckpointFault.MissingSignature, 0);
        foreach (NoteSignature signature in note.Signatures.Where(key.IsNamedBy))
        {
            if (!key.Verify(note.Text, signature, out long time))
            {
                return new Found(CheckpointFault.BadSignature, 0);
            }

            found = new Found(CheckpointFault.None, Math.Max(found.Time, time));
        }

        return found;
    }

    private static string PublicKeyOf(NoteKey key) => Convert.ToHexString(key.Verifier.PublicKey.Span);

    private static string Describe(NoteKey key) => $"'{key.Name}' ({key.KeyId:x8}, {key.Kind})";

    private readonly record struct Found(CheckpointFault Fault, long Time);
}
