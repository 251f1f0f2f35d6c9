using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>The kind of a bracket, as far as the kind decides how a slash after the closing bracket is read.</summary>
internal enum ScriptBracket : byte
{
    /// <summary>Parentheses of a call, of parameters, or around an expression.</summary>
    Parentheses,

    /// <summary>Parentheses after <c>if</c>, <c>for</c>, <c>while</c> and <c>with</c>: a statement follows.</summary>
    Condition,

    /// <summary>Parentheses after <c>switch</c> and <c>catch</c>: a block follows.</summary>
    Head,

    /// <summary>Square brackets.</summary>
    Square,

    /// <summary>Braces of a block: a statement follows.</summary>
    Block,

    /// <summary>Braces of an object literal: an operator follows.</summary>
    Object,

    /// <summary>Braces of a block or of an object literal; undecided.</summary>
    Unsure,

    /// <summary>Braces of a template substitution: the template continues after them.</summary>
    Substitution,
}

/// <summary>The stack of open brackets.</summary>
internal sealed class ScriptNesting
{
    /// <summary>The maximum depth.</summary>
    public const int MaxDepth = 4_096;

    private readonly ScriptBracket[] _open = new ScriptBracket[MaxDepth];
    private int _depth;

    public bool IsEmpty => _depth == 0;

    public ScriptBracket Innermost => _open[_depth - 1];

    public bool TryPush(ScriptBracket bracket)
    {
        if (_depth == MaxDepth)
        {
            return false;
        }

        _open[_depth++] = bracket;
        return true;
    }

    /// <summary>Closes the innermost bracket if its kind is in a range.</summary>
    public bool TryPop(ScriptBracket first, ScriptBracket last, out ScriptBracket bracket)
    {
        bracket = default;
        if (_depth == 0 || Innermost < first || Innermost > last)
        {
            return false;
        }

        bracket = _open[--_depth];
        return true;
    }
}
