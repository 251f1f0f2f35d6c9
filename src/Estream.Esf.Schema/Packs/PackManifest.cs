namespace Estream.Esf.Schema;

/// <summary>What the manifest of a component, <c>estream-component.toml</c>, says of its schemas. Immutable.</summary>
public sealed class PackManifest
{
    /// <summary>The name of every manifest's file.</summary>
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

    /// <summary>The file it was read from.</summary>
    public string File { get; }

    /// <summary>Name of the component, for example <c>esf-iot</c>.</summary>
    public string Name { get; }

    /// <summary>Its version.</summary>
    public SemanticVersion Version { get; }

    /// <summary>The schemas it provides, by plain name.</summary>
    public IReadOnlyList<string> Provides { get; }

    /// <summary>The packs it needs.</summary>
    public IReadOnlyList<PackRequirement> Requires { get; }

    /// <summary>Where <see cref="Provides"/> is written.</summary>
    internal SourcePosition ProvidesPosition { get; }

    /// <summary>Whether a path is that of a manifest.</summary>
    public static bool IsManifest(string path) =>
        path.EndsWith(FileName, StringComparison.Ordinal)
        && (path.Length == FileName.Length || path[path.Length - FileName.Length - 1] is '/' or '\\');
}

/// <summary>A pack that is needed, and the versions that will do. Immutable.</summary>
public sealed class PackRequirement
{
    internal PackRequirement(string pack, VersionRange range, SourcePosition position)
    {
        Pack = pack;
        Range = range;
        Position = position;
    }

    /// <summary>Name of the pack.</summary>
    public string Pack { get; }

    /// <summary>The versions that will do.</summary>
    public VersionRange Range { get; }

    /// <summary>Where it is written.</summary>
    public SourcePosition Position { get; }
}
