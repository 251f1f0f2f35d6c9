using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>The names by which manifests are found in a layout: <c>acme/card:1.0.0</c>, or <c>card:1.0.0</c> without a scope.</summary>
internal static class OciReference
{
    /// <summary>The name of the files by which the registry says what it has: no release has one without a colon.</summary>
    public const string Files = "estream-registry";

    public static string Of(ComponentName name, SemanticVersion version) =>
        $"{(name.Scope is null ? "" : name.Scope + "/")}{name.Name}:{version}";

    /// <summary>The name of the index of what refers to a manifest: the tag schema of OCI's distribution specification.</summary>
    public static string OfReferrers(OciDescriptor manifest) => "sha256-" + manifest.Hex;

    /// <summary>What a name stands for, or <see langword="null"/> where it is none of a release.</summary>
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
