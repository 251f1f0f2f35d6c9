using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// A writer's session with its readers: for each of their keys one encapsulation, which all its messages repeat, and the key that came of
/// it. So a message stands alone and costs no arithmetic of lattices.
/// </summary>
internal sealed class SealSession : IDisposable
{
    /// <summary>The most messages of one session.</summary>
    public const ulong MaxMessages = 1 << 20;

    private readonly Recipient[] _recipients;

    public SealSession(IReadOnlyList<SealTarget> targets, SealRandomness randomness)
    {
        _recipients = [.. targets.Select(target => new Recipient(target, randomness))];
    }

    /// <summary>How many messages it has had.</summary>
    public ulong Messages { get; private set; }

    /// <summary>Writes the envelope of the next message behind its records.</summary>
    /// <returns>Its length; 0 when it does not fit.</returns>
    public int WriteEnvelope(ContentKeys keys, Span<byte> destination)
    {
        Span<uint> masks = stackalloc uint[EsfLimits.MaxRecipients];
        masks = masks[.._recipients.Length];
        int count = 0;
        for (int i = 0; i < masks.Length; i++)
        {
            masks[i] = keys.MaskFor(_recipients[i].Groups);
            count += masks[i] == 0 ? 0 : 1;
        }

        int length = SealEnvelope.LengthFor(masks);
        if (length > destination.Length)
        {
            return 0;
        }

        destination[0] = SealEnvelope.CurrentVersion;
        destination[1] = (byte)keys.Count;
        destination[2] = (byte)count;
        Span<byte> rest = destination[SealEnvelope.HeadBytes..];
        ulong number = Messages++;
        for (int i = 0; i < masks.Length; i++)
        {
            if (masks[i] != 0)
            {
                rest = rest[_recipients[i].Write(keys, masks[i], number, rest)..];
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(rest, length);
        return length;
    }

    public void Dispose()
    {
        foreach (Recipient recipient in _recipients)
        {
            recipient.Dispose();
        }
    }

    private sealed class Recipient : IDisposable
    {
        private readonly ulong _keyId;
        private readonly byte[] _ciphertext = new byte[MlKem1024.CiphertextBytes];
        private readonly AesGcm _cipher;

        public Recipient(SealTarget target, SealRandomness randomness)
        {
            _keyId = target.KeyId;
            Groups = target.Groups;
            Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
            randomness.Encapsulate(target.Key, _ciphertext, secret);
            _cipher = KeyEncryption.CipherOf(secret);
            CryptographicOperations.ZeroMemory(secret);
        }

        /// <summary>The groups of the schema it reads, as bits.</summary>
        public uint Groups { get; }

        public int Write(ContentKeys keys, uint mask, ulong number, Span<byte> destination)
        {
            int length = SealRecipient.LengthFor(mask);
            Span<byte> bytes = destination[..length];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, _keyId);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealRecipient.MaskAt..], mask);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[SealRecipient.NumberAt..], number);
            _ciphertext.CopyTo(bytes[SealRecipient.CiphertextAt..]);
            Span<byte> nonce = stackalloc byte[SealedValue.NonceBytes];
            KeyEncryption.Nonce(bytes.Slice(SealRecipient.NumberAt, sizeof(ulong)), nonce);

            // The keys in clear stand on the stack, and not where the message goes: that may be a file.
            Span<byte> all = stackalloc byte[EsfLimits.MaxAudiences * SealedValue.KeyBytes];
            Span<byte> sealedKeys = bytes[SealRecipient.HeadBytes..^SealedValue.TagBytes];
            Span<byte> content = all[..sealedKeys.Length];
            keys.Export(mask, content);
            _cipher.Encrypt(nonce, content, sealedKeys, bytes[^SealedValue.TagBytes..], bytes[..SealRecipient.HeadBytes]);
            CryptographicOperations.ZeroMemory(content);
            return length;
        }

        public void Dispose() => _cipher.Dispose();
    }
}

/// <summary>A key that messages are sealed for.</summary>
/// <param name="KeyId">Its id.</param>
/// <param name="Key">The key.</param>
/// <param name="Groups">The groups of the schema whose fields its owner reads, as bits.</param>
internal sealed record SealTarget(ulong KeyId, MlKem1024PublicKey Key, uint Groups)
{
    /// <summary>The target with more groups: one key may be that of several audiences.</summary>
    /// <exception cref="EsfKeyException">It is another key of the same id, which somebody may have made to read what is meant for the
    /// first.</exception>
    public SealTarget For(MlKem1024PublicKey key, uint groups)
    {
        Span<byte> known = stackalloc byte[MlKem1024.PublicKeyBytes];
        Span<byte> added = stackalloc byte[MlKem1024.PublicKeyBytes];
        Key.Export(known);
        key.Export(added);
        return known.SequenceEqual(added)
            ? this with { Groups = Groups | groups }
            : throw new EsfKeyException(
                $"Two keys of the audiences have the same 64-bit id {KeyId:x16}: make both of them anew, and ask where they came from.",
                null);
    }
}

/// <summary>Where a sealer has its chance from: the system's, and in tests something that can be repeated.</summary>
internal class SealRandomness
{
    public static SealRandomness System { get; } = new();

    public virtual void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public virtual void Encapsulate(MlKem1024PublicKey key, Span<byte> ciphertext, Span<byte> secret) =>
        key.Encapsulate(ciphertext, secret);
}
