using System.Globalization;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>Checks each token of a script, in the context of its neighbours, for code that a content security policy without
/// <c>unsafe-eval</c> and <c>unsafe-inline</c> would block.</summary>
internal ref struct ContentPolicy
{
    private const int Before = 4;
    private const int Around = Before + 3;

    private readonly ReadOnlySpan<byte> _source;
    private readonly Findings _findings;
    private readonly ScriptToken[] _window = new ScriptToken[Around];
    private ScriptTokenizer _tokens;
    private byte[]? _room;

    public ContentPolicy(ReadOnlySpan<byte> source, Findings findings)
    {
        _source = source;
        _findings = findings;
        _tokens = new ScriptTokenizer(source);
    }

    /// <summary>Checks the whole script, or up to the point where it cannot be tokenized.</summary>
    public void Check()
    {
        while (_tokens.TryRead(out ScriptToken token))
        {
            Push(token);
        }

        for (int behind = Before; behind < Around; behind++)
        {
            Push(default);
        }

        if (_tokens.Fault is string fault)
        {
            Report(_tokens.Line, fault);
        }
    }

    private readonly ScriptToken Token(int offset) => _window[Before + offset];

    private readonly ReadOnlySpan<byte> Written(int offset) => _source.Slice(Token(offset).Start, Token(offset).Length);

    private readonly bool IsName(int offset, ReadOnlySpan<byte> name) => Token(offset).Kind == ScriptTokenKind.Name && Written(offset)
        .SequenceEqual(name);

    private readonly bool IsMark(int offset, ReadOnlySpan<byte> mark) => Token(offset).Kind == ScriptTokenKind.Mark && Written(offset)
        .SequenceEqual(mark);

    private readonly bool IsDot(int offset) => IsMark(offset, "."u8) || IsMark(offset, "?."u8);

    private readonly bool IsMember => IsDot(-1);

    private readonly bool IsCalled => IsMark(1, "("u8) || (IsMark(1, "?."u8) && IsMark(2, "("u8));

    private readonly bool IsCalledWithText => IsMark(1, "("u8) && Token(2).IsText;

    // In an object literal, a name before a colon is a key, not a value.
    private readonly bool IsKey => IsMark(1, ":"u8) && (IsMark(-1, "{"u8) || IsMark(-1, ","u8));

    private void Push(ScriptToken token)
    {
        Array.Copy(_window, 1, _window, 0, Around - 1);
        _window[^1] = token;
        ScriptToken looked = Token(0);
        string? found = looked.Kind == ScriptTokenKind.Name ? CheckName() : looked.IsText ? CheckText() : null;
        if (found is not null)
        {
            Report(looked.Line, found);
        }
    }

    private readonly void Report(int line, string what) =>
        _findings.Add(string.Create(CultureInfo.InvariantCulture, $"line {line}: {what}"));

    private string? CheckName()
    {
        ReadOnlySpan<byte> name = Written(0);
        if (name.SequenceEqual("eval"u8))
        {
            return (IsMember ? IsOfWindow() || IsCalled : !IsKey) ? "eval" : null;
        }

        if (name.SequenceEqual("Function"u8))
        {
            return (IsMember ? IsOfWindow() || IsCalled : !IsKey && !IsFunctionAsked()) ? "Function creates code from text" : null;
        }

        if (name.SequenceEqual("constructor"u8) && IsMember)
        {
            bool isOfFunction = IsName(-2, "prototype"u8) && IsDot(-3) && IsName(-4, "Function"u8);
            return isOfFunction || IsCalledWithText || (IsDot(1) && IsName(2, "constructor"u8))
                ? "the constructor of functions creates code from text"
                : null;
        }

        if (name.SequenceEqual("setTimeout"u8) || name.SequenceEqual("setInterval"u8) || name.SequenceEqual("setImmediate"u8))
        {
            return IsCalledWithText ? "a timer that creates code from text" : null;
        }

        if (name.SequenceEqual("execScript"u8))
        {
            return IsCalled ? "execScript" : null;
        }

        return CheckElement(name);
    }

    private string? CheckElement(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("createElement"u8) && IsCalledWithText && ScriptText.Same(Decoded(2), "script"u8))
        {
            return "an element for an inline script";
        }

        if (name.SequenceEqual("setAttribute"u8) && IsCalledWithText)
        {
            ReadOnlySpan<byte> attribute = Decoded(2);
            return attribute.Length > 3 && ScriptText.Same(attribute[..2], "on"u8) ? "an inline event handler" : null;
        }

        return null;
    }

    // Matches a member of the global object, such as window.eval, but not a member with the same name of another object.
    private readonly bool IsOfWindow() =>
        Token(-2).Kind == ScriptTokenKind.Name && !IsDot(-3)
        && (IsName(-2, "window"u8) || IsName(-2, "globalThis"u8) || IsName(-2, "self"u8) || IsName(-2, "top"u8) || IsName(-2, "parent"u8)
            || IsName(-2, "frames"u8) || IsName(-2, "global"u8));

    // Function.prototype and comparisons with Function, as libraries use them, are permitted.
    private readonly bool IsFunctionAsked() =>
        (IsDot(1) && IsName(2, "prototype"u8)) || IsName(-1, "instanceof"u8) || IsEquals(-1) || IsEquals(1);

    private readonly bool IsEquals(int offset) => IsMark(offset, "==="u8) || IsMark(offset, "=="u8) || IsMark(offset, "!=="u8)
        || IsMark(offset, "!="u8);

    private string? CheckText()
    {
        ReadOnlySpan<byte> text = Decoded(0);
        if (IsMark(-1, "["u8) && IsMark(1, "]"u8) && IsBehindValue(-2)
            && (text.SequenceEqual("eval"u8) || text.SequenceEqual("Function"u8) || text.SequenceEqual("constructor"u8)
                || text.SequenceEqual("execScript"u8)))
        {
            return "a member that creates code from text, accessed by a string";
        }

        return ScriptText.RunsAs(text);
    }

    // Returns whether square brackets after the token access a member. After a keyword such as return, they are an array.
    private readonly bool IsBehindValue(int offset) => Token(offset).Kind switch
    {
        ScriptTokenKind.None => false,
        ScriptTokenKind.Mark => IsMark(offset, ")"u8) || IsMark(offset, "]"u8) || IsMark(offset, "}"u8) || IsMark(offset, "?."u8),
        ScriptTokenKind.Name => ScriptWords.Behind(Written(offset)) == ScriptContext.Value || IsDot(offset - 1),
        _ => true,
    };

    private ReadOnlySpan<byte> Decoded(int offset)
    {
        ReadOnlySpan<byte> written = Written(offset);
        if (!written.Contains((byte)'\\'))
        {
            return written;
        }

        _room ??= new byte[_source.Length];
        return ScriptText.Decode(written, _room);
    }
}
