namespace Estream.Esf.Generator.Emit;

/// <summary>Emits the item types that only this schema needs: strings of limited length and enums in arrays and maps.</summary>
internal static class ItemEmitter
{
    private const string ValueItem = "IEsfValueItem";
    private const string Text = "TextItem";

    public static void Emit(CodeWriter code, TypeMapper shapes)
    {
        foreach (KeyValuePair<int, string> item in shapes.TextItems)
        {
            Open(code, item.Value, RecordText.ReadOnlyBytes, $"Items of type string({item.Key}).", 0);
            code.Line($"public static {RecordText.ReadOnlyBytes} Read({RecordText.ReadOnlyBytes} item) => item;").Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static int Write({RecordText.ReadOnlyBytes} value, {RecordText.WritableBytes} destination) => "
                + $"{Text}.Write(value, destination, {item.Key});").Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static bool Holds({RecordText.ReadOnlyBytes} item, {RecordText.ReadOnlyBytes} value) => {Text}.Holds(item, "
                + "value);");
            code.Close().Line();
        }

        foreach (KeyValuePair<string, string> item in shapes.EnumItems)
        {
            string type = CSharpNames.Escape(item.Key);
            const string Number = "UInt16Item";
            Open(code, item.Value, type, $"Items of enum {item.Key}.", 2);
            code.Line($"public static {type} Read({RecordText.ReadOnlyBytes} item) => ({type}){Number}.Read(item);").Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static int Write({type} value, {RecordText.WritableBytes} destination) => {Number}.Write((ushort)value, "
                + "destination);").Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static bool Holds({RecordText.ReadOnlyBytes} item, {type} value) => Read(item) == value;");
            code.Close().Line();
        }
    }

    private static void Open(CodeWriter code, string name, string type, string summary, int size)
    {
        code.Summary(summary);
        code.Open($"public readonly struct {name} : {ValueItem}<{type}>");
        code.Line("/// <inheritdoc/>");
        code.Line($"public static int Size => {size};").Line();
        code.Line("/// <inheritdoc/>");
    }
}
