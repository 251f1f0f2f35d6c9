using System.Buffers.Binary;

namespace Estream.Esf.Items;

/// <summary>Items of type f32.</summary>
public readonly struct Float32Item : IEsfValueItem<float>
{
    /// <inheritdoc/>
    public static int Size => 4;

    /// <inheritdoc/>
    public static float Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadSingleLittleEndian(item);

    /// <inheritdoc/>
    public static int Write(float value, Span<byte> destination)
    {
        BinaryPrimitives.WriteSingleLittleEndian(destination, value);
        return 4;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, float value) => Read(item).Equals(value);
}

/// <summary>Items of type f64.</summary>
public readonly struct Float64Item : IEsfValueItem<double>
{
    /// <inheritdoc/>
    public static int Size => 8;

    /// <inheritdoc/>
    public static double Read(ReadOnlySpan<byte> item) => BinaryPrimitives.ReadDoubleLittleEndian(item);

    /// <inheritdoc/>
    public static int Write(double value, Span<byte> destination)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(destination, value);
        return 8;
    }

    /// <inheritdoc/>
    public static bool Holds(ReadOnlySpan<byte> item, double value) => Read(item).Equals(value);
}
