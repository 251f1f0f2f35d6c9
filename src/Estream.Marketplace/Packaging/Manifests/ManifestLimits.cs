namespace Estream.Marketplace.Manifests;

/// <summary>The limits on a manifest, which is untrusted input.</summary>
public static class ManifestLimits
{
    /// <summary>The maximum size of a manifest, in bytes: 256 KiB.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>The maximum number of errors reported for one manifest; one more error then says that there are others.</summary>
    public const int MaxErrors = 100;

    /// <summary>The maximum length of a description, in characters.</summary>
    public const int MaxDescription = 300;

    /// <summary>The maximum length of other display texts, such as an author's name or a title, in characters.</summary>
    public const int MaxText = 100;

    /// <summary>The maximum length of a web address, in characters.</summary>
    public const int MaxUrl = 500;

    /// <summary>The maximum length of a license expression, in characters.</summary>
    public const int MaxLicense = 200;

    /// <summary>The maximum number of keywords.</summary>
    public const int MaxKeywords = 16;

    /// <summary>The maximum number of dependencies.</summary>
    public const int MaxDependencies = 256;

    /// <summary>The maximum number of provided schemas, and of required schemas.</summary>
    public const int MaxSchemas = 1024;

    /// <summary>The maximum number of permissions.</summary>
    public const int MaxPermissions = 64;

    /// <summary>The maximum number of items in any other list.</summary>
    public const int MaxItems = 64;

    /// <summary>The maximum length of a file path or a path pattern, in characters.</summary>
    public const int MaxPath = 255;

    /// <summary>The maximum number of tiers of a solution.</summary>
    public const int MaxTiers = 16;

    /// <summary>The default maximum size of an entry file, in bytes: 500 KB.</summary>
    public const int DefaultEntryBytes = 500_000;

    /// <summary>Returns the maximum size of an entry file of a category. Files that a browser or a model loads are limited to less than
    /// files that a host loads.</summary>
    /// <returns>The size in bytes: 5 MB for <c>console-widget</c>, <c>skill</c>, <c>theme</c> and <c>plugin</c>, 64 MB for
    /// <c>wire-adapter</c> and <c>fpga-circuit</c>, 1 MiB for all other categories.</returns>
    public static int MaxEntryBytes(ComponentCategory category) => category switch
    {
        ComponentCategory.ConsoleWidget or ComponentCategory.Skill or ComponentCategory.Theme or ComponentCategory.Plugin => 5_000_000,
        ComponentCategory.WireAdapter or ComponentCategory.FpgaCircuit => 64_000_000,
        _ => 1 << 20,
    };
}
