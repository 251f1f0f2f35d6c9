using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>Why a release of a widget is not published: the words of <c>rejection_reasons</c>, which keep their meaning for ever.</summary>
public static class WidgetRejection
{
    /// <summary>The release is not signed by a key that is registered for widgets of this id.</summary>
    public const string InvalidPublisherIdentity = "invalid_publisher_identity";

    /// <summary>The manifest is not there, is not the one that was declared, lacks a field, or has one of another kind.</summary>
    public const string IncompleteManifest = "incomplete_manifest";

    /// <summary>The bundle is not there, or has another hash or length than was declared.</summary>
    public const string BundleIntegrityFailed = "bundle_integrity_failed";

    /// <summary>The bundle is longer than any may be, or than its manifest says.</summary>
    public const string BundleTooLarge = "bundle_too_large";

    /// <summary>A role is declared that there is not.</summary>
    public const string InvalidRoleDeclaration = "invalid_role_declaration";

    /// <summary>The version is none, or does not come behind the latest that was published.</summary>
    public const string VersionNotIncremented = "version_not_incremented";

    /// <summary>The bundle has code that a content security policy would stop.</summary>
    public const string CspViolation = "csp_violation";

    /// <summary>A library that the console shares is not declared.</summary>
    public const string MissingPeerDependency = "missing_peer_dependency";

    /// <summary>All of them, in the order in which a decision has them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InvalidPublisherIdentity, IncompleteManifest, BundleIntegrityFailed, BundleTooLarge, InvalidRoleDeclaration, VersionNotIncremented,
        CspViolation, MissingPeerDependency,
    ];
}
