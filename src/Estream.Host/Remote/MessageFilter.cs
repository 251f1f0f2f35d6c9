using Estream.Client;
using Estream.Esf;
using Estream.Esf.Expressions;

namespace Estream.Host.Remote;

/// <summary>Selects messages by schema and expression. Used by one thread.</summary>
internal sealed class MessageFilter
{
    private readonly EsfSchema? _schema;
    private readonly EsfExpression? _expression;

    private MessageFilter(EsfSchema? schema, EsfExpression? expression) => (_schema, _expression) = (schema, expression);

    /// <summary>A filter that every message passes.</summary>
    public static MessageFilter None { get; } = new(null, null);

    /// <summary>Whether every message passes.</summary>
    public bool SelectsAll => _schema is null;

    /// <param name="schemas">The schemas of the host.</param>
    /// <param name="schema">The qualified name of a schema; empty for all messages.</param>
    /// <param name="expression">An expression over its fields; empty for none.</param>
    /// <exception cref="RemoteRefusalException">The schema does not exist, or the expression is not valid.</exception>
    public static MessageFilter Create(EsfSchemaSet schemas, string schema, string expression)
    {
        if (schema.Length == 0)
        {
            return expression.Length == 0
                ? None
                : throw new RemoteRefusalException(ClientStatus.Invalid, "A filter needs the schema whose fields it names.");
        }

        if (!schemas.TryGet(schema, out EsfSchema? known))
        {
            throw new RemoteRefusalException(ClientStatus.NotFound, $"The host has no schema '{schema}'. Add it to Estream:Schemas.");
        }

        try
        {
            EsfExpression? compiled = expression.Length == 0 ? null : EsfExpression.Compile(expression, known);
            return compiled is null or { Kind: EsfValueKind.Boolean }
                ? new MessageFilter(known, compiled)
                : throw new RemoteRefusalException(ClientStatus.Invalid,
                    "The filter is not a condition. Compare a field, as in price > 100.");
        }
        catch (EsfExpressionException wrong)
        {
            throw new RemoteRefusalException(ClientStatus.Invalid, $"The filter is not valid: {wrong.Message}");
        }
    }

    /// <summary>Whether the schema is the one of the filter. Reads no field.</summary>
    public bool MatchesSchema(ReadOnlySpan<byte> message) => _schema is null || _schema.Matches(message);

    /// <summary>Whether the fields of a message that <see cref="MatchesSchema"/> satisfy the expression.</summary>
    public bool MatchesFields(ReadOnlySpan<byte> message) => _expression is null || _expression.IsTrue(message);
}
