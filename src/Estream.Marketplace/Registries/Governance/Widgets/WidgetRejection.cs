using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>Why a widget release is not published: the values of <c>rejection_reasons</c>, whose meaning never changes.</summary>
public static class WidgetRejection
{
    /// <summary>The release is not signed by a key that is registered for widgets of this id.</summary>
    public const string InvalidPublisherIdentity = "invalid_publisher_identity";

    /// <summary>The manifest is missing, does not match its declared hash, or lacks a valid field.</summary>
    public const string IncompleteManifest = "incomplete_manifest";

    /// <summary>The bundle is missing, or does not match its declared hash or size.</summary>
    public const string BundleIntegrityFailed = "bundle_integrity_failed";

    /// <summary>The bundle exceeds the general limit or that of its manifest.</summary>
    public const string BundleTooLarge = "bundle_too_large";

    /// <summary>A required role does not exist.</summary>
    public const string InvalidRoleDeclaration = "invalid_role_declaration";

    /// <summary>The version is not valid, or not higher than the latest published version.</summary>
    public const string VersionNotIncremented = "version_not_incremented";

    /// <summary>The bundle has code that a content security policy would block.</summary>
    public const string CspViolation = "csp_violation";

    /// <summary>A library that the console shares is not declared.</summary>
    public const string MissingPeerDependency = "missing_peer_dependency";

    /// <summary>All reasons, in the order in which a decision lists them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InvalidPublisherIdentity, IncompleteManifest, BundleIntegrityFailed, BundleTooLarge, InvalidRoleDeclaration, VersionNotIncremented,
        CspViolation, MissingPeerDependency,
    ];
}
