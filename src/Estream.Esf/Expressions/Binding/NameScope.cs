using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Internal;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Expressions.Binding;

/// <summary>Resolves names, in this order: a field of the message, a field of the second message, a value of an enum.</summary>
internal sealed class NameScope(EsfExpressionScope scope)
{
    /// <exception cref="SyntaxErrorException">The name is unknown.</exception>
    public Bound Find(PathNode path, EnumDefinition? wanted)
    {
        if (FieldOf(path) is { } field)
        {
            return new BoundField(ValueType.Of(field.Last.Type.Definition), field);
        }

        string first = path.Names[0].Text;
        if (path.Names.Count == 1 && wanted is not null)
        {
            int ordinal = wanted.Values.IndexOf(first);
            return ordinal >= 0
                ? BoundConstant.Of(wanted, ordinal)
                : throw new SyntaxErrorException(path.Position,
                    $"'{first}' is neither a field nor a value of "
                    + $"{wanted.Name}.{NearestName.Hint(first, wanted.Values.Concat(FieldNames))} Values: "
                    + $"{string.Join(", ", wanted.Values)}.");
        }

        if (path.Names.Count == 2 && EnumNamed(first) is { } definition)
        {
            string value = path.Names[1].Text;
            int ordinal = definition.Values.IndexOf(value);
            return ordinal >= 0
                ? BoundConstant.Of(definition, ordinal)
                : throw new SyntaxErrorException(path.Names[1].Position,
                    $"'{value}' is not a value of {first}.{NearestName.Hint(value, definition.Values)} Values: "
                    + $"{string.Join(", ", definition.Values)}.");
        }

        throw Unknown(path);
    }

    /// <summary>Returns the enum type of a subexpression if the type is known without binding; otherwise null. The other operand may name
    /// values of this enum without the enum's name.</summary>
    public EnumDefinition? EnumOf(Node node) => node switch
    {
        PathNode path when FieldOf(path) is { } field => field.Last.Type.Definition.Enumeration,
        PathNode { Names: [{ Text: { } name }, _] } => EnumNamed(name),
        BinaryNode { Operator: "??" } coalesce => EnumOf(coalesce.Left) ?? EnumOf(coalesce.Right),
        CallNode { Function: "if", Arguments: [_, { } then, { } otherwise] } => EnumOf(then) ?? EnumOf(otherwise),
        _ => null,
    };

    /// <summary>Returns the field of a path. Null if the first name is neither a field of the message nor the name of the second
    /// message.</summary>
    /// <exception cref="SyntaxErrorException">The path begins with a field or with the second message, but continues with a name that is
    /// not a field, or names the whole second message.</exception>
    private FieldPath? FieldOf(PathNode path)
    {
        if (scope.Schema.Plan.Find(path.Names[0]) is { } first)
        {
            return Follow(path, 0, first, scope.Schema, FieldPath.InMessage);
        }

        if (scope.Other is null || path.Names[0].Text != scope.OtherName)
        {
            return null;
        }

        if (path.Names.Count == 1)
        {
            throw new SyntaxErrorException(path.Position,
                $"'{scope.OtherName}' is a whole message of {scope.Other}: name a field of it, as in "
                + $"{scope.OtherName}.{scope.Other.Fields[0].Name}");
        }

        FieldPlan field = scope.Other.Plan.Find(path.Names[1]) ?? throw NoField(path.Names[1], scope.Other.ToString(), scope.Other.Plan);
        return Follow(path, 1, field, scope.Other, FieldPath.InOther);
    }

    private static FieldPath Follow(PathNode path, int at, FieldPlan first, EsfSchema schema, int source)
    {
        List<FieldPlan> steps = [first];
        for (int i = at + 1; i < path.Names.Count; i++)
        {
            FieldPlan parent = steps[^1];
            RecordPlan record = parent.Type.Record
                ?? throw new SyntaxErrorException(path.Names[i].Position,
                    $"'{parent.Path}' of {schema} is {ValueType.Of(parent.Type.Definition).InWords}, which has no fields");
            steps.Add(record.Find(path.Names[i]) ?? throw NoField(path.Names[i], $"'{parent.Path}' of {schema}", record));
        }

        return new FieldPath(source, [.. steps]);
    }

    private IEnumerable<string> FieldNames => scope.Schema.Fields.Select(known => known.Name);

    private IEnumerable<EnumDefinition> Enums =>
        EnumsOf(scope.Schema.Definition.Record).Concat(scope.Other is null ? [] : EnumsOf(scope.Other.Definition.Record));

    private EnumDefinition? EnumNamed(string name) => Enums.FirstOrDefault(definition => definition.Name == name);

    private static IEnumerable<EnumDefinition> EnumsOf(RecordDefinition record) => record.Fields.SelectMany(field => field.Type switch
    {
        { Enumeration: { } definition } => [definition],
        { Record: { } inner } => EnumsOf(inner),
        _ => Enumerable.Empty<EnumDefinition>(),
    });

    private SyntaxErrorException Unknown(PathNode path)
    {
        string name = path.Names[0].Text;
        if (Enums.FirstOrDefault(definition => definition.Values.Contains(name)) is { } definition)
        {
            return new SyntaxErrorException(path.Position,
                $"'{name}' is a value of {definition.Name}, but this enum cannot be inferred here: write {definition.Name}.{name}");
        }

        return NoField(path.Names[0], scope.Schema.ToString(), scope.Schema.Plan, scope.OtherName);
    }

    private static SyntaxErrorException NoField(Token name, string owner, RecordPlan record, string? otherName = null)
    {
        string[] fields = [.. record.Fields.Select(field => field.Definition.Name)];
        string hint = NearestName.Hint(name.Text, otherName is null ? fields : [.. fields, otherName]);
        string also = otherName is null ? "" : $"; after '{otherName}.' those of the second message";
        return new SyntaxErrorException(name.Position,
            $"'{name.Text}' is not a field of {owner}.{hint} Fields: {string.Join(", ", fields)}{also}.");
    }
}
