namespace Estream.Esf.Internal;

/// <summary>A reference as its slot contains it. As two numbers it takes two stores, without the shift that one number takes.</summary>
/// <param name="offset">The offset of the region from the start of its record.</param>
/// <param name="length">The length of the region.</param>
internal readonly struct RegionReference(int offset, int length)
{
    public readonly int Offset = offset;
    public readonly int Length = length;
}
