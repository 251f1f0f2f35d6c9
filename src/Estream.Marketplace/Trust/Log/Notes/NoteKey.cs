using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A key that is known to sign notes: its name, how it signs, and the public key.</summary>
/// <remarks>
/// Immutable and thread-safe. In text it is what C2SP calls a vkey: <c>name+keyid+base64</c>. The bytes of the base64 begin with the type
/// of the signature; for
/// ML-DSA-87, which has none of its own, that is 0xFF and <c>estream-mkt/checkpoint/v1</c> with a line feed.
/// </remarks>
public sealed class NoteKey
{
    /// <summary>The most characters of a name: what the signed message has room for.</summary>
    public const int MaxNameLength = 255;

    private static readonly byte[] s_mlDsa87Type = [0xFF, .. CheckpointContext, (byte)'\n'];

    private const int MaxTextLength = MaxNameLength + 10 + (4 * (MlDsa87.PublicKeyBytes + 64) / 3);

    private NoteKey(string name, NoteKeyKind kind, IVerifier verifier)
    {
        (Name, Kind, Verifier) = (name, kind, verifier);
        byte[] hashed = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. TypeOf(kind), .. verifier.PublicKey.Span];
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    /// <summary>Who signs: a URL without its scheme, by custom. A log signs with a key of its origin's name.</summary>
    public string Name { get; }

    /// <summary>How it signs.</summary>
    public NoteKeyKind Kind { get; }

    /// <summary>The public key.</summary>
    public IVerifier Verifier { get; }

    /// <summary>The short hash of name, kind and public key.</summary>
    public uint KeyId { get; }

    /// <summary>For what ML-DSA-87 signs a checkpoint.</summary>
    internal static ReadOnlySpan<byte> CheckpointContext => "estream-mkt/checkpoint/v1"u8;

    /// <summary>Names a key.</summary>
    /// <param name="name">Who signs.</param>
    /// <param name="kind">How.</param>
    /// <param name="verifier">The public key, of the kind's algorithm.</param>
    /// <exception cref="ArgumentException">The name has another form, or the key is of another algorithm.</exception>
    public static NoteKey Create(string name, NoteKeyKind kind, IVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(verifier);
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"'{name}' is no name of a key: that is 1 to {MaxNameLength} printable ASCII characters without spaces and plus.",
                nameof(name));
        }

        string algorithm = kind == NoteKeyKind.MlDsa87Cosignature ? MlDsa87.Name : Ed25519.Name;
        return verifier.Algorithm == algorithm
            ? new NoteKey(name, kind, verifier)
            : throw new ArgumentException($"A key of {verifier.Algorithm} makes no signatures of the kind {kind}; that takes {algorithm}.",
                nameof(verifier));
    }

    /// <summary>Reads a key. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="text">A vkey.</param>
    /// <param name="key">The key, if it is one.</param>
    /// <returns>Whether it is one.</returns>
    /// <exception cref="PlatformNotSupportedException">It is of Ed25519, and the system has no OpenSSL that computes it.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? key)
    {
        ArgumentNullException.ThrowIfNull(text);
        key = null;

        // Base64 may have a plus of its own; a name and a key id have none.
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

    /// <summary>Whether a signature names this key.</summary>
    /// <param name="signature">A signature.</param>
    public bool IsNamedBy(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return signature.KeyId == KeyId && signature.KeyName == Name;
    }

    /// <summary>Whether a signature is one of this key. Answers and does not throw.</summary>
    /// <param name="text">The text of the note.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="time">When it was made as the signer says, in seconds since 1970 UTC; 0 for a kind that does not say.</param>
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

    /// <summary>The key in one line.</summary>
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

/// <summary>How a key signs notes.</summary>
public enum NoteKeyKind
{
    /// <summary>Ed25519 over the text of the note (C2SP signed-note, type 0x01).</summary>
    Ed25519,

    /// <summary>A cosignature of a checkpoint with Ed25519 and a time (C2SP tlog-cosignature, type 0x04).</summary>
    Ed25519Cosignature,

    /// <summary>
    /// A cosignature of a checkpoint with ML-DSA-87 and a time: the message of C2SP tlog-cosignature for ML-DSA-44, signed for the context
    /// <c>estream-mkt/checkpoint/v1</c>. A log signs its own checkpoints so, as its witnesses do.
    /// </summary>
    MlDsa87Cosignature,
}
