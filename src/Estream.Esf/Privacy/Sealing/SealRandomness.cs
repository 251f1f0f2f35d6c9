using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Esf.Internal;

/// <summary>Where a sealer has its chance from: the system's, and in tests something that can be repeated.</summary>
internal class SealRandomness
{
    public static SealRandomness System { get; } = new();

    public virtual void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public virtual void Encapsulate(MlKem1024PublicKey key, Span<byte> ciphertext, Span<byte> secret) => key.Encapsulate(ciphertext, secret);
}
