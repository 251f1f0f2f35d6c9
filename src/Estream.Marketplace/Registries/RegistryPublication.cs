namespace Estream.Marketplace.Registries;

/// <summary>A release on its way into a registry.</summary>
/// <param name="Release">What is said of it; its length and digest are those of the package.</param>
/// <param name="Package">The package's bytes.</param>
/// <param name="Bundle">The bundle that shows whose it is, without the package. A registry holds nothing without one.</param>
public sealed record RegistryPublication(RegistryRelease Release, ReadOnlyMemory<byte> Package, ReadOnlyMemory<byte> Bundle);

/// <summary>What came of publishing.</summary>
/// <param name="Outcome">Whether it is there.</param>
/// <param name="Address">Where people see it, such as the address of a pull request; empty where there is no such place.</param>
public sealed record PublishResult(PublishOutcome Outcome, string Address = "");

/// <summary>Whether what was published is there.</summary>
public enum PublishOutcome
{
    /// <summary>It is there now.</summary>
    Published,

    /// <summary>It was there already, and the same.</summary>
    Unchanged,

    /// <summary>It was handed in, and is there when somebody has taken it.</summary>
    Proposed,

    /// <summary>It is not there: it waits for a check or an approval where the registry is run.</summary>
    Pending,
}
