namespace Estream.Esf.Schema.Internal;

/// <summary>The fields of a schema that extends another: first those of the other, then its own.</summary>
internal static class BaseFields
{
    /// <summary>Puts the fields of the extended schema before a schema's own; null after reporting a mistake.</summary>
    /// <param name="own">The schema's own fields.</param>
    /// <param name="extended">The other schema; null where there is none.</param>
    /// <param name="map">The schema in its file.</param>
    /// <param name="sink">Where mistakes go.</param>
    public static RecordDefinition? Before(RecordDefinition own, MessageSchema? extended, MapNode map, DiagnosticSink sink)
    {
        if (extended is null)
        {
            return own;
        }

        SourceNode user = map.Find("extends")!;
        bool isGood = true;
        foreach (FieldDefinition field in own.Fields.Where(field => extended.Record.IndexOf(field.Name) >= 0))
        {
            sink.Report(DiagnosticCodes.BaseField, field.Position, Messages.BaseField(field.Name, extended.Name));
            isGood = false;
        }

        if (extended.Record.Fields.Count + own.Fields.Count > EsfLimits.MaxFields)
        {
            sink.Report(DiagnosticCodes.Limit, user,
                Messages.TooMany($"fields in this schema, those of '{extended.Name}' included", EsfLimits.MaxFields));
            isGood = false;
        }

        // A mistake that comes of the other's fields is one of extending it, which may be in another file.
        return isGood ? new RecordDefinition([.. extended.Record.Fields.Select(field => Here(field, user.Position)), .. own.Fields]) : null;
    }

    private static FieldDefinition Here(FieldDefinition field, SourcePosition position) =>
        new(field.Name, field.Type, field.IsOptional, field.Privacy, field.Description, position);
}
