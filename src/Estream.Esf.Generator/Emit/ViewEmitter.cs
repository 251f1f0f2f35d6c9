using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Writes the view of a record: a property per field over the bytes of the message.</summary>
internal static class ViewEmitter
{
    public static void Emit(CodeWriter code, MessageSchema schema, RecordModel record, bool isMessage)
    {
        code.Summary(isMessage ? $"Reads a message of {schema.Name} in place. Lives as long as the bytes it was made of." : $"Reads {record.Title} in place.");
        string contract = isMessage ? "IEsfView" : "IEsfItem";
        code.Open($"public readonly ref struct {record.ViewName} : {contract}<{record.ViewName}>");
        code.Line($"private readonly {RecordText.ReadOnlyBytes} _record;");
        code.Line($"private readonly {RecordText.ReadOnlyBytes} _fixed;").Line();
        if (isMessage)
        {
            EmitMessageStart(code, schema);
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
            code.Line().Summary("The message as JSON, or what is wrong with it. Allocates.");
            code.Line("public override string ToString() => EsfJson.ToText(Schema, _record);");
        }

        code.Close().Line();
    }

    private static void EmitMessageStart(CodeWriter code, MessageSchema schema)
    {
        code.Line(RecordText.Inline);
        code.Open($"private View({RecordText.ReadOnlyBytes} record, {RecordText.ReadOnlyBytes} block)");
        code.Line("_record = record;").Line("_fixed = block;").Close().Line();
        code.Line("static EsfSchema IEsfView<View>.Schema => Schema;").Line();
        code.Summary("Views a message. Checks header and length; a field is checked when it is read.");
        code.Line("/// <exception cref=\"global::Estream.Core.EstreamFormatException\">It is no message of this schema.</exception>");
        code.Line(RecordText.Inline);
        code.Line($"public static View Of({RecordText.ReadOnlyBytes} message) =>");
        code.Line($"    new View(message, {RecordText.Get}Message(message, SchemaId, Shape, FixedLength, \"{schema.QualifiedName}\"));").Line();
        code.Summary("Views a message if it is one of this schema.");
        code.Line(RecordText.Inline);
        code.Open($"public static bool TryOf({RecordText.ReadOnlyBytes} message, out View view)");
        code.Open($"if (!{RecordText.Get}IsMessage(message, SchemaId, Shape, FixedLength))");
        code.Line("view = default;").Line("return false;").Close().Line();
        code.Line("view = new View(message, message.Slice(0, FixedLength));").Line("return true;").Close().Line();
    }

    private static void EmitObjectStart(CodeWriter code, RecordModel record)
    {
        code.Open($"internal {record.ViewName}({RecordText.ReadOnlyBytes} record)");
        code.Line("_record = record;");
        code.Line($"_fixed = {RecordText.Get}Record(record, {record.Layout.FixedLength}, \"{record.Title}\");").Close().Line();
        string contract = $"IEsfItem<{record.ViewName}>";
        code.Line($"static int {contract}.Size => 0;").Line();
        code.Line($"static {record.ViewName} {contract}.Read({RecordText.ReadOnlyBytes} item) => new {record.ViewName}(item);").Line();
    }

    private static void EmitField(CodeWriter code, FieldModel field)
    {
        bool optional = field.Definition.IsOptional;
        bool reference = field.Layout.IsReference;
        bool span = reference || field.Kind == EsfTypeKind.Bytes32;
        string presence = reference ? $"{RecordText.Get}Has({field.Slot})" : $"(_fixed[{field.Layout.PresenceOffset}] & {field.Layout.PresenceMask}) != 0";
        if (optional)
        {
            code.Summary($"Whether {field.Definition.Name} is there.");
            code.Line($"public bool Has{field.Member} => {presence};").Line();
        }

        string absent = !optional ? "" : field.Kind == EsfTypeKind.Object ? " Ask whether it is there first." : span ? " Empty when absent." : " Null when absent.";
        code.Summary(RecordText.Describe(field) + absent);
        string region = $"{RecordText.Get}Region(_record, {field.Slot}, {field.Quoted})";
        string type = field.Shape.View;
        if (field.Kind == EsfTypeKind.Object)
        {
            code.Line($"public {type} {field.Member} => new {type}({RecordText.Get}PresentRegion(_record, {field.Slot}, {field.Quoted}));");
        }
        else if (reference)
        {
            code.Line($"public {type} {field.Member} => {(field.Shape.Writer is null ? region : $"new {type}({region})")};");
        }
        else if (optional)
        {
            string none = span ? "default" : "null";
            code.Line($"public {type}{(span ? "" : "?")} {field.Member} => {presence} ? {RecordText.Read(field)} : {none};");
        }
        else
        {
            code.Line($"public {type} {field.Member} => {RecordText.Read(field)};");
        }
    }
}
