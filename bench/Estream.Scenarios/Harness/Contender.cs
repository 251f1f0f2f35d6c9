namespace Estream.Scenarios.Harness;

/// <summary>
/// How one row of a case is produced. <see cref="IsPeer"/> marks the extra peers that <c>--quick</c> leaves out;
/// <c>estream</c> and the references of the ratios are never left out.
/// </summary>
internal abstract record Contender(string Implementation, bool IsPeer)
{
    /// <summary>A .NET implementation: the harness starts itself as the contender's process.</summary>
    public static Contender Managed(string implementation, Func<ContenderContext, IContender> create, bool isPeer = false)
    {
        return new ManagedContender(implementation, isPeer, create);
    }

    /// <summary>A C++ implementation in bench/peers: the program's command and its arguments by size.</summary>
    public static Contender Native(string implementation, string command, Func<RunSize, string> arguments)
    {
        return new NativeContender(implementation, command, arguments);
    }
}

internal sealed record ManagedContender(string Implementation, bool IsPeer, Func<ContenderContext, IContender> Create)
    : Contender(Implementation, IsPeer);

internal sealed record NativeContender(string Implementation, string Command, Func<RunSize, string> Arguments)
    : Contender(Implementation, IsPeer: false);
