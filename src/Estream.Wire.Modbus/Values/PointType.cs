using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>The type of a point, and with it the number of its registers.</summary>
public enum PointType
{
    /// <summary>A coil, a discrete input, or one bit of a register.</summary>
    Bit,

    /// <summary>A signed integer in one register.</summary>
    [SettingWord("int16")]
    S16,

    /// <summary>An unsigned integer in one register.</summary>
    [SettingWord("uint16")]
    U16,

    /// <summary>A signed integer in two registers.</summary>
    [SettingWord("int32")]
    S32,

    /// <summary>An unsigned integer in two registers.</summary>
    [SettingWord("uint32")]
    U32,

    /// <summary>A signed integer in four registers.</summary>
    [SettingWord("int64")]
    S64,

    /// <summary>An unsigned integer in four registers.</summary>
    [SettingWord("uint64")]
    U64,

    /// <summary>An IEEE 754 number in two registers.</summary>
    [SettingWord("float32")]
    Real32,

    /// <summary>An IEEE 754 number in four registers.</summary>
    [SettingWord("float64")]
    Real64,

    /// <summary>Four decimal digits in one register, four bits each.</summary>
    Bcd16,

    /// <summary>Eight decimal digits in two registers, four bits each.</summary>
    Bcd32,

    /// <summary>UTF-8 text, two bytes in each register, padded with zeros or blanks.</summary>
    Text,
}

/// <summary>The order of the bytes of a value in its registers. A is the most significant byte of a 32-bit value.</summary>
public enum WordOrder
{
    /// <summary>ABCD: the most significant register first, as most devices do.</summary>
    [SettingWord("ABCD")]
    BigEndian,

    /// <summary>CDAB: the least significant register first.</summary>
    [SettingWord("CDAB")]
    WordSwapped,

    /// <summary>BADC: the most significant register first, with the bytes of each register swapped.</summary>
    [SettingWord("BADC")]
    ByteSwapped,

    /// <summary>DCBA: the least significant byte first.</summary>
    [SettingWord("DCBA")]
    LittleEndian,
}
