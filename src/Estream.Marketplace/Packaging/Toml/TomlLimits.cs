namespace Estream.Marketplace.Toml;

/// <summary>How much a TOML file may hold: what comes from outside ends somewhere.</summary>
internal static class TomlLimits
{
    /// <summary>Longest file in bytes: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Deepest nesting of tables and arrays; the root is at depth 0.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most keys and items of arrays in one file, those of tables that are only passed through included.</summary>
    public const int MaxValues = 65_536;
}
