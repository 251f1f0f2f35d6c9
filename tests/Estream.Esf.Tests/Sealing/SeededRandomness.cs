using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;
using Estream.Esf.Internal;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Repeatable randomness, so that sealed messages can be committed: SHA-256 of a name and a number.</summary>
internal sealed class SeededRandomness(string name) : SealRandomness
{
    private int _calls;

    public override void Fill(Span<byte> bytes) => SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {_calls++}")).AsSpan(0, bytes.Length)
        .CopyTo(bytes);

    public override void Encapsulate(MlKem1024PublicKey key, Span<byte> ciphertext, Span<byte> secret)
    {
        byte[] message = new byte[32];
        Fill(message);
        EncapsulateWith(key, message, ciphertext, secret);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Encapsulate")]
    private static extern void EncapsulateWith(MlKem1024PublicKey key, ReadOnlySpan<byte> message, Span<byte> ciphertext,
        Span<byte> secret);
}
