using Estream.Fhir;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Store;

/// <summary>A resource with all its versions. Written by one thread under the lock of the store.</summary>
internal sealed class ResourceEntry(string type, string id, long ordinal, ResourceFacts facts)
{
    private readonly List<ResourceVersion> _versions = [];

    public string Type { get; } = type;

    public string Id { get; } = id;

    /// <summary>The order of creation, from 1.</summary>
    public long Ordinal { get; } = ordinal;

    /// <summary>The facts of the last version that is not a delete.</summary>
    public ResourceFacts Facts { get; set; } = facts;

    /// <summary>The name of the principal that made the last version.</summary>
    public string Author { get; set; } = "";

    public IReadOnlyList<ResourceVersion> Versions => _versions;

    public ResourceVersion Current => _versions[^1];

    public bool IsDeleted => Current.Interaction == Interaction.Delete;

    public void Add(ResourceVersion version) => _versions.Add(version);
}

/// <summary>A version of a resource. Its text is in the log.</summary>
/// <param name="Number">The version number, from 1.</param>
/// <param name="LastUpdated">Nanoseconds since 1970 UTC.</param>
/// <param name="Interaction">What made the version.</param>
/// <param name="Position">The position of its message in the queue.</param>
/// <param name="Index">The index among the changes of the message.</param>
internal readonly record struct ResourceVersion(long Number, long LastUpdated, Interaction Interaction, long Position, int Index);

/// <summary>A change to commit.</summary>
/// <param name="Type">The resource type.</param>
/// <param name="Id">The logical id.</param>
/// <param name="Version">The number of the new version.</param>
/// <param name="LastUpdated">Nanoseconds since 1970 UTC.</param>
/// <param name="Interaction">What makes the version.</param>
/// <param name="Text">The resource with id and meta; empty for a delete.</param>
/// <param name="Facts">The facts of the resource; those of the version before for a delete.</param>
internal sealed record ResourceChange(
    string Type, string Id, long Version, long LastUpdated, Interaction Interaction, byte[] Text, ResourceFacts Facts)
{
    /// <summary>The name of the principal that made the change; empty if unknown.</summary>
    public string Author { get; init; } = "";
}
