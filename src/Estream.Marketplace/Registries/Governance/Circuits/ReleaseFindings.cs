using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>The findings of a registry about a release, from which <see cref="ReleasePublishCircuit"/> decides. A missing finding counts
/// against the release. Immutable, provided that the given collections do not change.</summary>
public sealed record ReleaseFindings
{
    /// <summary>The name of the component, such as <c>@acme/doors</c>: at most 128 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The version: at most 128 bytes.</summary>
    public required string Version { get; init; }

    /// <summary>The category, such as <c>wire-adapter</c>: at most 32 bytes.</summary>
    public required string Category { get; init; }

    /// <summary>The release digest: 32 bytes.</summary>
    public required ReadOnlyMemory<byte> ReleaseDigest { get; init; }

    /// <summary>The results of the checks, by the names of <see cref="ReleaseChecks"/>. A missing check was not run.</summary>
    public required IReadOnlyDictionary<string, CheckOutcome> Checks { get; init; }

    /// <summary>The results of all scanners that the registry requires, by their names.</summary>
    public IReadOnlyDictionary<string, CheckOutcome> Scanners { get; init; } = new Dictionary<string, CheckOutcome>();

    /// <summary>The number of approvals that the policy requires.</summary>
    public required int ApprovalsRequired { get; init; }

    /// <summary>The number of distinct reviewer keys that have approved.</summary>
    public required int Approvals { get; init; }

    /// <summary>Whether there is an earlier release of the same major and minor version.</summary>
    public required bool IsPatch { get; init; }

    /// <summary>The components that this release needs and the release before did not need.</summary>
    public required IReadOnlyList<string> NewDependencies { get; init; }

    /// <summary>The permissions that this release asks for and the release before did not ask for.</summary>
    public required IReadOnlyList<string> NewPermissions { get; init; }

    /// <summary>The number of releases of the namespace in the last 24 hours.</summary>
    public required int PublishedToday { get; init; }

    /// <summary>The number of releases per day that need no review.</summary>
    public required int MostADay { get; init; }

    /// <summary>Whether the registry has no version of the component yet.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Components of other owners with a similar name. The circuit uses them only for the first version of a component.</summary>
    public required IReadOnlyList<string> AlikeNames { get; init; }
}

/// <summary>The names of the checks that <c>estream.marketplace.release.publish.v1</c> knows. The circuit defines which of them a category
/// requires. Their meaning never changes.</summary>
public static class ReleaseChecks
{
    /// <summary>The owners of the namespace have signed this package.</summary>
    public const string Signature = "signature";

    /// <summary>The package has the files that its manifest names, and no hidden text in them.</summary>
    public const string Files = "files";

    /// <summary>The version is new, and higher than all published versions of its major line.</summary>
    public const string Version = "version";

    /// <summary>The release was compared with the release before it.</summary>
    public const string Changes = "changes";

    /// <summary>The golden vectors pass at the registry.</summary>
    public const string Vectors = "vectors";

    /// <summary>The package has an attestation of how its files were built.</summary>
    public const string Build = "build";

    /// <summary><c>estream.marketplace.widget.publish.v1</c> has approved the widget.</summary>
    public const string Widget = "widget";

    /// <summary>All checks, in the order in which a decision reports them.</summary>
    public static IReadOnlyList<string> All { get; } = [Signature, Files, Version, Changes, Vectors, Build, Widget];
}

/// <summary>The result of a check. Only <see cref="Passed"/> is a pass: a check that was not run or did not complete has not
/// passed.</summary>
public enum CheckOutcome
{
    /// <summary>The check was not run or did not complete. Also the default for missing checks.</summary>
    NotRun,

    /// <summary>The check was run and passed.</summary>
    Passed,

    /// <summary>The check was run and failed.</summary>
    Failed,

    /// <summary>The check gave no result: it crashed, timed out, or lacked required data or code.</summary>
    Error,
}
