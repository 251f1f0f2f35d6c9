namespace Estream.Wire.Dnp3;

/// <summary>The kind of a point.</summary>
public enum Dnp3PointKind
{
    /// <summary>A binary input: groups 1 and 2.</summary>
    BinaryInput,

    /// <summary>A double-bit binary input: groups 3 and 4.</summary>
    DoubleBitInput,

    /// <summary>A binary output: groups 10, 11 and 12.</summary>
    BinaryOutput,

    /// <summary>A counter: groups 20 and 22.</summary>
    Counter,

    /// <summary>A frozen counter: groups 21 and 23.</summary>
    FrozenCounter,

    /// <summary>An analog input: groups 30 and 32.</summary>
    AnalogInput,

    /// <summary>An analog output: groups 40, 41 and 42.</summary>
    AnalogOutput,
}

/// <summary>The value of a point in a response of an outstation.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Index">The index in the outstation.</param>
/// <param name="Value">The value: 0 or 1 of a binary point; 0 (intermediate), 1 (off), 2 (on) or 3 (indeterminate) of a double-bit input.
/// Exact, because integers have at most 32 bits.</param>
public readonly record struct Dnp3Measurement(Dnp3PointKind Kind, ushort Index, double Value)
{
    /// <summary>Bit 0 of the flags: the point is online.</summary>
    public const byte OnlineFlag = 0x01;

    /// <summary>The flags (IEEE 1815, 11.6) without the state of a binary point; null if the object has none, which means online.</summary>
    public byte? Flags { get; init; }

    /// <summary>Whether the outstation recorded it as an event.</summary>
    public bool IsEvent { get; init; }

    /// <summary>Whether the object has an integer, not a floating-point number.</summary>
    public bool IsInteger { get; init; }

    /// <summary>The time of the outstation in milliseconds since 1970-01-01 UTC; null if the object has none.</summary>
    public long? TimeMs { get; init; }

    /// <summary>Whether the clock of the outstation was synchronized; false without a time.</summary>
    public bool IsSynchronized { get; init; }

    /// <summary>Whether the point is online.</summary>
    public bool IsOnline => Flags is not { } flags || (flags & OnlineFlag) != 0;

    /// <summary>The short name of the point, such as <c>ai-3</c>.</summary>
    public string ShortName => $"{PrefixOf(Kind)}-{Index}";

    /// <summary>The letters before the index in short names.</summary>
    internal static string PrefixOf(Dnp3PointKind kind) => kind switch
    {
        Dnp3PointKind.BinaryInput => "bi",
        Dnp3PointKind.DoubleBitInput => "dbi",
        Dnp3PointKind.BinaryOutput => "bo",
        Dnp3PointKind.Counter => "ctr",
        Dnp3PointKind.FrozenCounter => "fctr",
        Dnp3PointKind.AnalogInput => "ai",
        _ => "ao",
    };
}
