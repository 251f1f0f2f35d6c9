namespace Estream.Esf.Schema.Internal;

/// <summary>Checks a <c>path</c>: segments separated by slashes, each a word or a field of the schema in braces.</summary>
internal static class PathTemplate
{
    public static void Check(ScalarNode node, RecordDefinition? record, DiagnosticSink sink)
    {
        if (node.Value[0] != '/')
        {
            sink.Report(DiagnosticCodes.Address, node, Messages.BadPath(node.Value, "does not begin with '/'"));
            return;
        }

        foreach (string segment in node.Value.Substring(1).Split('/'))
        {
            string? reason = segment.Length == 0 ? "has an empty segment"
                : segment[0] == '{' ? CheckCapture(segment, node, record, sink)
                : segment.IndexOfAny(['{', '}', '+', '#', '*', ' ']) >= 0
                    ? $"has a character in '{Messages.Shorten(segment)}' that is not allowed there; a field must be a whole segment"
                : null;
            if (reason is not null)
            {
                sink.Report(DiagnosticCodes.Address, node, Messages.BadPath(node.Value, reason));
                return;
            }
        }
    }

    private static string? CheckCapture(string segment, ScalarNode node, RecordDefinition? record, DiagnosticSink sink)
    {
        if (segment.Length < 3 || segment[segment.Length - 1] != '}')
        {
            return $"has '{Messages.Shorten(segment)}' instead of a field in braces";
        }

        string name = segment.Substring(1, segment.Length - 2);
        int index = record?.IndexOf(name) ?? 0;
        if (index < 0)
        {
            sink.Report(DiagnosticCodes.Address, node, Messages.PathField(name, record!.Fields.Select(f => f.Name)));
        }
        else if (record is not null)
        {
            FieldDefinition field = record.Fields[index];
            string? why = field.IsOptional ? "which is optional" : !field.Type.HasTextForm ? $"which is of type {field.Type}" : null;
            if (why is not null)
            {
                sink.Report(DiagnosticCodes.Address, node, Messages.PathFieldForm(name, why));
            }
            else if (field.IsTokenized)
            {
                sink.Report(DiagnosticCodes.Address, node, Messages.PathFieldTokenized(name));
            }
            else if (field.IsPrivate)
            {
                sink.Report(DiagnosticCodes.Address, node, Messages.PathFieldPrivate(name));
            }
        }

        return null;
    }
}
