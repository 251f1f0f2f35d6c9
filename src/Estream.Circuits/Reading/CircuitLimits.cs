namespace Estream.Circuits;

/// <summary>The limits of circuit files. Files come from outside, so every quantity has a limit.</summary>
public static class CircuitLimits
{
    /// <summary>The maximum length of a circuit name. Together with the name of an output, it fits into a tailer name.</summary>
    public const int MaxNameLength = 48;

    /// <summary>The maximum length of the name of an input, a node or an output.</summary>
    public const int MaxPortNameLength = 24;

    /// <summary>The maximum number of inputs, and of outputs, of a circuit.</summary>
    public const int MaxPorts = 16;

    /// <summary>The maximum number of nodes of a circuit.</summary>
    public const int MaxNodes = 64;

    /// <summary>The maximum number of flows, each from one name to the next.</summary>
    public const int MaxFlows = 256;

    /// <summary>The maximum number of paths from an input to one node or output. A message arrives once for each path.</summary>
    public const int MaxRoutes = 1_024;

    /// <summary>The maximum number of invariants.</summary>
    public const int MaxInvariants = 64;

    /// <summary>The maximum number of types declared in a file.</summary>
    public const int MaxTypes = 64;

    /// <summary>The shortest interval of a timer, in milliseconds.</summary>
    public const int LeastTimerMs = 10;
}
