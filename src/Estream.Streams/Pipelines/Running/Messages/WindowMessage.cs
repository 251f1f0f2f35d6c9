using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The parts of a window's result that a field can receive.</summary>
internal enum WindowPart
{
    Key,
    Start,
    End,
    Revision,
    Count,
    Aggregate,
}

/// <summary>A field of the message of a window's result.</summary>
/// <param name="Field">The field.</param>
/// <param name="Part">The part of the result that the field receives.</param>
/// <param name="Aggregate">The index of the aggregate.</param>
internal sealed record WindowField(EsfField Field, WindowPart Part, int Aggregate = 0);

/// <summary>Creates the message of a window's result.</summary>
/// <param name="target">The schema of the message.</param>
/// <param name="fields">The fields to set.</param>
/// <param name="aggregates">The aggregates of the window.</param>
/// <param name="isNumberKey">True if keys are numbers.</param>
/// <param name="saysWhich">True if a description of a failed result may identify the result.</param>
/// <param name="maxLength">The maximum length of a message in bytes.</param>
internal sealed class WindowMessage(EsfSchema target, IReadOnlyList<WindowField> fields, IReadOnlyList<Aggregate> aggregates,
    bool isNumberKey, bool saysWhich, int maxLength)
    : MessageMaker<WindowResult<Utf8Key64, WindowState>>(maxLength, space: null)
{
    private readonly WindowField[] _fields = [.. fields];
    private readonly string[] _reasons =
        [.. fields.Select(field =>
            $"the value for '{field.Field.Name}' of {target} does not fit in the field, or in the pipeline's max_bytes")];
    private readonly Aggregate[] _aggregates = [.. aggregates];

    public override FailedResult DescribeFailure(scoped in WindowResult<Utf8Key64, WindowState> item, string reason) => saysWhich
        ? new FailedResult(
            string.Create(CultureInfo.InvariantCulture,
                $"the result of the window of '{item.Key}' that ends at {item.End} ns cannot be made: {reason}"), item.End)
        : new FailedResult($"the result of a window cannot be made: {reason}", 0);

    protected override int Write(scoped in WindowResult<Utf8Key64, WindowState> item, Span<byte> place)
    {
        EsfMessageBuilder builder = EsfMessageBuilder.Begin(target, place);
        for (int i = 0; i < _fields.Length; i++)
        {
            if (!TrySet(ref builder, _fields[i], in item))
            {
                LastFailure = DescribeFailure(in item, _reasons[i]);
                return 0;
            }
        }

        _ = builder.TryFinish(out ReadOnlySpan<byte> message);
        return message.Length;
    }

    private bool TrySet(ref EsfMessageBuilder builder, WindowField field, scoped in WindowResult<Utf8Key64, WindowState> result)
    {
        Utf8Key64 key = result.Key;
        return field.Part switch
        {
            WindowPart.Key when isNumberKey =>
                Int128.TryParse(key.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 number)
                    && builder.TrySet(field.Field, number),
            WindowPart.Key => builder.TrySet(field.Field, key.Span),
            WindowPart.Start => builder.TrySet(field.Field, (Int128)result.Start),
            WindowPart.End => builder.TrySet(field.Field, (Int128)result.End),
            WindowPart.Revision => builder.TrySet(field.Field, (Int128)result.Revision),
            WindowPart.Count => builder.TrySet(field.Field, (Int128)result.State.Count),
            _ => TrySetAggregate(ref builder, field, result.State),
        };
    }

    private bool TrySetAggregate(ref EsfMessageBuilder builder, WindowField field, in WindowState state)
    {
        Aggregate aggregate = _aggregates[field.Aggregate];
        double number = aggregate.IsInteger ? (double)state.Whole(field.Aggregate) : state.Number(field.Aggregate);
        return aggregate.Fold == Fold.Mean ? builder.TrySet(field.Field, number / state.Count)
            : aggregate.IsInteger ? builder.TrySet(field.Field, state.Whole(field.Aggregate))
            : builder.TrySet(field.Field, number);
    }
}
