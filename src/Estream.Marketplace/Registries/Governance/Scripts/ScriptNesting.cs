using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>What a bracket is, as far as it says how a slash behind its end is read.</summary>
internal enum ScriptBracket : byte
{
    /// <summary>Parentheses of a call, of parameters, or around a value.</summary>
    Parentheses,

    /// <summary>Those behind <c>if</c>, <c>for</c>, <c>while</c> and <c>with</c>: a statement follows.</summary>
    Condition,

    /// <summary>Those behind <c>switch</c> and <c>catch</c>: a block follows.</summary>
    Head,

    /// <summary>Square brackets.</summary>
    Square,

    /// <summary>Braces of a block: a statement follows.</summary>
    Block,

    /// <summary>Braces of an object: an operator follows.</summary>
    Object,

    /// <summary>Braces that may be of either.</summary>
    Unsure,

    /// <summary>Those of a substitution, behind which the template goes on.</summary>
    Substitution,
}

/// <summary>The brackets that are open.</summary>
internal sealed class ScriptNesting
{
    /// <summary>How deep they may be.</summary>
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

    /// <summary>Closes the innermost, if it is one of these.</summary>
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
