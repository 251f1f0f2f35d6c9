namespace Estream.Marketplace.Manifests;

/// <summary>The codes of errors in manifests. A code never changes its meaning, and retired codes are not reused.</summary>
public static class ManifestCodes
{
    /// <summary>The file is not valid TOML 1.0.</summary>
    public const string Syntax = "MAN001";

    /// <summary>A limit on number or length is exceeded.</summary>
    public const string Limit = "MAN002";

    /// <summary>A key is unknown in its table.</summary>
    public const string UnknownKey = "MAN003";

    /// <summary>A key is missing.</summary>
    public const string MissingKey = "MAN004";

    /// <summary>A value has another kind than its key requires.</summary>
    public const string WrongKind = "MAN005";

    /// <summary>A name violates the naming rules.</summary>
    public const string Name = "MAN006";

    /// <summary>A version or a version range cannot be parsed.</summary>
    public const string Version = "MAN007";

    /// <summary>A word is not one of the accepted ones.</summary>
    public const string Word = "MAN008";

    /// <summary>A license expression cannot be parsed.</summary>
    public const string License = "MAN009";

    /// <summary>A permission does not exist, or is not available to the category.</summary>
    public const string Permission = "MAN010";

    /// <summary>A path or a pattern is not valid in a package.</summary>
    public const string Path = "MAN011";

    /// <summary>A text does not have the form that its key requires, such as an address, a color or a type.</summary>
    public const string Text = "MAN012";

    /// <summary>A list contains the same name or text twice.</summary>
    public const string Duplicate = "MAN013";

    /// <summary>A table that belongs to another category.</summary>
    public const string Category = "MAN014";

    /// <summary>Two values contradict each other.</summary>
    public const string Contradiction = "MAN015";

    /// <summary>The manifest is missing, a file that it names is missing, empty or too long, or an include pattern matches no
    /// file.</summary>
    public const string File = "MAN016";

    /// <summary>A file contains characters that a reader cannot see: bidirectional controls, invisible characters, or bytes that are not
    /// text.</summary>
    public const string Hidden = "MAN017";
}
