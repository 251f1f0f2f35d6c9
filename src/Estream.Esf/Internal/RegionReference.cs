namespace Estream.Esf.Internal;

/// <summary>A reference in the layout of its slot. Two 32-bit numbers take two stores, but not the shift of one 64-bit number.</summary>
/// <param name="offset">The offset of the region from the start of its record.</param>
/// <param name="length">The length of the region.</param>
internal readonly struct RegionReference(int offset, int length)
{
    public readonly int Offset = offset;
    public readonly int Length = length;
}
