using System.Globalization;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Log;

/// <summary>An expected signer of checkpoints, with one key, or with one key per algorithm, all of which must sign. Immutable and
/// thread-safe.</summary>
internal sealed class CheckpointSigner
{
    private readonly string? _name;
    private readonly (NoteKeyKind Kind, IVerifier Verifier)[] _keys;

    private CheckpointSigner(string? name, params (NoteKeyKind Kind, IVerifier Verifier)[] keys) => (_name, _keys) = (name, keys);

    /// <summary>Whether at least one of the signatures carries a signing time.</summary>
    public bool HasTime => _keys.Any(key => key.Kind != NoteKeyKind.Ed25519);

    /// <summary>Whether one of the keys is an ML-DSA-87 key.</summary>
    public bool IsPostQuantum => _keys.Any(key => key.Kind == NoteKeyKind.MlDsa87Cosignature);

    /// <summary>The public keys, to detect duplicate signers.</summary>
    public IEnumerable<string> PublicKeys => _keys.Select(key => Convert.ToHexString(key.Verifier.PublicKey.Span));

    public static CheckpointSigner Of(NoteKey key) => new(key.Name, (key.Kind, key.Verifier));

    /// <summary>Creates a signer from a document key.</summary>
    /// <param name="name">The name of its note keys; null to accept any name.</param>
    /// <param name="key">The key.</param>
    /// <param name="ed25519">The kind of signature made by its Ed25519 key, if it has one.</param>
    public static CheckpointSigner Of(string? name, DocumentKey key, NoteKeyKind ed25519) => key.Ed25519 is null
        ? new CheckpointSigner(name, (NoteKeyKind.MlDsa87Cosignature, key.MlDsa87))
        : new CheckpointSigner(name, (NoteKeyKind.MlDsa87Cosignature, key.MlDsa87), (ed25519, key.Ed25519));

    /// <summary>Checks whether this signer has signed a note.</summary>
    /// <param name="note">The note.</param>
    /// <param name="time">The earliest signing time; <see cref="long.MaxValue"/> if no signature carries a time.</param>
    /// <returns><see cref="CheckpointFault.None"/> if all keys have signed; otherwise the first fault.</returns>
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

    // A key may have signed several times, as when a log renews a checkpoint. The newest signature counts, and each one must verify.
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
