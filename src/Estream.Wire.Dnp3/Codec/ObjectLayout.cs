namespace Estream.Wire.Dnp3.Codec;

/// <summary>The size of objects by group and variation (IEEE 1815, annex A). Includes groups that the master skips, because the objects
/// after an object of unknown size cannot be read.</summary>
internal static class ObjectLayout
{
    /// <summary>The size in bits of one object; -1 if unknown.</summary>
    public static int Bits(byte group, byte variation) => (group, variation) switch
    {
        (1 or 10 or 80, 1) => 1,
        (3, 1) => 2,
        (110 or 111, _) => 8 * variation,
        _ => Octets(group, variation) is >= 0 and var octets ? 8 * octets : -1,
    };

    private static int Octets(byte group, byte variation) => group switch
    {
        >= 20 and <= 23 => CounterOctets(group, variation),
        30 or 32 or 40 or 41 or 42 or 43 => AnalogOctets(group, variation),
        _ => (group, variation) switch
        {
            (1 or 3 or 10, 2) or (2 or 4 or 11 or 13, 1) => 1,
            (2 or 4 or 11 or 13, 2) => 7,
            (2 or 4, 3) => 3,
            (12, 1) => 11,
            (50, 1 or 3) or (51, 1 or 2) => 6,
            (50, 4) => 11,
            (52, 1 or 2) => 2,
            (60, >= 1 and <= 4) => 0,
            _ => -1,
        },
    };

    // Variations 3, 4, 7 and 8 of group 20, and 3, 4, 7, 8, 11 and 12 of the others, are obsolete delta counters.
    private static int CounterOctets(byte group, byte variation) => (group, variation) switch
    {
        (_, 1 or 3) => 5,
        (_, 2 or 4) => 3,
        (20, 5 or 7) or (21, 9 or 11) => 4,
        (20, 6 or 8) or (21, 10 or 12) => 2,
        (21 or 22 or 23, 5 or 7) => 11,
        (21 or 22 or 23, 6 or 8) => 9,
        _ => -1,
    };

    private static int AnalogOctets(byte group, byte variation) => (group, variation) switch
    {
        (_, 1) => 5,
        (_, 2) => 3,
        (41, 3) => 5,
        (41, 4) => 9,
        (30, 3) => 4,
        (30, 4) => 2,
        (30, 5) or (40, 3) => 5,
        (30, 6) or (40, 4) => 9,
        (32 or 42 or 43, 3 or 7) => 11,
        (32 or 42 or 43, 4) => 9,
        (32 or 42 or 43, 5) => 5,
        (32 or 42 or 43, 6) => 9,
        (32 or 42 or 43, 8) => 15,
        _ => -1,
    };
}
