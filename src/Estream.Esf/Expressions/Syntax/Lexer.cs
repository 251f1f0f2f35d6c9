using System.Text;

namespace Estream.Esf.Expressions.Syntax;

/// <summary>Splits the text of an expression into tokens.</summary>
internal ref struct Lexer(ReadOnlySpan<char> text)
{
    private static readonly string[] s_keywords = ["and", "or", "not", "in", "true", "false"];

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>Whether a word can be the name of a message: it has the form of a name and is not a keyword.</summary>
    public static bool IsName(string word) => char.IsAsciiLetter(word[0]) && word.All(IsNameCharacter) && !s_keywords.Contains(word);

    public static List<Token> Split(string text)
    {
        if (text.Length > EsfExpression.MaxTextLength)
        {
            throw new SyntaxErrorException(EsfExpression.MaxTextLength,
                $"the expression is longer than {EsfExpression.MaxTextLength} characters: split it");
        }

        List<Token> tokens = [];
        Lexer lexer = new(text);
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private readonly char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private Token Next()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }

        int start = _at;
        if (start == _text.Length)
        {
            return new Token(TokenKind.End, "", start);
        }

        char first = Peek();
        if (char.IsAsciiLetter(first) || first == '_')
        {
            SkipName();
            string word = _text[start.._at].ToString();
            return new Token(s_keywords.Contains(word) ? TokenKind.Keyword : TokenKind.Name, word, start);
        }

        return char.IsAsciiDigit(first) ? ReadNumber()
            : first is '"' or '\'' ? ReadText(first)
            : ReadSymbol();
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private void SkipName()
    {
        while (IsNameCharacter(Peek()))
        {
            _at++;
        }
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }
    }

    private Token ReadNumber()
    {
        int start = _at;
        TokenKind kind = TokenKind.Integer;
        SkipDigits();
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            kind = TokenKind.Number;
            _at++;
            SkipDigits();
        }

        if (Peek() is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            kind = TokenKind.Number;
            _at += 2;
            SkipDigits();
        }

        int end = _at;
        SkipName();
        if (kind == TokenKind.Integer && _at > end && ByteSize.TryGetBytes(_text[end.._at], out _) && Peek() != '.')
        {
            return new Token(TokenKind.Size, _text[start.._at].ToString(), start);
        }

        _at = end;
        if (IsNameCharacter(Peek()) || Peek() == '.')
        {
            throw new SyntaxErrorException(start,
                $"'{_text[start..(_at + 1)]}' is not a number: write digits, with a point between digits for a fraction, as in "
                + $"12, 0.5 or 1.5e3; write a size as digits and one of {ByteSize.Units}, as in 5MB");
        }

        return new Token(kind, _text[start.._at].ToString(), start);
    }

    private Token ReadText(char quote)
    {
        int start = _at++;
        StringBuilder content = new();
        while (Peek() != quote)
        {
            if (_at >= _text.Length)
            {
                throw new SyntaxErrorException(start, $"the text that begins here does not end: add {quote} after it");
            }

            content.Append(Peek() == '\\' ? ReadEscape() : _text[_at++]);
        }

        _at++;
        string text = content.ToString();
        return IsWhole(text)
            ? new Token(TokenKind.Text, text, start)
            : throw new SyntaxErrorException(start,
                "the text contains half a surrogate pair, which is not a character: write the whole character");
    }

    private char ReadEscape()
    {
        char escaped = Peek(1);
        _at += 2;
        return escaped switch
        {
            '\\' or '"' or '\'' => escaped,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ => throw new SyntaxErrorException(_at - 2,
                "a '\\' in a text must begin one of \\\\ \\\" \\' \\n \\t \\r: write \\\\ for the character itself"),
        };
    }

    private static bool IsWhole(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private Token ReadSymbol()
    {
        int start = _at;
        string two = new([Peek(), Peek(1)]);
        if (two is "==" or "!=" or "<=" or ">=" or "??")
        {
            _at += 2;
            return new Token(TokenKind.Symbol, two, start);
        }

        char one = Peek();
        string? instead = two switch
        {
            "&&" => "and",
            "||" => "or",
            "<>" => "!=",
            _ => one switch
            {
                '&' => "and",
                '|' => "or",
                '!' => "not",
                '=' => "==",
                '?' or ':' => "if(condition, this, that)",
                '{' or '}' => "'in [a, b]' for a list",
                '^' => "a multiplication",
                _ => null,
            },
        };
        if (instead is not null)
        {
            throw new SyntaxErrorException(start,
                $"'{(two is "&&" or "||" or "<>" ? two : one.ToString())}' is not part of this language: write {instead}");
        }

        if (!"()[],.+-*/%<>".Contains(one, StringComparison.Ordinal))
        {
            string shown = char.IsControl(one) || char.IsSurrogate(one) ? $"the character U+{(int)one:X4}" : $"'{one}'";
            throw new SyntaxErrorException(start,
                $"{shown} is not allowed in an expression: use fields, numbers, texts in quotes, operators and functions");
        }

        _at++;
        return new Token(TokenKind.Symbol, one.ToString(), start);
    }
}
