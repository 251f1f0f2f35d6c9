using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>What whoever runs a registry adds to its decisions. Nothing of it leaves a check out. Immutable.</summary>
public sealed record PublishOptions
{
    /// <summary>Releases of a namespace in 24 hours that nobody has to look at, where nothing else is said.</summary>
    public const int DefaultMostADay = 100;

    /// <summary>Releases of a namespace in 24 hours that nobody has to look at: those beyond wait for a reviewer.</summary>
    public int MostADay { get; init; } = DefaultMostADay;

    /// <summary>What looks through each package. All of them have to pass.</summary>
    public IReadOnlyList<IReleaseScanner> Scanners { get; init; } = [];

    /// <summary>How long one scanner has for one package.</summary>
    public TimeSpan ScanTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Releases that are looked at or wait for it at a time; what comes beyond waits to be decided again.</summary>
    public int MaxWaiting { get; init; } = 64;

    /// <summary>Schemas of other components that the circuits of components use.</summary>
    public EsfSchemaSet Known { get; init; } = EsfSchemaSet.BuiltIn;

    /// <summary>Gives a circuit the code it is bound to, with the folder it lies in. The golden vectors of one that is bound to other code
    /// are not run here, and it waits.</summary>
    public Func<Circuit, string, Circuit>? Bind { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MostADay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaiting);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ScanTime, TimeSpan.Zero);
        if (Scanners.DistinctBy(scanner => scanner.Name, StringComparer.Ordinal).Count() != Scanners.Count)
        {
            throw new ArgumentException("Two scanners have one name, and one would stand for both. Give each a name of its own.");
        }
    }
}
