namespace Estream.Circuits;

/// <summary>The limits of circuit files: whatever comes from outside has one.</summary>
public static class CircuitLimits
{
    /// <summary>Longest name of a circuit, so that with an output it names a reader of a queue.</summary>
    public const int MaxNameLength = 48;

    /// <summary>Longest name of an input, a node or an output.</summary>
    public const int MaxPortNameLength = 24;

    /// <summary>Most inputs of a circuit, and most outputs.</summary>
    public const int MaxPorts = 16;

    /// <summary>Most nodes of a circuit.</summary>
    public const int MaxNodes = 64;

    /// <summary>Most flows, each from one name to the next.</summary>
    public const int MaxFlows = 256;

    /// <summary>Most ways along flows from an input to one place: a message that goes them all is there as often.</summary>
    public const int MaxRoutes = 1_024;

    /// <summary>Most invariants.</summary>
    public const int MaxInvariants = 64;

    /// <summary>Most types declared in a file.</summary>
    public const int MaxTypes = 64;

    /// <summary>The shortest interval of a timer, in milliseconds.</summary>
    public const int LeastTimerMs = 10;
}
