namespace Estream.Marketplace.Manifests;

/// <summary>The codes of mistakes in manifests. A code keeps its meaning for ever; unused ones are not given again.</summary>
public static class ManifestCodes
{
    /// <summary>The file is no TOML 1.0.</summary>
    public const string Syntax = "MAN001";

    /// <summary>More or longer than a limit allows.</summary>
    public const string Limit = "MAN002";

    /// <summary>A key means nothing where it stands.</summary>
    public const string UnknownKey = "MAN003";

    /// <summary>A key is missing.</summary>
    public const string MissingKey = "MAN004";

    /// <summary>A value is of another kind than its key wants.</summary>
    public const string WrongKind = "MAN005";

    /// <summary>A name that breaks the rule for names.</summary>
    public const string Name = "MAN006";

    /// <summary>A version or a range of versions that cannot be read.</summary>
    public const string Version = "MAN007";

    /// <summary>A word that is none of those there are.</summary>
    public const string Word = "MAN008";

    /// <summary>A license expression that cannot be read.</summary>
    public const string License = "MAN009";

    /// <summary>A permission that there is not, or not for this category.</summary>
    public const string Permission = "MAN010";

    /// <summary>A path or pattern that no package may have.</summary>
    public const string Path = "MAN011";

    /// <summary>A text that is not what its key wants: an address, a color, a type.</summary>
    public const string Text = "MAN012";

    /// <summary>The same thing twice.</summary>
    public const string Duplicate = "MAN013";

    /// <summary>A table of another category.</summary>
    public const string Category = "MAN014";

    /// <summary>Two values that do not go together.</summary>
    public const string Contradiction = "MAN015";

    /// <summary>A file that is named, or matched, and is not there, is empty or too long.</summary>
    public const string File = "MAN016";

    /// <summary>A file has something in it that nobody sees who reads it: turned directions, characters without a shape, bytes that are no
    /// text.</summary>
    public const string Hidden = "MAN017";
}
