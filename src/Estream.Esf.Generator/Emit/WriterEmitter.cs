using System.Globalization;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>Emits the writer of a record: fixed-size fields are stored in their slot, others are appended and referenced.</summary>
internal static class WriterEmitter
{
    public static void Emit(CodeWriter code, RecordModel record, bool isMessage, int? longest)
    {
        string name = record.WriterName;
        string contract = isMessage ? "IEsfWriter" : "IEsfNestedWriter";
        code.Summary(isMessage
            ? "Writes a message in place. Set every required field; set each field at most once." : $"Writes {record.Title} in place.");
        code.Open($"public ref struct {name} : {contract}<{name}>");
        code.Line($"private readonly {RecordText.WritableBytes} _record;");
        if (isMessage)
        {
            code.Line($"private readonly {RecordText.WritableBytes} _fixed;");
        }
        else
        {
            // Internal, so that the parent ends a writer without calls. The compiler limits how many calls it inlines into one method.
            code.Line("internal readonly int _start;");
        }

        code.Line($"{(isMessage ? "private" : "internal")} int _end;").Line();
        EmitStart(code, record, isMessage);
        if (isMessage)
        {
            EmitContract(code, name, longest);
        }

        code.Summary("The number of bytes written so far.");
        code.Line("public readonly int Length => _end;");
        foreach (FieldModel field in record.Fields)
        {
            code.Line();
            EmitField(code, field, isMessage ? "_fixed" : "_record");
        }

        code.Close().Line();
    }

    private static void EmitStart(CodeWriter code, RecordModel record, bool isMessage)
    {
        string name = record.WriterName;
        string length = record.Layout.FixedLength.ToString(CultureInfo.InvariantCulture);
        code.Line(RecordText.Inline);
        code.Open(isMessage
            ? $"internal {name}({RecordText.WritableBytes} destination)"
            : $"internal {name}({RecordText.WritableBytes} destination, int start)");
        code.Line("_record = destination;");
        code.Line(isMessage
            ? $"_fixed = {RecordText.Put}BeginMessage(destination, SchemaId, Shape, {length});"
            : $"{RecordText.Put}BeginObject(destination, {length});");
        code.Line($"_end = {length};");
        if (!isMessage)
        {
            code.Line("_start = start;");
        }

        code.Close().Line();
        if (!isMessage)
        {
            code.Line(RecordText.Inline);
            code.Line($"static {name} IEsfNestedWriter<{name}>.Begin({RecordText.WritableBytes} destination, int start) =>");
            code.Line($"    new {name}(destination, start);").Line();
            code.Line(RecordText.Inline);
            code.Line($"static int IEsfNestedWriter<{name}>.StartOf(scoped in {name} writer) => writer._start;").Line();
            code.Line(RecordText.Inline);
            code.Line($"static int IEsfNestedWriter<{name}>.LengthOf(scoped in {name} writer) => writer._end;").Line();
        }
    }

    /// <summary>Emits the members that generic code uses. They are explicit interface implementations, so that a field may have the same
    /// name as a member.</summary>
    private static void EmitContract(CodeWriter code, string name, int? longest)
    {
        string contract = $"IEsfWriter<{name}>";
        code.Line($"static EsfSchema {contract}.Schema => Schema;").Line();
        code.Line($"static int? {contract}.MaxLength => {longest?.ToString(CultureInfo.InvariantCulture) ?? "null"};").Line();
        code.Line(RecordText.Inline);
        code.Line($"static {name} {contract}.Begin({RecordText.WritableBytes} destination) => new {name}(destination);").Line();
        code.Line($"readonly {RecordText.ReadOnlyBytes} {contract}.Written => _record.Slice(0, _end);").Line();
    }

    /// <summary>
    /// Emits the setter of a field, which uses <c>_record</c>, <c>_end</c> and the block that contains its slot. The block of a message is
    /// a span of constant length, so that the compiler removes the bounds checks of single fields. The writer of an object has no separate
    /// block. It is usually passed by reference and therefore is in memory, where a second span would have to be stored and would need as
    /// many checks.
    /// </summary>
    public static void EmitField(CodeWriter code, FieldModel field, string block)
    {
        if (field.Shape.Writer is not null)
        {
            EmitNested(code, field);
        }
        else if (!field.Layout.IsReference)
        {
            EmitFixed(code, field, block);
        }
        else if (field.Definition.Type.IsFixedSize)
        {
            EmitPrivateFixed(code, field);
        }
        else
        {
            EmitVariable(code, field);
        }
    }

    private static void EmitFixed(CodeWriter code, FieldModel field, string block)
    {
        code.Summary(RecordText.Describe(field));
        code.Open($"public {field.Shape.View} {field.Member}");
        code.Line(RecordText.Inline);
        if (!field.Definition.IsOptional)
        {
            code.Line($"set => {RecordText.Store(field, block).TrimEnd(';')};");
        }
        else
        {
            // Stores the value before it marks the field as present, so that a rejected bytes32 leaves the field absent.
            code.Open("set");
            code.Line(RecordText.Store(field, block));
            code.Line(MarkPresent(field, block));
            code.Close();
        }

        code.Close();
        if (field.Kind == EsfTypeKind.Bytes32)
        {
            code.Line().Summary(RecordText.Describe(field) + " Accepts bytes of any lifetime, including stack memory.");
            code.Open($"public void Set{field.Member}(scoped {RecordText.ReadOnlyBytes} value)");
            code.Line(RecordText.Store(field, block));
            if (field.Definition.IsOptional)
            {
                code.Line(MarkPresent(field, block));
            }

            code.Close();
        }
    }

    /// <summary>Emits a private field of fixed size. Its value is appended in a region of exactly this size.</summary>
    private static void EmitPrivateFixed(CodeWriter code, FieldModel field)
    {
        string size = field.Definition.Type.FixedSize.ToString(CultureInfo.InvariantCulture);
        code.Summary(RecordText.Describe(field) + " Private.");
        code.Open($"public {field.Shape.View} {field.Member}");
        if (field.Kind == EsfTypeKind.Bytes32)
        {
            string call = $"_end = {RecordText.Put}PrivateBytes32(_record, {field.Layout.Offset}, _end, value, {field.Quoted})";
            code.Line(RecordText.Inline).Line($"set => {call};").Close().Line();
            code.Summary(RecordText.Describe(field) + " Private. Accepts bytes of any lifetime, including stack memory.");
            code.Line($"public void Set{field.Member}(scoped {RecordText.ReadOnlyBytes} value) => {call};");
            return;
        }

        code.Line(RecordText.Inline).Open("set");
        code.Line($"{RecordText.WritableBytes} region = {RecordText.Put}Region(_record, {field.Layout.Offset}, _end, {size}, "
            + $"{field.Quoted});");
        code.Line(RecordText.StoreIn(field, "region"));
        code.Line($"_end += {size};");
        code.Close().Close();
    }

    /// <summary>Returns the statement that sets the presence bit. A presence byte of a single field is overwritten, which saves a
    /// read.</summary>
    private static string MarkPresent(FieldModel field, string block) =>
        $"{block}[{field.Layout.PresenceOffset}] {(field.OwnsPresenceByte ? "=" : "|=")} {field.Layout.PresenceMask};";

    private static void EmitVariable(CodeWriter code, FieldModel field)
    {
        bool isText = field.Kind == EsfTypeKind.String;
        string limit = (field.Definition.Type.MaxLength ?? int.MaxValue).ToString(CultureInfo.InvariantCulture);
        string call =
            $"_end = {RecordText.Put}{(isText ? "Text" : "Bytes")}(_record, {field.Layout.Offset}, _end, value, {limit}, {field.Quoted})";
        code.Summary(RecordText.Describe(field));
        code.Open($"public {RecordText.ReadOnlyBytes} {field.Member}").Line(RecordText.Inline).Line($"set => {call};").Close().Line();
        code.Summary(RecordText.Describe(field) + " Accepts bytes of any lifetime, including stack memory.");
        code.Line($"public void Set{field.Member}(scoped {RecordText.ReadOnlyBytes} value) => {call};");
        if (isText)
        {
            code.Line().Summary(RecordText.Describe(field) + " Accepts UTF-16 and stores UTF-8.");
            code.Line($"public void Set{field.Member}(scoped ReadOnlySpan<char> value) => {call};");
        }
    }

    private static void EmitNested(CodeWriter code, FieldModel field)
    {
        string writer = field.Shape.Writer!;
        bool isObject = field.Kind == EsfTypeKind.Object;
        string begin = isObject ? $"new {writer}(_record.Slice(_end), _end)" : $"{RecordText.Put}BeginNested<{writer}>(_record, _end)";
        string end = isObject ? "nested._start, nested._end" : "in nested";
        code.Summary(RecordText.Describe(field) + $" Fill the writer, then pass it to End{field.Member} before writing anything else.");
        code.Line(RecordText.Inline);
        code.Line($"public readonly {writer} Begin{field.Member}() => {begin};").Line();
        code.Summary($"Ends the nested writer, whose content becomes the value of {field.Definition.Name}.");
        code.Line(RecordText.Inline);
        code.Line($"public void End{field.Member}(scoped in {writer} nested) =>");
        code.Line($"    _end = {RecordText.Put}Nested(_record, {field.Layout.Offset}, _end, {end}, {field.Quoted});");
    }
}
