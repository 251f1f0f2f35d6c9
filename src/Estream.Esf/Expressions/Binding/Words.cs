namespace Estream.Esf.Expressions.Binding;

/// <summary>The names of value kinds in error messages.</summary>
internal static class Words
{
    public static string Of(EsfValueKind kind) => kind switch
    {
        EsfValueKind.Boolean => "a condition",
        EsfValueKind.Integer => "a whole number",
        EsfValueKind.Number => "a number",
        EsfValueKind.Text => "a text",
        EsfValueKind.Bytes => "bytes",
        EsfValueKind.Enum => "a value of an enum",
        EsfValueKind.Object => "an object",
        _ => "an array or map",
    };
}
