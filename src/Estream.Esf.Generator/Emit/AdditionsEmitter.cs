using System.Globalization;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>
/// Emits the additional members of a schema that extends another schema: a writer for only the schema's own fields, and a declaration of
/// the relation to the types of the base schema. The compiler uses this declaration to check a chain of conversion steps.
/// </summary>
internal static class AdditionsEmitter
{
    private const string Contract = "global::Estream.Esf.IEsfAdditions<Additions>";

    public static string RelationTo(MessageSchema extended) => $"global::Estream.Esf.IEsfExtends<{ViewOf(extended)}>";

    /// <summary>Emits the property from which generic code infers the related types.</summary>
    public static void EmitExtending(CodeWriter code, MessageSchema extended)
    {
        string type = $"global::Estream.Esf.EsfExtension<{ViewOf(extended)}, View, Additions>";
        code.Summary(
            $"States that these messages begin with the fields of {extended.QualifiedName}, for operators that convert messages.");
        code.Line($"public static {type} Extending => default;").Line();
        code.Open("private static class WideningHolder");
        code.Line($"public static readonly global::Estream.Esf.EsfWidening Instance = new "
            + $"global::Estream.Esf.EsfWidening({ClassOf(extended)}.Schema, Schema);");
        code.Close().Line();
    }

    /// <summary>Emits the writer of the fields that follow the fields of the extended schema.</summary>
    public static void Emit(CodeWriter code, RecordModel record, MessageSchema extended)
    {
        string length = record.Layout.FixedLength.ToString(CultureInfo.InvariantCulture);
        code.Summary(
            $"Writes the fields of a message after those of {extended.Name}, which are already set. Set every required field; set each "
            + "field at most once.");
        code.Open($"public ref struct Additions : {Contract}");
        code.Line($"private readonly {RecordText.WritableBytes} _record;");
        code.Line($"private readonly {RecordText.WritableBytes} _fixed;");
        code.Line("private int _end;").Line();
        code.Open($"private Additions({RecordText.WritableBytes} message, int length)");
        code.Line("_record = message;");
        code.Line($"_fixed = message.Slice(0, {length});");
        code.Line("_end = length;").Close().Line();
        code.Line($"static Additions {Contract}.Begin({RecordText.WritableBytes} message, int length) => new Additions(message, length);")
            .Line();
        code.Summary("The number of bytes written so far, including the fields of the extended schema.");
        code.Line("public readonly int Length => _end;");
        foreach (FieldModel field in record.Fields.Skip(extended.Record.Fields.Count))
        {
            code.Line();
            WriterEmitter.EmitField(code, field, "_fixed");
        }

        code.Close().Line();
    }

    private static string ViewOf(MessageSchema schema) => ClassOf(schema) + ".View";

    private static string ClassOf(MessageSchema schema) =>
        $"global::{CSharpNames.Namespace(schema.Namespace)}.{CSharpNames.Escape(schema.Name)}";
}
