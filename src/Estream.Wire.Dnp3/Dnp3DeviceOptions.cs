namespace Estream.Wire.Dnp3;

/// <summary>The options of one outstation.</summary>
public sealed record Dnp3DeviceOptions
{
    /// <summary>The name, at most 64 octets of UTF-8.</summary>
    public required string Name { get; init; }

    /// <summary>The connection. Outstations of one connection have the same options of it.</summary>
    public required Dnp3EndpointOptions Endpoint { get; init; }

    /// <summary>The link address of the master, 0 to 65,519. Default: 1.</summary>
    public ushort MasterAddress { get; init; } = 1;

    /// <summary>The link address of the outstation, 0 to 65,519. Default: 10.</summary>
    public ushort OutstationAddress { get; init; } = 10;

    /// <summary>How long each fragment of a response may take in milliseconds. Default: 5,000.</summary>
    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>The interval of integrity polls in milliseconds, in addition to those after a connect, a restart and lost events; 0: none.
    /// Default: 3,600,000.</summary>
    public int IntegrityEveryMs { get; init; } = 3_600_000;

    /// <summary>The interval of polls for events of class 1 in milliseconds; 0: none. Default: 10,000.</summary>
    public int Class1EveryMs { get; init; } = 10_000;

    /// <summary>The interval of polls for events of class 2 in milliseconds; 0: none. Default: 10,000.</summary>
    public int Class2EveryMs { get; init; } = 10_000;

    /// <summary>The interval of polls for events of class 3 in milliseconds; 0: none. Default: 10,000.</summary>
    public int Class3EveryMs { get; init; } = 10_000;

    /// <summary>The classes whose unsolicited responses are enabled. Default: all events.</summary>
    public Dnp3Classes Unsolicited { get; init; } = Dnp3Classes.Events;

    /// <summary>How the clock of the outstation is set when it asks for the time. Default: the LAN procedure.</summary>
    public Dnp3TimeSync TimeSync { get; init; } = Dnp3TimeSync.Lan;

    /// <summary>The longest wait before the next request after time-outs in milliseconds. Default: 60,000.</summary>
    public int MaxBackoffMs { get; init; } = 60_000;

    /// <summary>The points with a name, a scale, or permission to operate. Other points have a short name, such as ai-3.</summary>
    public IReadOnlyList<Dnp3PointOptions> Points { get; init; } = [];

    /// <summary>The classes that are read once, in place of all other requests; null for a master.</summary>
    internal Dnp3Classes? SinglePoll { get; init; }
}

/// <summary>How the master sets the clock of an outstation (IEEE 1815, 10.3).</summary>
public enum Dnp3TimeSync
{
    /// <summary>Never.</summary>
    None,

    /// <summary>The procedure for networks: the outstation records when it receives a request, and the master then sends the time of that
    /// moment.</summary>
    Lan,

    /// <summary>The procedure for serial lines: the master measures the delay of the line and adds it.</summary>
    Serial,
}

/// <summary>The options of one point.</summary>
public sealed record Dnp3PointOptions
{
    /// <summary>The name, unique in its device; at most 64 octets of UTF-8.</summary>
    public required string Name { get; init; }

    /// <summary>The kind.</summary>
    public required Dnp3PointKind Kind { get; init; }

    /// <summary>The index in the outstation.</summary>
    public ushort Index { get; init; }

    /// <summary>The factor of the value. Default: 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Added to the value after scaling. Default: 0.</summary>
    public double Offset { get; init; }

    /// <summary>The unit of measurement, at most 16 octets. Default: none.</summary>
    public string? UnitOfMeasurement { get; init; }

    /// <summary>Whether commands may operate the point, which is a binary or analog output. Default: no.</summary>
    public bool IsWritable { get; init; }

    /// <summary>Whether a command operates the point without selecting it first. Default: no.</summary>
    public bool IsDirect { get; init; }

    /// <summary>The type of the values that are sent to an analog output. Default: 32-bit integer.</summary>
    public Dnp3AnalogType Type { get; init; } = Dnp3AnalogType.Integer32;
}

/// <summary>The type of a value that is sent to an analog output: the variations of group 41.</summary>
public enum Dnp3AnalogType
{
    /// <summary>A signed 32-bit integer.</summary>
    Integer32 = 1,

    /// <summary>A signed 16-bit integer.</summary>
    Integer16 = 2,

    /// <summary>A single-precision number.</summary>
    Real32 = 3,

    /// <summary>A double-precision number.</summary>
    Real64 = 4,
}
