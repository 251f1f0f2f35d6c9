namespace Estream.Scenarios.Harness;

/// <summary>How one row of a case is produced.</summary>
internal abstract record Contender(string Implementation)
{
    /// <summary>One of the extra rows that <c>--quick</c> leaves out; <c>estream</c> and the references of the ratios are never left
    /// out.</summary>
    public bool IsPeer { get; init; }

    /// <summary>What the row must reach, or null where it is only reported.</summary>
    public Target? Target { get; init; }

    /// <summary>It keeps nothing, so there is no storage that would have to be shared.</summary>
    public bool IsWithoutFiles { get; init; }

    /// <summary>Where its files are.</summary>
    public Storage Storage { get; init; }

    /// <summary>
    /// A peer that is far slower does only one in so many of the operations, so that a run ends; its check is then no other's and not
    /// compared.
    /// </summary>
    public int Portion { get; init; } = 1;

    /// <summary>False where what it is made with was missing when the harness was built.</summary>
    public bool IsBuilt { get; init; } = true;

    /// <summary>The command of the C++ program without which a .NET contender is missing, mostly since it starts it beside itself; null for
    /// none.</summary>
    public string? NativeCommand { get; init; }

    /// <summary>Runs as on a processor without AVX-512.</summary>
    public bool WithoutAvx512 { get; init; }

    /// <summary>A .NET implementation: the harness starts itself as the contender's process.</summary>
    public static Contender Managed(string implementation, Func<ContenderContext, IContender> create) =>
        new ManagedContender(implementation, create);

    /// <summary>A JavaScript implementation in bench/peers/node, with its arguments by size.</summary>
    public static Contender Node(string implementation, Func<RunSize, string> arguments) => new NodeContender(implementation, arguments);

    /// <summary>A C++ implementation in bench/peers: the program's command and its arguments by size.</summary>
    public static Contender Native(string implementation, string command, Func<RunSize, string> arguments) =>
        new NativeContender(implementation, command, arguments);
}

internal sealed record ManagedContender(string Implementation, Func<ContenderContext, IContender> Create) : Contender(Implementation);

internal sealed record NativeContender(string Implementation, string Command, Func<RunSize, string> Arguments) : Contender(Implementation);

internal sealed record NodeContender(string Implementation, Func<RunSize, string> Arguments) : Contender(Implementation);

/// <summary>Where the files of a contender are.</summary>
internal enum Storage
{
    /// <summary>In the data directory: shared memory, unless another was named.</summary>
    Data,

    /// <summary>On a file system that gives files huge pages; in the data directory where there is none.</summary>
    HugePages,

    /// <summary>On a disk.</summary>
    Disk,
}

/// <summary>
/// One implementation of a scenario's work, alone in a process of its own. The constructor sets up and touches
/// the memory; <see cref="Run"/> is called once per round, warm-up rounds included, always from one thread.
/// </summary>
internal interface IContender : IDisposable
{
    RunResult Run();
}

/// <summary>What a contender is given: an empty directory of its own on the file system under test, and the size.</summary>
internal sealed record ContenderContext(string Directory, RunSize Size);
