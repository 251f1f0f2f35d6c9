using System.Security.Cryptography;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>The content keys of the message being sealed. Each group of readers for which the message has a value has one key, generated at
/// the first value of the group.</summary>
internal sealed class ContentKeys(SealRandomness randomness) : IDisposable
{
    private readonly byte[] _keys = GC.AllocateArray<byte>(EsfLimits.MaxAudiences * SealedValue.KeyBytes, pinned: true);
    private readonly AesGcm?[] _ciphers = new AesGcm?[EsfLimits.MaxAudiences];
    private readonly int[] _groups = new int[EsfLimits.MaxAudiences];

    /// <summary>The number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the cipher of a group, and generates its key if necessary.</summary>
    /// <param name="group">The number of the group in the schema.</param>
    /// <param name="number">The number of its key in the message.</param>
    public AesGcm Of(int group, out int number)
    {
        number = _groups.AsSpan(0, Count).IndexOf(group);
        if (number >= 0)
        {
            return _ciphers[number]!;
        }

        number = Count++;
        _groups[number] = group;
        Span<byte> key = KeyAt(number);
        randomness.Fill(key);
        return _ciphers[number] = new AesGcm(key, SealedValue.TagBytes);
    }

    /// <summary>Returns the mask of the content keys for a reader, by the groups that the reader is in.</summary>
    /// <param name="groups">The groups of the schema, as bits.</param>
    public uint MaskFor(uint groups)
    {
        uint mask = 0;
        for (int i = 0; i < Count; i++)
        {
            mask |= ((groups >> _groups[i]) & 1) << i;
        }

        return mask;
    }

    /// <summary>Writes the keys of a mask, in order.</summary>
    public void Export(uint mask, Span<byte> destination)
    {
        for (int i = 0; i < Count; i++)
        {
            if ((mask >> i & 1) != 0)
            {
                KeyAt(i).CopyTo(destination);
                destination = destination[SealedValue.KeyBytes..];
            }
        }
    }

    /// <summary>Erases the keys before the next message.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
        {
            _ciphers[i]?.Dispose();
            _ciphers[i] = null;
        }

        CryptographicOperations.ZeroMemory(_keys);
        Count = 0;
    }

    public void Dispose() => Clear();

    private Span<byte> KeyAt(int number) => _keys.AsSpan(number * SealedValue.KeyBytes, SealedValue.KeyBytes);
}
