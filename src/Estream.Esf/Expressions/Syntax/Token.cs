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

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it stands there; of a text, its content.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position)
{
    public bool Is(string text) => Kind is TokenKind.Symbol or TokenKind.Keyword && Text == text;

    /// <summary>The token in words, for messages.</summary>
    public string InWords => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "a text",
        _ => $"'{Text}'",
    };
}
