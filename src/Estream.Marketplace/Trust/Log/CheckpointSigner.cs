using System.Globalization;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Log;

/// <summary>One who signs checkpoints: with one key, or with one of each algorithm, all of which have to have signed. Immutable and
/// thread-safe.</summary>
internal sealed class CheckpointSigner
{
    private readonly string? _name;
    private readonly (NoteKeyKind Kind, IVerifier Verifier)[] _keys;

    private CheckpointSigner(string? name, params (NoteKeyKind Kind, IVerifier Verifier)[] keys) => (_name, _keys) = (name, keys);

    /// <summary>Whether all its signatures say when they were made, or one of them does.</summary>
    public bool HasTime => _keys.Any(key => key.Kind != NoteKeyKind.Ed25519);

    /// <summary>Whether one of its keys is of ML-DSA-87.</summary>
    public bool IsPostQuantum => _keys.Any(key => key.Kind == NoteKeyKind.MlDsa87Cosignature);

    /// <summary>Its public keys, to find out who is there twice.</summary>
    public IEnumerable<string> PublicKeys => _keys.Select(key => Convert.ToHexString(key.Verifier.PublicKey.Span));

    public static CheckpointSigner Of(NoteKey key) => new(key.Name, (key.Kind, key.Verifier));

    /// <summary>One who is known by a key of documents.</summary>
    /// <param name="name">The name its note keys have; null where it is not known, and any will do.</param>
    /// <param name="key">The key.</param>
    /// <param name="ed25519">How its Ed25519 key signs, where it has one.</param>
    public static CheckpointSigner Of(string? name, DocumentKey key, NoteKeyKind ed25519) => key.Ed25519 is null
        ? new CheckpointSigner(name, (NoteKeyKind.MlDsa87Cosignature, key.MlDsa87))
        : new CheckpointSigner(name, (NoteKeyKind.MlDsa87Cosignature, key.MlDsa87), (ed25519, key.Ed25519));

    /// <summary>Looks whether it has signed.</summary>
    /// <param name="note">The note.</param>
    /// <param name="time">When at the earliest, as it says; the largest number where it does not say.</param>
    public CheckpointFault Find(SignedNote note, out long time)
    {
        time = long.MaxValue;
        foreach ((NoteKeyKind kind, IVerifier verifier) in _keys)
        {
            CheckpointFault fault = Find(note, kind, verifier, out long signed);
            if (fault != CheckpointFault.None)
            {
                return fault;
            }

            time = kind == NoteKeyKind.Ed25519 ? time : Math.Min(time, signed);
        }

        return CheckpointFault.None;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"'{_name ?? "of any name"}' "
        + $"({string.Join(" and ", _keys.Select(key => $"{key.Kind} {Convert.ToHexStringLower(key.Verifier.PublicKey.Span[..8])}…"))})");

    // A key may have signed several times, as a log that renews a checkpoint has: the newest counts, and each has to verify.
    private CheckpointFault Find(SignedNote note, NoteKeyKind kind, IVerifier verifier, out long time)
    {
        CheckpointFault fault = CheckpointFault.MissingSignature;
        time = 0;
        foreach (NoteSignature signature in note.Signatures)
        {
            string name = _name ?? signature.KeyName;
            if (name != signature.KeyName || !NoteKey.IsName(name) || NoteKey.Create(name, kind, verifier) is not { } key
                || !key.IsNamedBy(signature))
            {
                continue;
            }

            if (!key.Verify(note.Text, signature, out long signed))
            {
                return CheckpointFault.BadSignature;
            }

            (fault, time) = (CheckpointFault.None, Math.Max(time, signed));
        }

        return fault;
    }
}
