using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Workspaces;

/// <summary>The requirements of a workspace: the content of <c>estream-workspace.toml</c> (docs/formats/workspace.md). Immutable.</summary>
public sealed class WorkspaceManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "estream-workspace.toml";

    /// <summary>The maximum size of the file in bytes.</summary>
    public const int MaxBytes = TomlLimits.MaxBytes;

    internal WorkspaceManifest()
    {
    }

    /// <summary>The name of the workspace, or empty.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The requested components, in the order of the file, which is the order of preference.</summary>
    public IReadOnlyList<ComponentRequirement> Requirements { get; internal set; } = [];

    /// <summary>The schemas that some component must provide.</summary>
    public IReadOnlyList<string> RequiredSchemas { get; internal set; } = [];

    /// <summary>The registry addresses by scope, with its <c>@</c>. The empty scope stands for components without a scope, and <c>*</c> for
    /// all other scopes.</summary>
    public IReadOnlyDictionary<string, string> Registries { get; internal set; } = new Dictionary<string, string>();

    /// <summary>The files of the registries' trust roots, by scope as in <see cref="Registries"/>: paths relative to the workspace
    /// folder.</summary>
    public IReadOnlyDictionary<string, string> TrustRoots { get; internal set; } = new Dictionary<string, string>();

    /// <summary>The engines (the programs that run the components), by name, with their versions.</summary>
    public IReadOnlyDictionary<string, SemanticVersion> Engines { get; internal set; } = new Dictionary<string, SemanticVersion>();

    /// <summary>The policy that restricts the releases to choose from.</summary>
    public ResolutionPolicy Policy { get; internal set; } = ResolutionPolicy.Default;

    /// <summary>Reads a file. Never throws; each error has its position.</summary>
    public static WorkspaceReadResult Read(ReadOnlySpan<byte> utf8) => WorkspaceManifestReader.Read(utf8);

    /// <summary>Returns a copy with another cooldown.</summary>
    /// <param name="age">The minimum age of a release before it is used.</param>
    public WorkspaceManifest WithMinimumReleaseAge(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new WorkspaceManifest
        {
            Name = Name, Requirements = Requirements, RequiredSchemas = RequiredSchemas, Registries = Registries, TrustRoots = TrustRoots,
            Engines = Engines, Policy = Policy with { MinimumReleaseAge = age },
        };
    }

    /// <summary>Creates the request for the resolver, which keeps locked versions where they satisfy the requirements.</summary>
    /// <param name="kept">The lock; null to resolve all components again.</param>
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
