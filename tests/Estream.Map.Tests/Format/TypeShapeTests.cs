using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

public sealed class TypeShapeTests
{
    [Fact]
    public void Types_without_gaps_have_no_padding()
    {
        Assert.Equal(0, TypeShape.Of<long>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<bool>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<char>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<Guid>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<decimal>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<DateTime>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<DayOfWeek>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<(char A, char B)>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<Nested>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<Packed>().PaddingBytes);
    }

    [Fact]
    public void Gaps_between_and_after_fields_are_counted()
    {
        Assert.Equal(7, TypeShape.Of<(byte A, long B)>().PaddingBytes);
        Assert.Equal(3, TypeShape.Of<TrailingGap>().PaddingBytes);
        Assert.Equal(12, TypeShape.Of<Oversized>().PaddingBytes);
    }

    [Fact]
    public void Only_types_with_the_same_fields_have_the_same_shape()
    {
        Assert.Equal(TypeShape.Of<long>().Fingerprint, TypeShape.Of<Renamed>().Fingerprint);
        Assert.Equal(TypeShape.Of<int>().Fingerprint, TypeShape.Of<DayOfWeek>().Fingerprint);
        ulong[] different =
        [
            TypeShape.Of<long>().Fingerprint, TypeShape.Of<ulong>().Fingerprint, TypeShape.Of<double>().Fingerprint,
            TypeShape.Of<(int A, float B)>().Fingerprint, TypeShape.Of<(float A, int B)>().Fingerprint, TypeShape.Of<Nested>().Fingerprint,
        ];
        Assert.Equal(different.Length, different.Distinct().Count());
    }

    [Fact]
    public void Fingerprints_are_part_of_the_format()
    {
        Assert.Equal(0x9DAD9229172046F7UL, TypeShape.Of<long>().Fingerprint);
    }

    private readonly record struct Renamed(long Anything);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TrailingGap(int Number, byte Kind);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Packed(byte Kind, long Number);

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private readonly record struct Oversized(int Number);

    private readonly record struct Nested(Renamed First, Four Rest);

    [InlineArray(4)]
    private struct Four
    {
        private long _first;
    }

    [System.Runtime.CompilerServices.InlineArray(16384)]
    internal struct Kilobytes
    {
        private byte _first;
    }
}
