using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Streams.Mpc;

/// <summary>Numbers modulo the prime 2^61 − 1.</summary>
internal static class Field61
{
    public const ulong Modulus = (1UL << 61) - 1;

    public static ulong Add(ulong left, ulong right)
    {
        ulong sum = left + right;
        return sum >= Modulus ? sum - Modulus : sum;
    }

    public static ulong Subtract(ulong left, ulong right) => Add(left, Modulus - right);

    /// <summary>Returns a uniformly distributed number: 61 random bits, drawn again if they equal the modulus.</summary>
    public static ulong Random()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ulong number;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            number = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & Modulus;
        }
        while (number == Modulus);
        CryptographicOperations.ZeroMemory(bytes);
        return number;
    }
}
