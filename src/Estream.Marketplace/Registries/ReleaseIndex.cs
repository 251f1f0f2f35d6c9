using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>The index of a component: the catalogue entries of all its releases, in one file. Immutable.</summary>
public sealed record ReleaseIndex
{
    private readonly RegistryRelease[] _releases;

    private ReleaseIndex(ComponentName name, IEnumerable<RegistryRelease> releases)
    {
        // Builds of one version are equal in precedence. The ordinal order of the text makes the result the same everywhere.
        _releases = [.. releases.OrderBy(release => release.Version).ThenBy(release => release.Version.ToString(), StringComparer.Ordinal)];
        Name = name;
    }

    /// <summary>The component.</summary>
    public ComponentName Name { get; }

    /// <summary>The releases, ordered by version.</summary>
    public IReadOnlyList<RegistryRelease> Releases => _releases;

    /// <summary>Creates the index of a component without releases.</summary>
    /// <param name="name">The component.</param>
    public static ReleaseIndex Empty(ComponentName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ReleaseIndex(name, []);
    }

    /// <summary>Creates an index. The caller ensures distinct versions and the maximum number of releases.</summary>
    internal static ReleaseIndex Of(ComponentName name, IEnumerable<RegistryRelease> releases) => new(name, releases);

    /// <summary>Returns the release of a version, or <see langword="null"/>.</summary>
    /// <param name="version">The version.</param>
    public RegistryRelease? Find(SemanticVersion version) => Array.Find(_releases, release => release.Version == version);

    /// <summary>Returns a copy with a release added, replacing an existing release of the same version.</summary>
    /// <param name="release">A release of the component.</param>
    /// <exception cref="ArgumentException">The release is of another component, or the maximum number of releases is exceeded.</exception>
    public ReleaseIndex With(RegistryRelease release)
    {
        ArgumentNullException.ThrowIfNull(release);
        RegistryRelease[] others = [.. _releases.Where(other => other.Version != release.Version)];
        return release.Name == Name && others.Length < RegistryLimits.MaxReleases
            ? new ReleaseIndex(Name, [.. others, release])
            : throw new ArgumentException(
                $"{release} cannot be added to the {others.Length} releases of {Name}. An index has at most {RegistryLimits.MaxReleases} "
                + "releases of one component.", nameof(release));
    }

    /// <summary>Reads an index. Never throws on any input.</summary>
    /// <param name="bytes">The bytes; need not be trusted.</param>
    /// <param name="index">Receives the index.</param>
    /// <param name="reason">Receives why the bytes are not a valid index.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReleaseIndex? index,
        [NotNullWhen(false)] out string? reason)
    {
        index = null;
        JsonLimits limits = new(RegistryLimits.MaxIndexBytes, MaxDepth: 6, MaxValues: 1_000_000);
        if (!StrictJsonReader.TryRead(bytes, limits, out JsonValue? value, out JsonFault? fault))
        {
            reason = $"it is not valid JSON: {fault}";
            return false;
        }

        JsonFields fields = new(value);
        fields.Integer("format", 1, 1);
        if (!ComponentName.TryParse(fields.Text("name", 128), out ComponentName? name, out ParseFault? wrong))
        {
            fields.Refuse("name", $"is not a valid component name: {wrong}");
        }

        List<RegistryRelease> releases = [];
        foreach (JsonFields member in fields.Objects("releases", RegistryLimits.MaxReleases))
        {
            if (RegistryRelease.Read(member) is { } release)
            {
                releases.Add(release);
            }
        }

        if (releases.Any(release => release.Name != name) || releases.Select(release => release.Version).Distinct()
            .Count() != releases.Count)
        {
            fields.Refuse("releases", "must be releases of this component, each version once");
        }

        reason = fields.End();
        index = reason is null ? new ReleaseIndex(name!, releases) : null;
        return index is not null;
    }

    /// <summary>Returns the bytes of the index: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(new JsonObject
    {
        { "format", 1 }, { "name", Name.ToString() },
        { "releases", JsonArray.Of(_releases.Select(release => (JsonValue)release.ToJson())) },
    });
}
