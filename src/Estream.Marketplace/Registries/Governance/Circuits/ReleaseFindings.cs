using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What a registry has found out about a release, from which <see cref="ReleasePublishCircuit"/> decides. What is not said is not
/// in its favor. Immutable, as long as nobody changes what it was given.</summary>
public sealed record ReleaseFindings
{
    /// <summary>The name of the component, such as <c>@acme/doors</c>: at most 128 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Its version, likewise.</summary>
    public required string Version { get; init; }

    /// <summary>Its category, such as <c>wire-adapter</c>: at most 32 bytes.</summary>
    public required string Category { get; init; }

    /// <summary>The release digest: 32 bytes.</summary>
    public required ReadOnlyMemory<byte> ReleaseDigest { get; init; }

    /// <summary>What came of the checks, by the names of <see cref="ReleaseChecks"/>. One that is not there was not run.</summary>
    public required IReadOnlyDictionary<string, CheckOutcome> Checks { get; init; }

    /// <summary>What came of the scanners that the registry requires, by their names: all of them are here.</summary>
    public IReadOnlyDictionary<string, CheckOutcome> Scanners { get; init; } = new Dictionary<string, CheckOutcome>();

    /// <summary>Approvals that the policy asks for.</summary>
    public required int ApprovalsRequired { get; init; }

    /// <summary>Distinct keys of reviewers that have approved.</summary>
    public required int Approvals { get; init; }

    /// <summary>Whether it follows a release of the same major and minor version.</summary>
    public required bool IsPatch { get; init; }

    /// <summary>Components that the release before it did not need.</summary>
    public required IReadOnlyList<string> NewDependencies { get; init; }

    /// <summary>What the release before it did not ask for.</summary>
    public required IReadOnlyList<string> NewPermissions { get; init; }

    /// <summary>Releases of its namespace in the day before it.</summary>
    public required int PublishedToday { get; init; }

    /// <summary>How many of them nobody looks at.</summary>
    public required int MostADay { get; init; }

    /// <summary>Whether the registry has no version of the component yet.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Components of other owners that its name could be taken for. The circuit asks for them where it is the first version
    /// alone.</summary>
    public required IReadOnlyList<string> AlikeNames { get; init; }
}
