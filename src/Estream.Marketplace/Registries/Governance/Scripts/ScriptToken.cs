using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>What kind of token.</summary>
internal enum ScriptTokenKind : byte
{
    /// <summary>None: before the first, or behind the last.</summary>
    None,

    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A name behind <c>#</c>.</summary>
    PrivateName,

    /// <summary>A number.</summary>
    Number,

    /// <summary>What stands in quotes.</summary>
    Text,

    /// <summary>A template without substitutions.</summary>
    Template,

    /// <summary>A part of a template that has substitutions.</summary>
    TemplatePart,

    /// <summary>A regular expression.</summary>
    Regex,

    /// <summary>Punctuation.</summary>
    Mark,
}

/// <summary>A token of a script. What stands in quotes is without them, and as it is written.</summary>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, int Start, int Length, int Line)
{
    public bool IsText => Kind is ScriptTokenKind.Text or ScriptTokenKind.Template or ScriptTokenKind.TemplatePart;
}
