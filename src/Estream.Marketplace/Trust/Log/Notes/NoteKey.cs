using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A public key that verifies signatures on notes, with its name and its kind of signature.</summary>
/// <remarks>
/// Immutable and thread-safe. The text form is a C2SP vkey: <c>name+keyid+base64</c>. The base64 content begins with the signature type.
/// ML-DSA-87 has no assigned type and uses 0xFF followed by <c>estream-mkt/checkpoint/v1</c> and a line feed.
/// </remarks>
public sealed class NoteKey
{
    /// <summary>The maximum length of a name, in characters: the signed message stores the length in one byte.</summary>
    public const int MaxNameLength = 255;

    private static readonly byte[] s_mlDsa87Type = [0xFF, .. CheckpointContext, (byte)'\n'];

    private const int MaxTextLength = MaxNameLength + 10 + (4 * (MlDsa87.PublicKeyBytes + 64) / 3);

    private NoteKey(string name, NoteKeyKind kind, IVerifier verifier)
    {
        (Name, Kind, Verifier) = (name, kind, verifier);
        byte[] hashed = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. TypeOf(kind), .. verifier.PublicKey.Span];
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    /// <summary>The name of the signer, by convention a URL without its scheme. A log signs with keys named after its origin.</summary>
    public string Name { get; }

    /// <summary>The kind of signature.</summary>
    public NoteKeyKind Kind { get; }

    /// <summary>The public key.</summary>
    public IVerifier Verifier { get; }

    /// <summary>The short hash of the name, the kind and the public key.</summary>
    public uint KeyId { get; }

    /// <summary>The ML-DSA-87 signature context of checkpoints.</summary>
    internal static ReadOnlySpan<byte> CheckpointContext => "estream-mkt/checkpoint/v1"u8;

    /// <summary>Creates a note key.</summary>
    /// <param name="name">The name of the signer.</param>
    /// <param name="kind">The kind of signature.</param>
    /// <param name="verifier">The public key, of the algorithm of <paramref name="kind"/>.</param>
    /// <exception cref="ArgumentException">The name is not valid, or the key has another algorithm.</exception>
    public static NoteKey Create(string name, NoteKeyKind kind, IVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(verifier);
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid key name. Use 1 to {MaxNameLength} printable ASCII characters without spaces or '+'.",
                nameof(name));
        }

        string algorithm = kind == NoteKeyKind.MlDsa87Cosignature ? MlDsa87.Name : Ed25519.Name;
        return verifier.Algorithm == algorithm
            ? new NoteKey(name, kind, verifier)
            : throw new ArgumentException(
                $"The key has the algorithm {verifier.Algorithm}; signatures of the kind {kind} require {algorithm}.",
                nameof(verifier));
    }

    /// <summary>Parses a key. Accepts any text.</summary>
    /// <param name="text">The vkey text.</param>
    /// <param name="key">The key, if the text is valid.</param>
    /// <returns>True if the text is a key.</returns>
    /// <exception cref="PlatformNotSupportedException">The key is an Ed25519 key, and the system has no OpenSSL that supports
    /// Ed25519.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? key)
    {
        ArgumentNullException.ThrowIfNull(text);
        key = null;

        // The base64 part may contain a plus; a name and a key id cannot.
        string[] parts = text.Length <= MaxTextLength ? text.Split('+', 3) : [];
        if (parts is not [string name, string id, string base64] || !IsName(name) || id.Length != 8)
        {
            return false;
        }

        byte[] bytes = new byte[3 * ((base64.Length / 4) + 1)];
        if (!Convert.TryFromBase64String(base64, bytes, out int length) || Convert.ToBase64String(bytes, 0, length) != base64)
        {
            return false;
        }

        foreach (NoteKeyKind kind in Enum.GetValues<NoteKeyKind>())
        {
            ReadOnlySpan<byte> type = TypeOf(kind);
            int keyBytes = kind == NoteKeyKind.MlDsa87Cosignature ? MlDsa87.PublicKeyBytes : Ed25519.PublicKeyBytes;
            if (bytes.AsSpan(0, length).StartsWith(type) && length == type.Length + keyBytes)
            {
                ReadOnlySpan<byte> encoded = bytes.AsSpan(type.Length, keyBytes);
                IVerifier verifier = kind == NoteKeyKind.MlDsa87Cosignature
                    ? MlDsa87PublicKey.Import(encoded)
                    : Ed25519PublicKey.Import(encoded);
                NoteKey read = new(name, kind, verifier);
                key = read.ToString() == text ? read : null;
                break;
            }
        }

        return key is not null;
    }

    /// <summary>Returns whether a signature names this key.</summary>
    /// <param name="signature">The signature.</param>
    public bool IsNamedBy(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return signature.KeyId == KeyId && signature.KeyName == Name;
    }

    /// <summary>Verifies a signature by this key. Never throws because of the signature or the text.</summary>
    /// <param name="text">The text of the note.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="time">The signing time that the signer stated, in seconds since 1970 UTC; 0 for a kind without a time.</param>
    public bool Verify(ReadOnlySpan<byte> text, NoteSignature signature, out long time)
    {
        ArgumentNullException.ThrowIfNull(signature);
        time = 0;
        ReadOnlySpan<byte> bytes = signature.Signature.Span;
        if (!IsNamedBy(signature))
        {
            return false;
        }

        if (Kind == NoteKeyKind.Ed25519)
        {
            return Verifier.Verify(text, [], bytes);
        }

        if (bytes.Length <= sizeof(long) || !Checkpoint.TryParse(text, out Checkpoint? checkpoint, out _))
        {
            return false;
        }

        time = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return time >= 0 && Verifier.Verify(CosignedMessage.Of(Kind, Name, time, checkpoint), ContextOf(Kind), bytes[sizeof(long)..]);
    }

    /// <summary>Returns the vkey text.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Name}+{KeyId:x8}+{Convert.ToBase64String([.. TypeOf(Kind), .. Verifier.PublicKey.Span])}");

    internal static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            && !name.Contains('+', StringComparison.Ordinal);

    internal static ReadOnlySpan<byte> ContextOf(NoteKeyKind kind) => kind == NoteKeyKind.MlDsa87Cosignature ? CheckpointContext : [];

    private static ReadOnlySpan<byte> TypeOf(NoteKeyKind kind) => kind switch
    {
        NoteKeyKind.Ed25519 => [0x01],
        NoteKeyKind.Ed25519Cosignature => [0x04],
        _ => s_mlDsa87Type,
    };
}

/// <summary>The kind of signature that a key makes on notes.</summary>
public enum NoteKeyKind
{
    /// <summary>Ed25519 over the text of the note (C2SP signed-note, type 0x01).</summary>
    Ed25519,

    /// <summary>A cosignature of a checkpoint with Ed25519 and a time (C2SP tlog-cosignature, type 0x04).</summary>
    Ed25519Cosignature,

    /// <summary>
    /// A cosignature of a checkpoint with ML-DSA-87 and a time: the message that C2SP tlog-cosignature defines for ML-DSA-44, signed with
    /// the context <c>estream-mkt/checkpoint/v1</c>. Logs sign their own checkpoints this way, as their witnesses do.
    /// </summary>
    MlDsa87Cosignature,
}
