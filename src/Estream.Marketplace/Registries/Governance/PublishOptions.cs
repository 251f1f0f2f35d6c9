using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>The additional rules of the operator of a registry. They can never omit a check. Immutable.</summary>
public sealed record PublishOptions
{
    /// <summary>The default for <see cref="MostADay"/>.</summary>
    public const int DefaultMostADay = 100;

    /// <summary>The number of releases a namespace may publish in 24 hours without review; further releases wait for a reviewer.</summary>
    public int MostADay { get; init; } = DefaultMostADay;

    /// <summary>The scanners that every package must pass.</summary>
    public IReadOnlyList<IReleaseScanner> Scanners { get; init; } = [];

    /// <summary>The time limit of one scanner for one package.</summary>
    public TimeSpan ScanTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The maximum number of releases that are being checked or wait for their check. Further releases are stored as pending
    /// without a check.</summary>
    public int MaxWaiting { get; init; } = 64;

    /// <summary>The schemas of other components that the circuits of components use.</summary>
    public EsfSchemaSet Known { get; init; } = EsfSchemaSet.BuiltIn;

    /// <summary>Binds a circuit to its code, given the circuit's folder. A component whose circuit needs code that is not available here
    /// stays pending, because its golden vectors cannot be run.</summary>
    public Func<Circuit, string, Circuit>? Bind { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MostADay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaiting);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ScanTime, TimeSpan.Zero);
        if (Scanners.DistinctBy(scanner => scanner.Name, StringComparer.Ordinal).Count() != Scanners.Count)
        {
            throw new ArgumentException("Two scanners have the same name. Give each scanner a unique name.");
        }
    }
}
