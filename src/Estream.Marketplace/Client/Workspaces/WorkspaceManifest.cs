using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Workspaces;

/// <summary>What a workspace asks for: the content of <c>estream-workspace.toml</c> (docs/formats/workspace.md). Immutable.</summary>
public sealed class WorkspaceManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "estream-workspace.toml";

    /// <summary>The most bytes of the file.</summary>
    public const int MaxBytes = TomlLimits.MaxBytes;

    internal WorkspaceManifest()
    {
    }

    /// <summary>The workspace's name; empty where it has none.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The components it asks for, in the order of the file, which is the order of preference.</summary>
    public IReadOnlyList<ComponentRequirement> Requirements { get; internal set; } = [];

    /// <summary>The schemas it needs from some component.</summary>
    public IReadOnlyList<string> RequiredSchemas { get; internal set; } = [];

    /// <summary>Registries by scope, with its <c>@</c>; an empty scope is that of components without one, and <c>*</c> of all
    /// others.</summary>
    public IReadOnlyDictionary<string, string> Registries { get; internal set; } = new Dictionary<string, string>();

    /// <summary>Files with the roots that trust in registries begins with, by scope as in <see cref="Registries"/>: paths from the folder
    /// of the workspace.</summary>
    public IReadOnlyDictionary<string, string> TrustRoots { get; internal set; } = new Dictionary<string, string>();

    /// <summary>The programs around the components, by name, and their versions.</summary>
    public IReadOnlyDictionary<string, SemanticVersion> Engines { get; internal set; } = new Dictionary<string, SemanticVersion>();

    /// <summary>What it lets in.</summary>
    public ResolutionPolicy Policy { get; internal set; } = ResolutionPolicy.Default;

    /// <summary>Reads a file. Never throws; each mistake has its place.</summary>
    public static WorkspaceReadResult Read(ReadOnlySpan<byte> utf8) => WorkspaceManifestReader.Read(utf8);

    /// <summary>The same with another cooldown.</summary>
    /// <param name="age">How long a release has to be known before it is used.</param>
    public WorkspaceManifest WithMinimumReleaseAge(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new WorkspaceManifest
        {
            Name = Name, Requirements = Requirements, RequiredSchemas = RequiredSchemas, Registries = Registries, TrustRoots = TrustRoots,
            Engines = Engines, Policy = Policy with { MinimumReleaseAge = age },
        };
    }

    /// <summary>What is to be resolved, with the versions of a lock kept where they still do.</summary>
    /// <param name="kept">The lock; null to choose everything anew.</param>
    /// <param name="updated">Components whose locked version is not kept.</param>
    public ResolutionRequest ToRequest(WorkspaceLock? kept, IReadOnlySet<ComponentName>? updated = null) => new()
    {
        Requirements = Requirements,
        RequiredSchemas = RequiredSchemas,
        Engines = Engines,
        Policy = Policy,
        Preferred = (kept?.Components ?? []).Where(component => updated?.Contains(component.Name) != true)
            .ToDictionary(component => component.Name, component => component.Version),
    };
}
