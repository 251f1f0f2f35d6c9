namespace Estream.Esf.Schema.Internal;

/// <summary>
/// Compares a record with its published version, including nested objects. The limits of schemas bound the work: 256 fields per record,
/// 8 levels.
/// </summary>
internal static class RecordComparison
{
    /// <summary>Reports every change of a record other than an appended optional field.</summary>
    /// <param name="earlier">The published record.</param>
    /// <param name="later">The current record.</param>
    /// <param name="path">The name of the record in messages: <c>DoorOpened.place</c>.</param>
    /// <param name="position">The position of the record's definition, used for a field that was removed.</param>
    /// <param name="sink">Receives the errors.</param>
    public static void Compare(RecordDefinition earlier, RecordDefinition later, string path, SourcePosition position, DiagnosticSink sink)
    {
        CompareOrder(earlier, later, path, position, sink);
        for (int i = 0; i < later.Fields.Count; i++)
        {
            FieldDefinition field = later.Fields[i];
            int published = earlier.IndexOf(field.Name);
            if (published >= 0)
            {
                CompareField(earlier.Fields[published], field, path + "." + field.Name, sink);
            }
            else if (i >= earlier.Fields.Count && !field.IsOptional)
            {
                sink.Report(DiagnosticCodes.AppendedRequired, field.Position, EvolutionMessages.AppendedRequired(path + "." + field.Name));
            }
        }
    }

    /// <summary>Reports the fields that were removed, and the first field at the position of another published field.</summary>
    private static void CompareOrder(RecordDefinition earlier, RecordDefinition later, string path, SourcePosition position,
        DiagnosticSink sink)
    {
        bool isComplete = true;
        for (int i = 0; i < earlier.Fields.Count; i++)
        {
            if (later.IndexOf(earlier.Fields[i].Name) < 0)
            {
                isComplete = false;
                FieldDefinition? instead = i < later.Fields.Count && earlier.IndexOf(later.Fields[i].Name) < 0 ? later.Fields[i] : null;
                string gone = path + "." + earlier.Fields[i].Name;
                sink.Report(DiagnosticCodes.FieldGone, instead?.Position ?? position, EvolutionMessages.FieldGone(gone, i, instead?.Name));
            }
        }

        // After a removed field, every later field has another position. Reporting each of these fields would hide the actual error.
        for (int i = 0; isComplete && i < earlier.Fields.Count; i++)
        {
            FieldDefinition field = later.Fields[i];
            string published = earlier.Fields[i].Name;
            if (field.Name != published)
            {
                bool isNew = earlier.IndexOf(field.Name) < 0;
                sink.Report(DiagnosticCodes.FieldMoved, field.Position,
                    EvolutionMessages.FieldMoved(path + "." + field.Name, published, isNew));
                return;
            }
        }
    }

    private static void CompareField(FieldDefinition earlier, FieldDefinition later, string path, DiagnosticSink sink)
    {
        if (earlier.IsOptional != later.IsOptional)
        {
            sink.Report(DiagnosticCodes.FieldPresence, later.Position, EvolutionMessages.FieldPresence(path, earlier.IsOptional));
        }

        string published = CanonicalForm.PrivacyOf(earlier.Privacy);
        string today = CanonicalForm.PrivacyOf(later.Privacy);
        if (published != today)
        {
            sink.Report(DiagnosticCodes.FieldPrivacy, later.Position, EvolutionMessages.FieldPrivacy(path, published, today));
        }

        // The short form of a type contains everything except the fields of an object and the values of an enum.
        if (earlier.Type.ToString() != later.Type.ToString() || !IsSameShape(earlier.Type, later.Type))
        {
            sink.Report(DiagnosticCodes.FieldType, later.Position, EvolutionMessages.FieldType(path, earlier.Type, later.Type));
        }
        else
        {
            CompareType(earlier.Type, later.Type, path, later.Position, sink);
        }
    }

    /// <summary>Whether two types with the same text have the same kind: an enum may be named like another type.</summary>
    private static bool IsSameShape(EsfType earlier, EsfType later) =>
        earlier.Kind == later.Kind
        && (earlier.Key is null || IsSameShape(earlier.Key, later.Key!))
        && (earlier.Element is null || IsSameShape(earlier.Element, later.Element!));

    private static void CompareType(EsfType earlier, EsfType later, string path, SourcePosition position, DiagnosticSink sink)
    {
        switch (earlier.Kind)
        {
            case EsfTypeKind.Object:
                Compare(earlier.Record!, later.Record!, path, position, sink);
                break;
            case EsfTypeKind.Enum:
                CompareValues(earlier.Enumeration!, later.Enumeration!, path, position, sink);
                break;
            case EsfTypeKind.Array:
                CompareType(earlier.Element!, later.Element!, path, position, sink);
                break;
            case EsfTypeKind.Map:
                CompareType(earlier.Key!, later.Key!, path, position, sink);
                CompareType(earlier.Element!, later.Element!, path, position, sink);
                break;
            default:
                break;
        }
    }

    /// <summary>Reports the first enum value that is not at its published position. The error has the position of the enum, which may be
    /// far from the field.</summary>
    private static void CompareValues(EnumDefinition earlier, EnumDefinition later, string path, SourcePosition field, DiagnosticSink sink)
    {
        for (int i = 0; i < earlier.Values.Count; i++)
        {
            if (i >= later.Values.Count || earlier.Values[i] != later.Values[i])
            {
                SourcePosition position = later.Position == default ? field : later.Position;
                string? instead = i < later.Values.Count ? later.Values[i] : null;
                sink.Report(DiagnosticCodes.EnumValues, position,
                    EvolutionMessages.EnumValues(path, later.Name, earlier.Values[i], i, instead));
                return;
            }
        }
    }
}
