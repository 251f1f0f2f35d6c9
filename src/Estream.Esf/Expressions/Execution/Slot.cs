namespace Estream.Esf.Expressions.Execution;

/// <summary>A value in a register of a program, or no value. The instruction that reads the slot determines the kind of value.</summary>
internal struct Slot
{
    private ulong _low;
    private ulong _high;

    /// <summary>Whether there is a value.</summary>
    public bool IsThere { get; set; }

    public readonly bool Boolean => _low != 0;

    public readonly Int128 Integer => new(_high, _low);

    public readonly double Number => BitConverter.UInt64BitsToDouble(_low);

    /// <summary>The offset and length of a text, and the input that contains it.</summary>
    public readonly (int Offset, int Length, int Source) Place => ((int)(uint)_low, (int)(_low >> 32), (int)_high);

    public static Slot Of(bool value) => new() { _low = value ? 1UL : 0, IsThere = true };

    public static Slot Of(Int128 value) => new() { _low = (ulong)value, _high = (ulong)(value >> 64), IsThere = true };

    public static Slot Of(long value) => new() { _low = (ulong)value, _high = (ulong)(value >> 63), IsThere = true };

    public static Slot Of(double value) => new() { _low = BitConverter.DoubleToUInt64Bits(value), IsThere = true };

    public static Slot OfText(int offset, int length, int source) =>
        new() { _low = (uint)offset | ((ulong)(uint)length << 32), _high = (ulong)source, IsThere = true };
}
