using System.Globalization;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Emits the view of a record: a property per field that reads the bytes of the message.</summary>
internal static class ViewEmitter
{
    public static void Emit(CodeWriter code, MessageSchema schema, RecordModel record, bool isMessage)
    {
        code.Summary(isMessage
            ? $"Reads a message of {schema.Name} in place. Valid as long as the bytes of the message are."
            : $"Reads {record.Title} in place.");
        string contract = isMessage ? "IEsfView" : "IEsfItem";
        string relation = isMessage && schema.Extended is not null ? ", " + AdditionsEmitter.RelationTo(schema.Extended) : "";
        code.Open($"public readonly ref struct {record.ViewName} : {contract}<{record.ViewName}>{relation}");
        code.Line($"private readonly {RecordText.ReadOnlyBytes} _record;");
        if (isMessage)
        {
            code.Line($"private readonly {RecordText.ReadOnlyBytes} _fixed;");
        }

        if (record.IsEvolved)
        {
            code.Line("private readonly int _fixedLength;");
        }

        code.Line();
        if (isMessage)
        {
            EmitMessageStart(code, schema, record);
        }
        else
        {
            EmitObjectStart(code, record);
        }

        code.Summary("The bytes of this " + (isMessage ? "message." : "object."));
        code.Line($"public {RecordText.ReadOnlyBytes} Bytes => _record;");
        foreach (FieldModel field in record.Fields)
        {
            code.Line();
            EmitField(code, field);
        }

        if (isMessage)
        {
            code.Line().Summary("Returns the message as JSON, or the error found in it. Allocates.");
            code.Line("public override string ToString() => EsfJson.ToText(Schema, _record);").Line();
            code.Summary("Returns what ToString returns, so that a view can be used in an interpolated string. Allocates.");
            code.Line("public static implicit operator string(View view) => view.ToString();");
        }

        code.Close().Line();
    }

    /// <summary>
    /// Emits the constructors of a message view. For a record without changes since its publication, the view keeps a block of constant
    /// length, so that the compiler removes the bounds checks of its fields. Otherwise the view keeps the block common to all versions, and
    /// the readable length of the message's own block.
    /// </summary>
    private static void EmitMessageStart(CodeWriter code, MessageSchema schema, RecordModel record)
    {
        // A message can have the flag of sealed messages only if its schema has private fields. No other flag is allowed.
        string flags = schema.Record.HasPrivateFields ? "1UL << 56" : "0";
        string identity = $"message, SchemaId, Shape, {flags}, FixedLength";
        string earlier = record.IsEvolved ? ", " + record.EarlierLengths : "";
        code.Line(RecordText.Inline);
        code.Open($"private View({RecordText.ReadOnlyBytes} record, "
            + $"{(record.IsEvolved ? "int fixedLength" : $"{RecordText.ReadOnlyBytes} block")})");
        code.Line("_record = record;");
        code.Line($"_fixed = {(record.IsEvolved ? $"record.Slice(0, {record.ShortestLength})" : "block")};");
        if (record.IsEvolved)
        {
            code.Line("_fixedLength = fixedLength;");
        }

        code.Close().Line();
        code.Line("static EsfSchema IEsfView<View>.Schema => Schema;").Line();
        if (schema.Extended is not null)
        {
            code.Line($"static global::Estream.Esf.EsfWidening {AdditionsEmitter.RelationTo(schema.Extended)}.FromBase => "
                + "WideningHolder.Instance;").Line();
        }

        code.Summary(
            "Creates a view of a message of this version of the schema or of a compatible one. Checks header and length; each field is "
            + "checked when it is read.");
        code.Line("/// <exception cref=\"global::Estream.Core.EstreamFormatException\">The bytes are not a message of this "
            + "schema.</exception>");
        code.Line(RecordText.Inline);
        code.Line($"public static View Of({RecordText.ReadOnlyBytes} message) =>");
        code.Line($"    new View(message, {RecordText.Get}{(record.IsEvolved ? "EvolvedMessage" : "Message")}({identity}{earlier}, "
            + $"\"{schema.QualifiedName}\"));").Line();
        code.Summary("Creates a view if the message belongs to this version of the schema or a compatible one.");
        code.Line(RecordText.Inline);
        code.Open($"public static bool TryOf({RecordText.ReadOnlyBytes} message, out View view)");
        code.Open(record.IsEvolved
            ? $"if (!{RecordText.Get}IsReadable({identity}{earlier}, out int fixedLength))"
            : $"if (!{RecordText.Get}IsReadable({identity}))");
        code.Line("view = default;").Line("return false;").Close().Line();
        code.Line($"view = new View(message, {(record.IsEvolved ? "fixedLength" : "message.Slice(0, FixedLength)")});").Line("return true;")
            .Close().Line();
    }

    private static void EmitObjectStart(CodeWriter code, RecordModel record)
    {
        string length = record.Layout.FixedLength.ToString(System.Globalization.CultureInfo.InvariantCulture);
        code.Line(RecordText.Inline);
        code.Open($"private {record.ViewName}({RecordText.ReadOnlyBytes} record{(record.IsEvolved ? ", int fixedLength" : "")})");
        code.Line("_record = record;");
        if (record.IsEvolved)
        {
            code.Line("_fixedLength = fixedLength;");
        }

        code.Close().Line();

        // A static method returns the view in registers. A constructor that is not inlined would store it in memory.
        code.Line(RecordText.Inline);
        code.Line($"internal static {record.ViewName} Of({RecordText.ReadOnlyBytes} record) =>");
        code.Line(record.IsEvolved
            ? $"    new {record.ViewName}(record, {RecordText.Get}EvolvedRecord(record, {length}, {record.EarlierLengths}, "
                + $"\"{record.Title}\"));"
            : $"    new {record.ViewName}({RecordText.Get}Record(record, {length}, \"{record.Title}\"));").Line();
        string contract = $"IEsfItem<{record.ViewName}>";
        code.Line($"static int {contract}.Size => 0;").Line();
        code.Line(RecordText.Inline);
        code.Line($"static {record.ViewName} {contract}.Read({RecordText.ReadOnlyBytes} item) => Of(item);").Line();
    }

    /// <summary>Emits a private field. The property returns an EsfPrivate, which has a value, is withheld or is absent, depending on the
    /// message.</summary>
    private static void EmitPrivate(CodeWriter code, FieldModel field)
    {
        if (field.Definition.IsOptional)
        {
            code.Summary($"Whether {field.Definition.Name} is present, readable or withheld.");
            EmitGetter(code, "bool", $"Has{field.Member}", field.Presence);
            code.Line();
        }

        string size = field.Definition.Type.FixedSize.ToString(CultureInfo.InvariantCulture);
        string region = $"{RecordText.Get}Region(_record, (ulong)reference, {field.Quoted})";
        string value = field.Definition.Type.IsFixedSize
            ? RecordText.ReadFrom(field, $"{RecordText.Get}FixedRegion(_record, (ulong)reference, {size}, {field.Quoted})")
            : field.Shape.Writer is null ? region
            : ViewOf(field, region);
        string type = $"EsfPrivate<{field.Shape.View}>";
        code.Summary(RecordText.Describe(field) + " Private: call TryGet to get the value.");
        code.Open($"public {type} {field.Member}").Line(RecordText.Inline).Open("get");

        // Loads the reference once. The reference of a sealed value is negative.
        code.Line($"long reference = {RecordText.Get}Value<long>({field.ViewSlot});");
        code.Line($"return reference > 0 ? {type}.Of({value}) : {type}.Missing(reference != 0);");
        code.Close().Close();
    }

    private static string ViewOf(FieldModel field, string region) =>
        field.Kind == EsfTypeKind.Object ? $"{field.Shape.View}.Of({region})" : $"new {field.Shape.View}({region})";

    private static void EmitField(CodeWriter code, FieldModel field)
    {
        bool optional = field.Definition.IsOptional;
        bool reference = field.Layout.IsReference;
        bool span = reference || field.Kind == EsfTypeKind.Bytes32;
        string presence = field.Presence;
        if (field.Definition.IsPrivate)
        {
            EmitPrivate(code, field);
            return;
        }

        if (optional)
        {
            code.Summary($"Whether {field.Definition.Name} is present.");
            EmitGetter(code, "bool", $"Has{field.Member}", presence);
            code.Line();
        }

        string absent = !optional ? "" : field.Kind == EsfTypeKind.Object ? " Check that it is present first." : span
            ? " Empty if absent."
            : " Null if absent.";
        code.Summary(RecordText.Describe(field) + absent);
        string region = $"{RecordText.Get}Region(_record, {field.ViewSlot}, {field.Quoted})";
        string type = field.Shape.View;
        if (field.Kind == EsfTypeKind.Object)
        {
            // An absent reference to a required object means a damaged message. The view of the object then gets no bytes and throws.
            EmitGetter(code, type, field.Member,
                ViewOf(field, optional ? $"{RecordText.Get}PresentRegion(_record, {field.ViewSlot}, {field.Quoted})" : region));
        }
        else if (reference)
        {
            EmitGetter(code, type, field.Member, field.Shape.Writer is null ? region : ViewOf(field, region));
        }
        else if (optional)
        {
            string none = span ? "default" : "null";
            EmitGetter(code, type + (span ? "" : "?"), field.Member, $"{presence} ? {RecordText.Read(field)} : {none}");
        }
        else
        {
            EmitGetter(code, type, field.Member, RecordText.Read(field));
        }
    }

    /// <summary>
    /// Emits a getter that is always inlined. A getter that is not inlined loads its view from memory and stores an optional result there,
    /// which costs more than loading the field.
    /// </summary>
    private static void EmitGetter(CodeWriter code, string type, string name, string value) =>
        code.Open($"public {type} {name}").Line(RecordText.Inline).Line($"get => {value};").Close();
}
