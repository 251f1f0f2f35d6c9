using System.Buffers.Binary;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>Short texts as one number, so that finding them hashes no text: up to seven bytes, and their length in the eighth.</summary>
internal static class PackedText
{
    public const int MaxLength = 7;

    /// <returns>False where the text is longer.</returns>
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
