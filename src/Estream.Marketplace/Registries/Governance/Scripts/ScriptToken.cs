using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>The kind of a token.</summary>
internal enum ScriptTokenKind : byte
{
    /// <summary>No token: before the first or after the last.</summary>
    None,

    /// <summary>An identifier or a keyword.</summary>
    Name,

    /// <summary>A private name, which follows <c>#</c>.</summary>
    PrivateName,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string literal in quotes.</summary>
    Text,

    /// <summary>A template without substitutions.</summary>
    Template,

    /// <summary>A part of a template with substitutions.</summary>
    TemplatePart,

    /// <summary>A regular expression.</summary>
    Regex,

    /// <summary>Punctuation.</summary>
    Mark,
}

/// <summary>A token of a script. String literals are without quotes and not decoded.</summary>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, int Start, int Length, int Line)
{
    public bool IsText => Kind is ScriptTokenKind.Text or ScriptTokenKind.Template or ScriptTokenKind.TemplatePart;
}
