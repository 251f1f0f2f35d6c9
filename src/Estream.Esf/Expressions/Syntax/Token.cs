namespace Estream.Esf.Expressions.Syntax;

internal enum TokenKind
{
    End,
    Name,
    Keyword,
    Integer,
    Number,
    Size,
    Text,
    Symbol,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">The kind of token.</param>
/// <param name="Text">The source text; for a text literal, its content.</param>
/// <param name="Position">The offset at which it begins.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position)
{
    public bool Is(string text) => Kind is TokenKind.Symbol or TokenKind.Keyword && Text == text;

    /// <summary>The token in words, for error messages.</summary>
    public string InWords => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "a text",
        _ => $"'{Text}'",
    };
}
