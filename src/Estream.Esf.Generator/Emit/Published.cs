using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>What the published versions of a schema say about one of its records: how short a block a view has to be able to read.</summary>
internal static class Published
{
    /// <summary>The fixed length of the oldest version of a record; that of the record itself where none was published.</summary>
    public static int ShortestLength(RecordLayout layout, IReadOnlyList<RecordDefinition> published)
    {
        if (published.Count == 0)
        {
            return layout.FixedLength;
        }

        RecordLayout oldest = layout.Start == RecordLayout.MessageStart ? RecordLayout.OfMessage(published[0]) : RecordLayout.OfObject(published[0]);
        return oldest.FixedLength;
    }

    /// <summary>The type of a field in the versions that have it, the oldest first.</summary>
    public static IReadOnlyList<EsfType> TypesOf(IReadOnlyList<RecordDefinition> published, string field) =>
        [.. published.SelectMany(record => record.Fields.Where(candidate => candidate.Name == field)).Select(found => found.Type)];
}
