using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>The content keys of the message being opened that a ring can decrypt.</summary>
internal sealed class OpenedKeys(EsfKeyRing ring) : IDisposable
{
    private readonly DecapsulationCache _sessions = new();
    private readonly byte[] _keys = GC.AllocateArray<byte>(EsfLimits.MaxAudiences * SealedValue.KeyBytes, pinned: true);
    private readonly AesGcm?[] _ciphers = new AesGcm?[EsfLimits.MaxAudiences];
    private uint _known;

    /// <summary>The number of keys in the envelope; 0 without an envelope.</summary>
    public int Count { get; private set; }

    /// <summary>Decrypts the keys of an envelope that are sealed for the ring.</summary>
    /// <returns>False if keys sealed for the ring do not authenticate.</returns>
    public bool TryTake(in SealEnvelope envelope)
    {
        Count = envelope.KeyCount;
        ReadOnlySpan<byte> rest = envelope.Recipients;
        while (SealEnvelope.TryTake(ref rest, out SealRecipient recipient))
        {
            if (ring.TryGet(recipient.KeyId, out MlKem1024PrivateKey? key) && !TryTake(recipient, key))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns the cipher of a key; null if the key is not sealed for the ring.</summary>
    public AesGcm? Find(int number) =>
        (_known >> number & 1) == 0 ? null : _ciphers[number] ??= new AesGcm(KeyAt(number), SealedValue.TagBytes);

    /// <summary>Erases the keys before the next message.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
        {
            _ciphers[i]?.Dispose();
            _ciphers[i] = null;
        }

        CryptographicOperations.ZeroMemory(_keys);
        (Count, _known) = (0, 0);
    }

    public void Dispose()
    {
        Clear();
        _sessions.Dispose();
    }

    private bool TryTake(in SealRecipient recipient, MlKem1024PrivateKey key)
    {
        AesGcm? known = _sessions.Find(recipient.KeyId, recipient.Ciphertext);
        AesGcm cipher = known ?? DecapsulationCache.Compute(key, recipient.Ciphertext);
        if (!TryUnwrap(cipher, recipient))
        {
            if (known is null)
            {
                cipher.Dispose();
            }

            return false;
        }

        if (known is null)
        {
            _sessions.Add(recipient.KeyId, recipient.Ciphertext, cipher);
        }

        return true;
    }

    private bool TryUnwrap(AesGcm cipher, in SealRecipient recipient)
    {
        Span<byte> nonce = stackalloc byte[SealedValue.NonceBytes];
        KeyEncryption.Nonce(recipient.Number, nonce);
        Span<byte> keys = stackalloc byte[EsfLimits.MaxAudiences * SealedValue.KeyBytes];
        Span<byte> all = keys;
        keys = keys[..recipient.SealedKeys.Length];
        try
        {
            cipher.Decrypt(nonce, recipient.SealedKeys, recipient.Tag, keys, recipient.Head);
            for (int i = 0; i < Count; i++)
            {
                if ((recipient.Mask >> i & 1) != 0)
                {
                    keys[..SealedValue.KeyBytes].CopyTo(KeyAt(i));
                    keys = keys[SealedValue.KeyBytes..];
                }
            }

            _known |= recipient.Mask;
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(all);
        }
    }

    private Span<byte> KeyAt(int number) => _keys.AsSpan(number * SealedValue.KeyBytes, SealedValue.KeyBytes);
}
