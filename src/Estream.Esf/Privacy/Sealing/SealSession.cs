using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// A session of a writer with its readers: one encapsulation per reader's key, and the key derived from it. All messages of the session
/// repeat the ciphertexts. Therefore each message can be opened independently, and sealing a message costs no ML-KEM operation.
/// </summary>
internal sealed class SealSession : IDisposable
{
    /// <summary>The maximum number of messages of a session.</summary>
    public const ulong MaxMessages = 1 << 20;

    private readonly Recipient[] _recipients;

    public SealSession(IReadOnlyList<SealTarget> targets, SealRandomness randomness)
    {
        _recipients = [.. targets.Select(target => new Recipient(target, randomness))];
    }

    /// <summary>The number of messages so far.</summary>
    public ulong Messages { get; private set; }

    /// <summary>Writes the envelope of the next message, which follows its records.</summary>
    /// <returns>The length of the envelope; 0 if it does not fit.</returns>
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

        /// <summary>The groups of the schema that the recipient reads, as bits.</summary>
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

            // The plaintext keys are kept on the stack, not in the destination, which may be a file.
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

/// <summary>A key for which messages are sealed.</summary>
/// <param name="KeyId">The id of the key.</param>
/// <param name="Key">The key.</param>
/// <param name="Groups">The groups of the schema that the owner of the key reads, as bits.</param>
internal sealed record SealTarget(ulong KeyId, MlKem1024PublicKey Key, uint Groups)
{
    /// <summary>Returns the target with more groups: several audiences may share one key.</summary>
    /// <exception cref="EsfKeyException">The key differs from the target's key but has the same id. An attacker may have created the key to
    /// read values meant for the target's key.</exception>
    public SealTarget For(MlKem1024PublicKey key, uint groups)
    {
        Span<byte> known = stackalloc byte[MlKem1024.PublicKeyBytes];
        Span<byte> added = stackalloc byte[MlKem1024.PublicKeyBytes];
        Key.Export(known);
        key.Export(added);
        return known.SequenceEqual(added)
            ? this with { Groups = Groups | groups }
            : throw new EsfKeyException(
                $"Two keys of the audiences have the same 64-bit id {KeyId:x16}. Generate both again, and find out where they came from.",
                null);
    }
}

/// <summary>The source of randomness of a sealer: the system's generator, or a repeatable generator in tests.</summary>
internal class SealRandomness
{
    public static SealRandomness System { get; } = new();

    public virtual void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public virtual void Encapsulate(MlKem1024PublicKey key, Span<byte> ciphertext, Span<byte> secret) =>
        key.Encapsulate(ciphertext, secret);
}
