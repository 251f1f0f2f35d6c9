using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>The reference names of manifests in a layout: <c>acme/card:1.0.0</c>, or <c>card:1.0.0</c> without a scope.</summary>
internal static class OciReference
{
    /// <summary>The reference name of the metadata files. Cannot collide with a release, whose reference name contains a colon.</summary>
    public const string Files = "estream-registry";

    public static string Of(ComponentName name, SemanticVersion version) =>
        $"{(name.Scope is null ? "" : name.Scope + "/")}{name.Name}:{version}";

    /// <summary>Returns the reference name of the index of referrers of a manifest: the referrers tag schema of the OCI distribution
    /// specification.</summary>
    public static string OfReferrers(OciDescriptor manifest) => "sha256-" + manifest.Hex;

    /// <summary>Parses the reference name of a release; <see langword="null"/> if it is not one.</summary>
    public static (ComponentName Name, SemanticVersion Version)? Read(string? reference)
    {
        int colon = reference?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0)
        {
            return null;
        }

        string name = reference![..colon];
        return ComponentName.TryParse(name.Contains('/', StringComparison.Ordinal) ? "@" + name : name, out ComponentName? component, out _)
            && SemanticVersion.TryParse(reference[(colon + 1)..], out SemanticVersion? version, out _) ? (component, version) : null;
    }
}
