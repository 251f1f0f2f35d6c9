namespace Estream.Esf.Schema.Internal;

/// <summary>Computes the fields of a schema that extends another schema: the fields of the base schema, then the schema's own
/// fields.</summary>
internal static class BaseFields
{
    /// <summary>Puts the fields of the base schema before a schema's own fields; returns null after reporting an error.</summary>
    /// <param name="own">The schema's own fields.</param>
    /// <param name="extended">The base schema; null if there is none.</param>
    /// <param name="map">The node of the schema in its file.</param>
    /// <param name="sink">Receives the errors.</param>
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

        // The base schema may be in another file, so errors in its fields are reported at the 'extends' key of the extending schema.
        return isGood ? new RecordDefinition([.. extended.Record.Fields.Select(field => Here(field, user.Position)), .. own.Fields]) : null;
    }

    private static FieldDefinition Here(FieldDefinition field, SourcePosition position) =>
        new(field.Name, field.Type, field.IsOptional, field.Privacy, field.Description, position);
}
