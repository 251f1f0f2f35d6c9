using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Expressions.Binding;

/// <summary>Binds function calls.</summary>
internal sealed class Functions(Binder binder, NameScope names)
{
    private const int MostArguments = 16;

    private static readonly string[] s_names = ["abs", "has", "if", "length", "max", "min", "newer", "startsWith"];

    public Bound Bind(CallNode call, EnumDefinition? wanted) => call.Function switch
    {
        "has" => Has(One(call)),
        "length" => Length(One(call)),
        "abs" => Abs(One(call)),
        "min" => Extreme(call, OpCode.MinInteger, OpCode.MinNumber),
        "max" => Extreme(call, OpCode.MaxInteger, OpCode.MaxNumber),
        "startsWith" => OfTexts(call, OpCode.StartsWith, "startsWith(text, beginning)"),
        "newer" => OfTexts(call, OpCode.Newer, "newer(version, than)"),
        "if" => If(call, wanted),
        _ => throw new SyntaxErrorException(call.Position,
            $"there is no function '{call.Function}'.{NearestName.Hint(call.Function, s_names)} Functions: {string.Join(", ", s_names)}."),
    };

    private static SyntaxErrorException WrongCount(CallNode call, string usage) =>
        new(call.Position,
            $"'{call.Function}' cannot be called with {call.Arguments.Count} {(call.Arguments.Count == 1 ? "argument" : "arguments")}: "
            + $"write {usage}");

    private static Node One(CallNode call) => call.Arguments.Count == 1 ? call.Arguments[0] : throw WrongCount(call, $"{call.Function}(x)");

    private BoundOperation Has(Node argument) => new(new ValueType(EsfValueKind.Boolean), OpCode.Has, [binder.Bind(argument)]);

    private BoundOperation Length(Node argument)
    {
        Bound bound = binder.Bind(argument);
        OpCode code = bound.Type.Kind switch
        {
            EsfValueKind.Text or EsfValueKind.Bytes => OpCode.LengthOfText,
            EsfValueKind.Sequence => OpCode.LengthOfSequence,
            _ => throw new SyntaxErrorException(argument.Position,
                $"'length' takes a text, bytes, an array or a map, but this is {bound.Type.InWords}"),
        };
        return new BoundOperation(new ValueType(EsfValueKind.Integer), code, [bound]);
    }

    private BoundOperation Abs(Node argument)
    {
        Bound bound = binder.Numeric(argument, "'abs'");
        return new BoundOperation(bound.Type, bound.Type.Kind == EsfValueKind.Integer ? OpCode.AbsInteger : OpCode.AbsNumber, [bound]);
    }

    private Bound Extreme(CallNode call, OpCode ofIntegers, OpCode ofNumbers)
    {
        if (call.Arguments.Count is < 2 or > MostArguments)
        {
            throw WrongCount(call, $"{call.Function}(a, b), with 2 to {MostArguments} arguments");
        }

        Bound[] all = [.. call.Arguments.Select(argument => binder.Numeric(argument, $"'{call.Function}'"))];
        bool areIntegers = all.All(bound => bound.Type.Kind == EsfValueKind.Integer);
        return areIntegers
            ? all.Aggregate((a, b) => new BoundOperation(a.Type, ofIntegers, [a, b]))
            : all.Select(Binder.AsNumber).Aggregate((a, b) => new BoundOperation(a.Type, ofNumbers, [a, b]));
    }

    private BoundOperation OfTexts(CallNode call, OpCode code, string usage)
    {
        if (call.Arguments.Count != 2)
        {
            throw WrongCount(call, usage);
        }

        Bound[] operands = [.. call.Arguments.Select(argument => Text(argument, call.Function))];
        return new BoundOperation(new ValueType(EsfValueKind.Boolean), code, operands);
    }

    private Bound Text(Node argument, string function)
    {
        Bound bound = binder.Bind(argument);
        return bound.Type.Kind == EsfValueKind.Text
            ? bound
            : throw new SyntaxErrorException(argument.Position, $"'{function}' takes texts, but this is {bound.Type.InWords}");
    }

    private BoundConditional If(CallNode call, EnumDefinition? wanted)
    {
        if (call.Arguments.Count != 3)
        {
            throw WrongCount(call, "if(condition, this, that)");
        }

        Bound condition = binder.Condition(call.Arguments[0], "'if'");
        (Bound then, Bound otherwise) =
            binder.Alike(call.Arguments[1], call.Arguments[2], call.Arguments[2].Position, wanted ?? names.EnumOf(call));
        return new BoundConditional(condition, then, otherwise);
    }
}
