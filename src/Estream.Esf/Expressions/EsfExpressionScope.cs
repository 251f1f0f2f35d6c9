using Estream.Esf.Expressions.Syntax;

namespace Estream.Esf.Expressions;

/// <summary>
/// The messages of an expression: one message whose fields are used by name, and optionally a second message whose fields are qualified
/// with its name (<c>limit.high</c>). Immutable.
/// </summary>
public sealed class EsfExpressionScope
{
    /// <summary>Creates a scope with messages of one schema.</summary>
    public EsfExpressionScope(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Schema = schema;
    }

    private EsfExpressionScope(EsfSchema schema, string otherName, EsfSchema other)
        : this(schema)
    {
        OtherName = otherName;
        Other = other;
    }

    /// <summary>The schema of the message.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The name of the second message; <see langword="null"/> if there is none.</summary>
    public string? OtherName { get; }

    /// <summary>The schema of the second message; <see langword="null"/> if there is none.</summary>
    public EsfSchema? Other { get; }

    /// <summary>Returns this scope with a second message.</summary>
    /// <param name="name">The name that qualifies its fields: a letter, then letters, digits and underscores.</param>
    /// <param name="other">The schema of the second message.</param>
    /// <exception cref="ArgumentException">The name has another form, is a keyword of the language, or is the name of a field of the first
    /// message.</exception>
    public EsfExpressionScope With(string name, EsfSchema other)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(other);
        if (!Lexer.IsName(name))
        {
            throw new ArgumentException(
                $"'{name}' cannot be the name of a message: use a letter followed by letters, digits or underscores, and no keyword of "
                + "the language.", nameof(name));
        }

        return Schema.TryGetField(name, out _)
            ? throw new ArgumentException(
                $"'{name}' cannot name the second message, because {Schema} has a field with this name. Choose another.", nameof(name))
            : new EsfExpressionScope(Schema, name, other);
    }
}
