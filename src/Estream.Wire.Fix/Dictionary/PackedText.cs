using System.Buffers.Binary;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>Packs a short text into a 64-bit key, so that a lookup does not hash text: up to seven bytes, with the length in the
/// eighth.</summary>
internal static class PackedText
{
    public const int MaxLength = 7;

    /// <summary>Packs a text.</summary>
    /// <returns>False if the text is longer than <see cref="MaxLength"/>.</returns>
    public static bool TryPack(ReadOnlySpan<byte> text, out ulong packed)
    {
        packed = 0;
        if (text.Length > MaxLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        text.CopyTo(bytes);
        bytes[MaxLength] = (byte)text.Length;
        packed = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }
}
