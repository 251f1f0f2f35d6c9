namespace Estream.Scenarios.Harness;

/// <summary>Describes how one row of a case is produced.</summary>
internal abstract record Contender(string Implementation)
{
    /// <summary>Whether the row is an extra row that <c>--quick</c> leaves out; <c>estream</c> and the references of the ratios are never
    /// left out.</summary>
    public bool IsPeer { get; init; }

    /// <summary>The implementation that the row's ratio is calculated against; null for the reference of the case.</summary>
    public string? Reference { get; init; }

    /// <summary>The target of the row, or null if the row is only reported.</summary>
    public Target? Target { get; init; }

    /// <summary>Whether the contender stores nothing, so that it is not checked for shared storage.</summary>
    public bool IsWithoutFiles { get; init; }

    /// <summary>The location of the contender's files.</summary>
    public Storage Storage { get; init; }

    /// <summary>
    /// The divisor of a slow peer's number of operations, so that a run ends in time. The check value of such a peer differs from that of
    /// other rows and is not compared.
    /// </summary>
    public int Portion { get; init; } = 1;

    /// <summary>False if a dependency was missing when the harness was built.</summary>
    public bool IsBuilt { get; init; } = true;

    /// <summary>The command of the C++ program that a .NET contender needs, usually because it starts that command; null for
    /// none.</summary>
    public string? NativeCommand { get; init; }

    /// <summary>Whether the contender runs as on a processor without AVX-512.</summary>
    public bool WithoutAvx512 { get; init; }

    /// <summary>Returns a .NET implementation: the harness starts itself as the contender's process.</summary>
    public static Contender Managed(string implementation, Func<ContenderContext, IContender> create) =>
        new ManagedContender(implementation, create);

    /// <summary>Returns a JavaScript implementation in bench/peers/node, with its arguments by size.</summary>
    public static Contender Node(string implementation, Func<RunSize, string> arguments) => new NodeContender(implementation, arguments);

    /// <summary>Returns a C++ implementation in bench/peers: the program's command and its arguments by size.</summary>
    public static Contender Native(string implementation, string command, Func<RunSize, string> arguments) =>
        new NativeContender(implementation, command, arguments);
}

internal sealed record ManagedContender(string Implementation, Func<ContenderContext, IContender> Create) : Contender(Implementation);

internal sealed record NativeContender(string Implementation, string Command, Func<RunSize, string> Arguments) : Contender(Implementation);

internal sealed record NodeContender(string Implementation, Func<RunSize, string> Arguments) : Contender(Implementation);

/// <summary>The location of a contender's files.</summary>
internal enum Storage
{
    /// <summary>In the data directory: shared memory, unless the user named another directory.</summary>
    Data,

    /// <summary>On a file system that gives files huge pages; in the data directory if there is none.</summary>
    HugePages,

    /// <summary>On a disk.</summary>
    Disk,
}

/// <summary>
/// One implementation of a scenario's work, alone in its process. The constructor sets up and touches
/// the memory; <see cref="Run"/> is called once per round, warm-up rounds included, always from one thread.
/// </summary>
internal interface IContender : IDisposable
{
    RunResult Run();
}

/// <summary>The input of a contender: an empty directory on the file system under test, and the size.</summary>
internal sealed record ContenderContext(string Directory, RunSize Size);
