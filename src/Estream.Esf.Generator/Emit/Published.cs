using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Determines from the published versions of a schema how short the fixed block of a record can be, so that the generated view can
/// read records of every published version.</summary>
internal static class Published
{
    /// <summary>Returns the fixed length of the oldest published version of a record; the fixed length of the record itself if no version
    /// was published.</summary>
    public static int ShortestLength(RecordLayout layout, IReadOnlyList<RecordDefinition> published)
    {
        if (published.Count == 0)
        {
            return layout.FixedLength;
        }

        RecordLayout oldest = layout.Start == RecordLayout.MessageStart
            ? RecordLayout.OfMessage(published[0])
            : RecordLayout.OfObject(published[0]);
        return oldest.FixedLength;
    }

    /// <summary>Returns the types of a field in the versions that have it, oldest first.</summary>
    public static IReadOnlyList<EsfType> TypesOf(IReadOnlyList<RecordDefinition> published, string field) =>
        [.. published.SelectMany(record => record.Fields.Where(candidate => candidate.Name == field)).Select(found => found.Type)];

    /// <summary>Returns a text that describes everything in the published versions that affects the code of a record. Two uses of a record
    /// can share code if their texts are equal.</summary>
    public static string SignatureOf(RecordDefinition record, IReadOnlyList<RecordDefinition> published)
    {
        StringBuilder text = new();
        Append(text, record, published);
        return text.ToString();
    }

    private static void Append(StringBuilder text, RecordDefinition record, IReadOnlyList<RecordDefinition> published)
    {
        text.Append(ShortestLength(RecordLayout.OfObject(record), published)).Append('{');
        foreach (FieldDefinition field in record.Fields)
        {
            EsfType type = field.Type;
            IReadOnlyList<EsfType> earlier = TypesOf(published, field.Name);
            for (; type.Kind is EsfTypeKind.Array or EsfTypeKind.Map; type = type.Element!)
            {
                earlier = [.. earlier.Select(each => each.Element!)];
            }

            if (type.Kind == EsfTypeKind.Object)
            {
                Append(text, type.Record!, [.. earlier.Select(each => each.Record!)]);
            }
        }

        text.Append('}');
    }
}
