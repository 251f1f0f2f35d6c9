namespace Estream.Wire.Modbus;

/// <summary>The kind of a <see cref="PointValue"/>.</summary>
public enum PointValueKind
{
    /// <summary>The registers do not contain a value of the type, such as a BCD digit above 9.</summary>
    Invalid,

    /// <summary>A signed integer.</summary>
    SignedInteger,

    /// <summary>An unsigned integer, a BCD number or a bit.</summary>
    UnsignedInteger,

    /// <summary>A floating-point number.</summary>
    Real,
}

/// <summary>A number as it is in registers, without scaling. Holds 64-bit integers exactly.</summary>
public readonly record struct PointValue
{
    private readonly long _bits;

    private PointValue(PointValueKind kind, long bits)
    {
        Kind = kind;
        _bits = bits;
    }

    /// <summary>The kind.</summary>
    public PointValueKind Kind { get; }

    /// <summary>The integer of kind <see cref="PointValueKind.SignedInteger"/>.</summary>
    public long AsSigned => _bits;

    /// <summary>The integer of kind <see cref="PointValueKind.UnsignedInteger"/>.</summary>
    public ulong AsUnsigned => (ulong)_bits;

    /// <summary>The number, rounded to a double if it is a large integer.</summary>
    public double Number => Kind switch
    {
        PointValueKind.SignedInteger => _bits,
        PointValueKind.UnsignedInteger => (ulong)_bits,
        PointValueKind.Real => BitConverter.Int64BitsToDouble(_bits),
        _ => double.NaN,
    };

    /// <summary>A signed integer.</summary>
    public static PointValue Of(long value) => new(PointValueKind.SignedInteger, value);

    /// <summary>An unsigned integer.</summary>
    public static PointValue Of(ulong value) => new(PointValueKind.UnsignedInteger, (long)value);

    /// <summary>A floating-point number.</summary>
    public static PointValue Of(double value) => new(PointValueKind.Real, BitConverter.DoubleToInt64Bits(value));
}
