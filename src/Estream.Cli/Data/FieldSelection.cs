using Estream.Esf;
using Estream.Esf.Expressions;

namespace Estream.Cli.Data;

/// <summary>Selects messages by --type and --where. Not thread-safe.</summary>
internal sealed class FieldSelection
{
    private readonly SchemaCatalog _schemas;
    private readonly EsfSchema? _type;
    private readonly string? _where;
    private readonly Dictionary<ulong, EsfExpression?> _compiled = [];

    private FieldSelection(SchemaCatalog schemas, EsfSchema? type, string? where) => (_schemas, _type, _where) = (schemas, type, where);

    /// <returns>The selection, or <see langword="null"/> if neither option is given.</returns>
    /// <exception cref="CliException">The schema is unknown, or the expression is not a condition over the fields of a schema.</exception>
    public static FieldSelection? Of(SchemaCatalog schemas, string? type, string? where)
    {
        if (type is null && where is null)
        {
            return null;
        }

        EsfSchema? schema = type is null ? null : Commands.SchemaCommand.Find(schemas.Known, type);
        FieldSelection selection = new(schemas, schema, where);
        EsfSchema[] candidates = schema is null ? [.. schemas.All] : [schema];
        string? reason = null;
        return where is null || Array.Exists(candidates, candidate => selection.Compile(candidate, ref reason) is not null)
            ? selection
            : throw new CliException(schema is null
                ? $"--where '{where}' is not a condition over the fields of any known schema. Name the schema with --type to see why."
                : $"--where '{where}': {reason}");
    }

    public bool Matches(ReadOnlySpan<byte> message)
    {
        if (!_schemas.TryGet(message, out EsfSchema? schema) || (_type is not null && !_type.Matches(message)))
        {
            return false;
        }

        string? reason = null;
        return _where is null || (Compile(schema, ref reason) is { } condition && condition.IsTrue(message));
    }

    // Null if the schema lacks a field of the expression.
    private EsfExpression? Compile(EsfSchema schema, ref string? reason)
    {
        if (_compiled.TryGetValue(schema.Id, out EsfExpression? known))
        {
            return known;
        }

        EsfExpression? condition = null;
        try
        {
            EsfExpression compiled = EsfExpression.Compile(_where!, schema);
            condition = compiled.Kind == EsfValueKind.Boolean ? compiled : null;
            reason ??= condition is null ? "this is not a condition. Compare a field, as in value > 100." : null;
        }
        catch (EsfExpressionException wrong)
        {
            reason ??= wrong.Message;
        }

        _compiled.Add(schema.Id, condition);
        return condition;
    }
}
