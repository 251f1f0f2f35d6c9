namespace Estream.Marketplace.Manifests;

/// <summary>How much a manifest may hold: whatever comes from outside has a limit.</summary>
public static class ManifestLimits
{
    /// <summary>Longest manifest: 256 KiB.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>Most mistakes that are reported of one manifest; then one more says that there are others.</summary>
    public const int MaxErrors = 100;

    /// <summary>Longest description in characters.</summary>
    public const int MaxDescription = 300;

    /// <summary>Longest other text for people, such as a name of an author or a title, in characters.</summary>
    public const int MaxText = 100;

    /// <summary>Longest web address in characters.</summary>
    public const int MaxUrl = 500;

    /// <summary>Longest license expression in characters.</summary>
    public const int MaxLicense = 200;

    /// <summary>Most keywords.</summary>
    public const int MaxKeywords = 16;

    /// <summary>Most components that one depends on.</summary>
    public const int MaxDependencies = 256;

    /// <summary>Most schemas provided, and most required.</summary>
    public const int MaxSchemas = 1024;

    /// <summary>Most permissions.</summary>
    public const int MaxPermissions = 64;

    /// <summary>Most items of any other list.</summary>
    public const int MaxItems = 64;

    /// <summary>Longest path of a file, and longest pattern for such, in characters.</summary>
    public const int MaxPath = 255;

    /// <summary>Most tiers of a solution.</summary>
    public const int MaxTiers = 16;

    /// <summary>Length of an entry file that a manifest allows when it does not say: 500 KB.</summary>
    public const int DefaultEntryBytes = 500_000;

    /// <summary>The longest entry file of a category: what a browser or a model has to load is short, what a host loads may be
    /// longer.</summary>
    /// <returns>Bytes: 5 MB for <c>console-widget</c>, <c>skill</c>, <c>theme</c> and <c>plugin</c>, 64 MB for <c>wire-adapter</c> and
    /// <c>fpga-circuit</c>, 1 MiB for what is text in a language of ours.</returns>
    public static int MaxEntryBytes(ComponentCategory category) => category switch
    {
        ComponentCategory.ConsoleWidget or ComponentCategory.Skill or ComponentCategory.Theme or ComponentCategory.Plugin => 5_000_000,
        ComponentCategory.WireAdapter or ComponentCategory.FpgaCircuit => 64_000_000,
        _ => 1 << 20,
    };
}
