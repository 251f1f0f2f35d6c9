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

/// <summary>The names of the checks that <c>estream.marketplace.release.publish.v1</c> knows; which of them a category requires stands in
/// the circuit. They keep their meaning for ever.</summary>
public static class ReleaseChecks
{
    /// <summary>The owners of the namespace have signed, and what they have signed is this package.</summary>
    public const string Signature = "signature";

    /// <summary>The package has the files that its manifest names, and no hidden text in them.</summary>
    public const string Files = "files";

    /// <summary>The version is new, and comes behind those of its major line.</summary>
    public const string Version = "version";

    /// <summary>It was compared with the release before it.</summary>
    public const string Changes = "changes";

    /// <summary>Its golden vectors pass where it is published.</summary>
    public const string Vectors = "vectors";

    /// <summary>It says of these files how they were built.</summary>
    public const string Build = "build";

    /// <summary><c>estream.marketplace.widget.publish.v1</c> has approved of it.</summary>
    public const string Widget = "widget";

    /// <summary>All of them, in the order in which a decision tells of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Signature, Files, Version, Changes, Vectors, Build, Widget];
}

/// <summary>What came of a check. There are four answers, since a check that nobody ran, or that could not come to its end, has not said
/// yes: only <see cref="Passed"/> is a pass.</summary>
public enum CheckOutcome
{
    /// <summary>It was not run, or not to its end: also what nobody said anything of.</summary>
    NotRun,

    /// <summary>It was run, and says yes.</summary>
    Passed,

    /// <summary>It was run, and says no.</summary>
    Failed,

    /// <summary>It could not say: it crashed, took too long, or lacked something.</summary>
    Error,
}
