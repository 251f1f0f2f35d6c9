using System.Buffers.Binary;

namespace Estream.Streams;

/// <summary>An entry of a vault, 48 bytes: nonce (12), under AES-256-GCM the number of digits (1) and the digits with zeros behind them
/// (19), tag (16).</summary>
internal readonly record struct VaultEntry(ulong A, ulong B, ulong C, ulong D, ulong E, ulong F)
{
    public const int Bytes = 6 * sizeof(ulong);

    public static VaultEntry Of(ReadOnlySpan<byte> bytes) => new(At(bytes, 0), At(bytes, 1), At(bytes, 2), At(bytes, 3), At(bytes, 4), At(bytes, 5));

    public void CopyTo(Span<byte> destination)
    {
        ReadOnlySpan<ulong> words = [A, B, C, D, E, F];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * sizeof(ulong))..], words[i]);
        }
    }

    private static ulong At(ReadOnlySpan<byte> bytes, int word) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(word * sizeof(ulong))..]);
}
