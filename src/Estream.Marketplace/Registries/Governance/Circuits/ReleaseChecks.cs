using Estream.Circuits;

namespace Estream.Marketplace.Governance;

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
