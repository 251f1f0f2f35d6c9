using Estream.Esf.Expressions.Syntax;

namespace Estream.Esf.Expressions;

/// <summary>
/// The messages an expression is about: one whose fields are named as they are, and one more at most, whose fields are named
/// behind a name for it (<c>limit.high</c>). Immutable.
/// </summary>
public sealed class EsfExpressionScope
{
    /// <summary>An expression over messages of one schema.</summary>
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

    /// <summary>What the second message is called; <see langword="null"/> where there is none.</summary>
    public string? OtherName { get; }

    /// <summary>The schema of the second message.</summary>
    public EsfSchema? Other { get; }

    /// <summary>The same with a second message.</summary>
    /// <param name="name">What its fields are named behind: a letter, then letters, digits and underscores.</param>
    /// <param name="other">Its schema.</param>
    /// <exception cref="ArgumentException">The name is not of that form, is a word of the language, or a field of the first message has
    /// it.</exception>
    public EsfExpressionScope With(string name, EsfSchema other)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(other);
        if (!Lexer.IsName(name))
        {
            throw new ArgumentException(
                $"'{name}' cannot name a message: a name is a letter and then letters, digits and underscores, and no word of the "
                + "language.", nameof(name));
        }

        return Schema.TryGetField(name, out _)
            ? throw new ArgumentException(
                $"'{name}' cannot name the second message, because {Schema} has a field of that name: choose another.", nameof(name))
            : new EsfExpressionScope(Schema, name, other);
    }
}
