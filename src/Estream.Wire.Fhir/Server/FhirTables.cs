using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir;

/// <summary>The table of the resources of a server by type. Holds the read lock of the store while it copies one row per type.</summary>
internal static class FhirTables
{
    private static readonly AdapterColumn[] s_resources =
    [
        new("type", "Type", AdapterColumnKind.Id),
        new("resources", "Resources", AdapterColumnKind.Count),
        new("deleted", "Deleted", AdapterColumnKind.Count),
        new("versions", "Versions", AdapterColumnKind.Count),
        new("lastUpdatedAt", "Newest", AdapterColumnKind.Time),
    ];

    /// <param name="store">Returns the store; null before the start.</param>
    public static IReadOnlyList<AdapterTable> Of(Func<ResourceStore?> store) =>
    [
        AdapterTable.Of(
            "resources", "Resources", s_resources, () => CountsOf(store()), static one => one.Type,
            static one => [one.Type, one.Current, one.Deleted, one.Versions, AdapterCell.TimeOf(one.LastUpdated)],
            () => CountsOf(store()).Length),
    ];

    private static TypeCount[] CountsOf(ResourceStore? store)
    {
        try
        {
            return store?.Read(static index => index.Counts.ToArray()) ?? [];
        }
        catch (ObjectDisposedException)
        {
            // The adapter has just stopped.
            return [];
        }
    }
}
