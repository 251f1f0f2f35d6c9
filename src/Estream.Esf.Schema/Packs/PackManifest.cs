namespace Estream.Esf.Schema;

/// <summary>The schema-related content of a component manifest, <c>estream-component.toml</c>. Immutable.</summary>
public sealed class PackManifest
{
    /// <summary>The file name of every manifest.</summary>
    public const string FileName = "estream-component.toml";

    internal PackManifest(
        string file,
        string name,
        SemanticVersion version,
        IReadOnlyList<string> provides,
        IReadOnlyList<PackRequirement> requires,
        SourcePosition providesPosition)
    {
        File = file;
        Name = name;
        Version = version;
        Provides = provides;
        Requires = requires;
        ProvidesPosition = providesPosition;
    }

    /// <summary>The file from which it was read.</summary>
    public string File { get; }

    /// <summary>The name of the component, for example <c>esf-iot</c>.</summary>
    public string Name { get; }

    /// <summary>The version of the component.</summary>
    public SemanticVersion Version { get; }

    /// <summary>The plain names of the schemas that it provides.</summary>
    public IReadOnlyList<string> Provides { get; }

    /// <summary>The packs that it requires.</summary>
    public IReadOnlyList<PackRequirement> Requires { get; }

    /// <summary>The position of <see cref="Provides"/> in the file.</summary>
    internal SourcePosition ProvidesPosition { get; }

    /// <summary>Whether a path is the path of a manifest.</summary>
    public static bool IsManifest(string path) =>
        path.EndsWith(FileName, StringComparison.Ordinal)
        && (path.Length == FileName.Length || path[path.Length - FileName.Length - 1] is '/' or '\\');
}

/// <summary>A required pack, and the versions that satisfy the requirement. Immutable.</summary>
public sealed class PackRequirement
{
    internal PackRequirement(string pack, VersionRange range, SourcePosition position)
    {
        Pack = pack;
        Range = range;
        Position = position;
    }

    /// <summary>The name of the pack.</summary>
    public string Pack { get; }

    /// <summary>The versions that satisfy the requirement.</summary>
    public VersionRange Range { get; }

    /// <summary>The position in the file.</summary>
    public SourcePosition Position { get; }
}
