using System.Buffers.Binary;

namespace Estream.Esf.Json;

/// <summary>
/// The f32 and f64 values that JSON numbers cannot represent, written as strings so that nothing is lost: <c>"NaN"</c>,
/// <c>"Infinity"</c>, <c>"-Infinity"</c>.
/// </summary>
internal static class NamedFloats
{
    /// <summary>Writes the value with a name into a slot of 4 or 8 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, Span<byte> slot)
    {
        double value = name.SequenceEqual("NaN"u8) ? double.NaN
            : name.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
            : name.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity
            : 0;
        if (slot.Length == sizeof(float))
        {
            BinaryPrimitives.WriteSingleLittleEndian(slot, (float)value);
        }
        else
        {
            BinaryPrimitives.WriteDoubleLittleEndian(slot, value);
        }

        return value != 0;
    }

    /// <summary>Returns the name of a value that is not finite.</summary>
    public static ReadOnlySpan<byte> NameOf(double value) =>
        double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8;
}
